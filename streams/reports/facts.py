"""A month as it is known now: by its statement and amendments if it is closed, else as the ledger has it so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS
from streams.clickhouse.inlined_views import Whole
from streams.core.errors import Code, ZectoError
from streams.months.as_of import frontier_ms
from streams.months.month import MonthSummary, read_month_in
from streams.reports.model import StatementStatus
from streams.reports.uptime import ReportFacts
from streams.rules.incidents import Incident
from streams.rules.policy import PolicyChoice
from streams.statements.closed_months import ClosedMonthReader, StatedMonth, StatementReader, replay, replay_month
from streams.statements.document_store import StoredDocument
from streams.statements.packed_columns import STATES

_STATES_SQL: Final = """
SELECT state FROM verdicts(month = {month:String}, policy = {policy:String}) ORDER BY service, minute
"""
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class _OneGiven:
    """Closed months as they stand, but for the one that is told of: that is as it is given."""

    given: StatedMonth
    name: str
    statements: StatementReader

    def stated(self, month: str, policy: str) -> StatedMonth | None:
        return self.given if month == self.name else self.statements.stated(month, policy)


def read_facts(client: Client, choice: PolicyChoice, statements: StatementReader) -> ReportFacts:
    """The month under a policy.

    Raises:
        ZectoError: nothing is known of it, or it changes while it is read.
    """
    kept = statements.documents(choice.span.month, choice.policy.policy_id)
    if kept:
        return _closed(choice, kept, statements)
    return _so_far(client, choice, statements)


def _closed(choice: PolicyChoice, kept: Sequence[StoredDocument], statements: StatementReader) -> ReportFacts:
    summary, stated = replay_month([one.document for one in kept]), replay([one.document for one in kept])
    last = kept[-1]
    return ReportFacts(
        choice=choice,
        summary=summary,
        states=stated.states,
        incidents=_incidents(choice, stated, statements),
        statement_status=StatementStatus(number=last.number, cut=last.cut, sha256=last.sha256, because=()),
        as_of_ms=_last_word_ms(choice),
    )


def _so_far(client: Client, choice: PolicyChoice, statements: StatementReader) -> ReportFacts:
    span = choice.span
    seen_ms = frontier_ms(client)
    if seen_ms <= 0:
        raise ZectoError("not every topic is read yet", hint="run zecto-sla drain", code=Code.NOT_ALL_READ)
    summary, states = _agreeing(client, choice)
    if is_empty(summary) or seen_ms <= span.start_ms:
        raise ZectoError(f"nothing is known of {span.month}: no record of it was read", code=Code.NOTHING_KNOWN)
    as_of_ms = min(seen_ms // MINUTE_MS * MINUTE_MS, _last_word_ms(choice))
    stated = StatedMonth(number=0, first_ms=span.start_ms, states=states, percents=_percents(summary))
    return ReportFacts(
        choice=choice,
        summary=summary,
        states=states,
        incidents=_incidents(choice, stated, statements),
        statement_status=StatementStatus(number=None, cut="", sha256="", because=because(choice, summary, as_of_ms)),
        as_of_ms=as_of_ms,
    )


def _last_word_ms(choice: PolicyChoice) -> int:
    """Up to when a month is reported, at most: whoever reports it later says the same of what is open."""
    return choice.span.end_ms + choice.policy.receipt_wait_ms


def _agreeing(client: Client, choice: PolicyChoice) -> tuple[MonthSummary, Mapping[Service, Sequence[int]]]:
    """The numbers and the states of one and the same month: what is counted between the two questions asks again."""
    policy, in_force, span = choice
    for _ in range(_TRIES):
        whole = Whole(client, {"month": span.month, "policy": policy.policy_id})
        summary = read_month_in(
            whole, month=span.month, policy_id=policy.policy_id, zone=policy.zone, in_force=in_force
        )
        (column,) = whole.columns(_STATES_SQL)
        places, total = {state: place for place, state in enumerate(STATES)}, span.total_minutes
        numbered = [places[str(state)] for state in column]
        states = {service: numbered[place * total : (place + 1) * total] for place, service in enumerate(SERVICES)}
        if all(_agrees(summary, service, states[service]) for service in SERVICES):
            return summary, states
    raise ZectoError(
        f"{span.month} changes while it is read", hint="run zecto-sla drain first", code=Code.MONTH_CHANGES
    )


def _agrees(summary: MonthSummary, service: Service, states: Sequence[int]) -> bool:
    numbers = summary.services[service]
    counted = (states.count(STATES.index(state)) for state in ("good", "down", "idle", "blind", "pending"))
    return tuple(counted) == (
        numbers.good_minutes,
        numbers.down_minutes,
        numbers.idle_minutes,
        numbers.blind_minutes,
        numbers.pending_minutes,
    )


def is_empty(summary: MonthSummary) -> bool:
    """Whether no minute of any service was anything but idle, or not over."""
    return all(one.idle_minutes + one.pending_minutes == one.total_minutes for one in summary.services.values())


def because(choice: PolicyChoice, summary: MonthSummary, as_of_ms: int) -> list[str]:
    """Why the numbers may still change, for a reader who knows nothing of partitions."""
    end_ms = choice.span.end_ms
    if as_of_ms < end_ms:
        return ["the month is not over"]
    if as_of_ms < _last_word_ms(choice):
        return ["final delivery receipts may still come (C3)"]
    if not summary.complete:
        return ["records of the month are still to be read (B5)"]
    return ["the month is complete and has no statement yet"]


def _percents(summary: MonthSummary) -> Mapping[Service, int]:
    return {service: summary.services[service].credit_percent for service in SERVICES}


def _incidents(
    choice: PolicyChoice, here: StatedMonth, statements: StatementReader
) -> Mapping[Service, Sequence[Incident]]:
    """Incidents with a minute in the month, found as claims are held against them (K1, M2)."""
    month = ClosedMonthReader(_OneGiven(here, choice.span.month, statements)).month(choice)
    return {service: month.services[service].incidents for service in SERVICES}
