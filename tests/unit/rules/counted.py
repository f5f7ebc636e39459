"""Records as they are counted, good in every way but for what a test changes."""

from typing import Any

from schemas.carrier_receipt import State
from streams.rules.classify import Outcome
from streams.rules.ordering import CountedReceipt, CountedRequest

_OUTCOMES = {"delivered": Outcome.OK, "accepted": Outcome.ACCEPTED, "enroute": Outcome.ENROUTE}


def a_request(revision: int = 0, outcome: Outcome = Outcome.OK, **changes: Any) -> CountedRequest:  # noqa: ANN401
    """A request in scope."""
    good = CountedRequest(
        content=0,
        revision=revision,
        time_ms=0,
        account_id="x",
        status=200,
        error="",
        stage="ga",
        plan="paid",
        source="",
        outcome=outcome,
    )
    return good._replace(**changes)


def a_receipt(state: State, time_ms: int = 0, **changes: Any) -> CountedReceipt:  # noqa: ANN401  any field
    """A receipt in scope, of a message submitted at 0, that says so many milliseconds later what state it is in.

    A failure is the recipient's.
    """
    good = CountedReceipt(
        content=0,
        submitted_at_ms=0,
        time_ms=time_ms,
        resolution_us=1000,
        state=state,
        code_system="",
        code="",
        stage="ga",
        plan="paid",
        source="",
        outcome=_OUTCOMES.get(state, Outcome.RECIPIENT),
    )
    return good._replace(**changes)
