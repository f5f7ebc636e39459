"""`zecto-sla credits` and `claims`: what a missed month brings whom, who asked for it, and what was answered."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.printing import print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.core.settings import Settings
    from streams.credits.build import CreditParts
    from streams.credits.views import ClaimView, CreditMonth

_FLAG = Parameter(negative=())


def register(app: App) -> None:
    """Add `credits` and `claims`."""
    app.command(credits_, name="credits", group="Credits")
    claims = App(name="claims", help="List, show and decide claims for credit (§5.3, §5.4).", group="Credits")
    for command, name in ((list_, "list"), (show, "show"), (decide, "decide"), (overdue, "overdue")):
        claims.command(command, name=name)
    app.command(claims)


def credits_(month: str, /, *, account: str | None = None, json: Annotated[bool, _FLAG] = False) -> None:
    """Show a closed month's credits: decided, due and not decided yet, and unclaimed with the last day to claim.

    Changes nothing: zecto-sla claims decide publishes what is due. Unclaimed is what an account would get if it claimed
    now (M3, M4, K2), so that support can say so while there is time to claim.

    .. code-block:: console

        $ zecto-sla credits 2026-09
        $ zecto-sla credits 2026-09 --json | jq '.accounts[] | select(.unclaimed != [])'

    Args:
        month: YYYY-MM, in the policy's zone.
        account: Only this account.
        json: Print everything as one JSON object; money is text.
    """
    from streams.core.console import TextConsole
    from streams.credits.render import print_credits

    views = _credits(month, account)
    if json:
        print_json(views)
    else:
        print_credits(TextConsole(), views)


def list_(*, account: str | None = None, month: str | None = None, json: Annotated[bool, _FLAG] = False) -> None:
    """List claims in the order of submission, each as it is judged now.

    .. code-block:: console

        $ zecto-sla claims list
        $ zecto-sla claims list --account acme --month 2026-09 --json

    Args:
        account: Only this account's.
        month: Only those that touch this month, YYYY-MM.
        json: Print them as a JSON list.
    """
    from streams.cli.choices import check_month

    check_month(month)
    views = [
        claim
        for claim in _claims()
        if account in (None, claim.account_id) and (month is None or any(one.month == month for one in claim.months))
    ]
    _print_claims(views, json=json, none="no claim")


def show(claim_id: str, /, *, json: Annotated[bool, _FLAG] = False) -> None:
    """Show one claim: every month that it touches, how it is judged and why, what was answered.

    .. code-block:: console

        $ zecto-sla claims show c-4711

    Args:
        claim_id: The claim.
        json: Print it as one JSON object.
    """
    from streams.core.console import TextConsole
    from streams.core.errors import Code, ZectoError
    from streams.credits.render import print_claim

    found = next((claim for claim in _claims() if claim.claim_id == claim_id), None)
    if found is None:
        raise ZectoError(f"no claim {claim_id}", hint="zecto-sla claims list has them all", code=Code.CLAIM_MISSING)
    if json:
        print_json(found)
    else:
        print_claim(TextConsole(), found)


def overdue(*, json: Annotated[bool, _FLAG] = False) -> None:
    """List claims that were not answered within the business days that the policy gives for it (K3).

    Exit 0 if there is none, 1 otherwise.

    .. code-block:: console

        $ zecto-sla claims overdue

    Args:
        json: Print them as a JSON list.
    """
    from streams.core.errors import Code, ZectoError

    views = [claim for claim in _claims() if claim.overdue]
    _print_claims(views, json=json, none="no answer is overdue")
    if views:
        raise ZectoError(
            f"{len(views):,} claims wait for their answer longer than they should", code=Code.CLAIMS_OVERDUE
        )


def decide(month: str | None = None, /, *, json: Annotated[bool, _FLAG] = False) -> None:
    """Judge the claims of a month and publish its credits to sla.credits, each at most once.

    Run it again as often as you like, on as many machines: what stands never changes, and what is not right any more is
    corrected by a decision of its own (K4). A month that is not closed only has its claims told that they wait.

    .. code-block:: console

        $ zecto-sla claims decide
        $ zecto-sla claims decide 2026-09 --json

    Args:
        month: YYYY-MM; default: every month that a claim touches.
        json: Print the decisions that this call added, as a JSON list.
    """
    import os

    from streams.cli.choices import check_month
    from streams.core import failpoints
    from streams.core.clock import now_ms
    from streams.core.console import TextConsole
    from streams.core.settings import Settings
    from streams.credits.issue import CreditIssuer, to_record
    from streams.credits.render import print_decisions

    check_month(month)
    failpoints.arm(os.environ)
    with _open_credits(Settings()) as parts:
        issuer = CreditIssuer(adjudicator=parts.adjudicator, log=parts.log, decisions=parts.decisions, now_ms=now_ms)
        decided = [issuer.decide(one) for one in ([month] if month is not None else parts.adjudicator.months_claimed())]
    added = [to_record(logged.decision, logged.policy) for one in decided for logged in one.added]
    if json:
        print_json(added)
    else:
        print_decisions(TextConsole(), added)


def _credits(month: str, account: str | None) -> "CreditMonth":
    from collections import defaultdict

    from streams.cli.choices import check_month
    from streams.core.clock import now_ms
    from streams.core.settings import Settings
    from streams.credits.adjudicate import and_others
    from streams.credits.issue import Logged
    from streams.credits.views import CreditMonth, credits_of

    check_month(month)
    settings, now = Settings(), now_ms()
    with _open_credits(settings) as parts:
        adjudicator, effective = parts.adjudicator, parts.log.read_on()
        decided: defaultdict[str, list[Logged]] = defaultdict(list)
        for subject, series in effective.items():
            if subject.month == month:
                decided[subject.account_id] += series
        accounts = [one for one in sorted({*adjudicator.accounts, *decided}) if account in (None, one)]
        views = [credits_of(adjudicator.account(one, month, now_ms=now), decided[one]) for one in accounts]
        unjudged = adjudicator.unjudged(month)
    if unjudged and account is None:
        print_line(f"not judged: {and_others(unjudged)}", stderr=True)
    return CreditMonth(month=month, accounts=[one for one in views if one])


def _claims() -> "list[ClaimView]":
    from streams.core.clock import now_ms
    from streams.core.settings import Settings
    from streams.credits.views import ClaimViews

    with _open_credits(Settings()) as parts:
        answers = parts.decisions.answers()
        return ClaimViews(parts.adjudicator, answers, now_ms=now_ms()).views(parts.adjudicator.claims)


@contextmanager
def _open_credits(settings: "Settings") -> "Iterator[CreditParts]":
    from streams.cli.choices import known_policies
    from streams.core.console import status
    from streams.credits.build import open_credits

    with (
        status("reading") as on_status,
        open_credits(settings, known_policies(), on_status) as parts,
    ):
        yield parts


def _print_claims(views: "Sequence[ClaimView]", *, json: bool, none: str) -> None:
    from streams.core.console import TextConsole
    from streams.credits.render import print_claims

    if json:
        print_json(views)
    elif views:
        print_claims(TextConsole(), views)
    else:
        print_line(none, stderr=True)
