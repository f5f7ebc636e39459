"""A month as it is known now: by its statement and amendments if it is closed, else as it is judged so far."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from clickhouse_connect.driver.client import Client

from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS
from streams.core.errors import Code, ZectoError
from streams.judge import judge_month
from streams.months.as_of import frontier_ms
from streams.months.month import MonthSummary, summary_of
from streams.reports.model import StatementStatus
from streams.reports.uptime import ReportFacts
from streams.rules.amounts_due import CreditBasis
from streams.rules.calendar import month_of
from streams.rules.incidents import Incident, incidents_of
from streams.rules.policy import PolicyChoice, apply_policy
from streams.statements.closed_months import StatedMonth, StatementReader, replay, replay_month
from streams.statements.content import minutes_of
from streams.statements.document_store import StoredDocument
from streams.statements.packed_columns import COLUMNS

_STATE = COLUMNS.index("state")


class MonthsOfCredits(Protocol):
    """Months as credits are decided by (streams.credits.basis)."""

    def basis(self, choice: PolicyChoice) -> CreditBasis: ...  # noqa: D102


def read_facts(
    client: Client, choice: PolicyChoice, statements: StatementReader, months: MonthsOfCredits
) -> ReportFacts:
    """The month under a policy; `months` tell what goes on beyond its borders (K1).

    Raises:
        ZectoError: nothing is known of it.
    """
    kept = statements.documents(choice.span.month, choice.policy.policy_id)
    if kept:
        return _closed(choice, kept, months)
    return _so_far(client, choice, months)


def _closed(choice: PolicyChoice, kept: Sequence[StoredDocument], months: MonthsOfCredits) -> ReportFacts:
    documents, last = [one.document for one in kept], kept[-1]
    stated = replay(documents)
    return ReportFacts(
        choice=choice,
        summary=replay_month(documents),
        states=stated.states,
        incidents=_incidents(choice, stated, months),
        statement_status=StatementStatus(number=last.number, cut=last.cut, sha256=last.sha256, because=()),
        as_of_ms=_last_word_ms(choice),
    )


def _so_far(client: Client, choice: PolicyChoice, months: MonthsOfCredits) -> ReportFacts:
    span = choice.span
    seen_ms = frontier_ms(client)
    if seen_ms <= 0:
        raise ZectoError("not every topic is read yet", hint="run zecto-sla drain", code=Code.NOT_ALL_READ)
    judged = judge_month(client, choice)
    summary = summary_of(judged)
    if is_empty(summary) or seen_ms <= span.start_ms:
        raise ZectoError(f"nothing is known of {span.month}: no record of it was read", code=Code.NOTHING_KNOWN)
    as_of_ms = min(seen_ms // MINUTE_MS * MINUTE_MS, _last_word_ms(choice))
    states = {name: columns[_STATE] for name, columns in minutes_of(judged).items()}
    stated = StatedMonth(number=0, first_ms=span.start_ms, states=states, percents={})
    return ReportFacts(
        choice=choice,
        summary=summary,
        states=states,
        incidents=_incidents(choice, stated, months),
        statement_status=StatementStatus(number=None, cut="", sha256="", because=because(choice, summary, as_of_ms)),
        as_of_ms=as_of_ms,
    )


def _last_word_ms(choice: PolicyChoice) -> int:
    """Up to when a month is reported, at most: whoever reports it later says the same of what is open."""
    return choice.span.end_ms + choice.policy.pending_for_ms


def is_empty(summary: MonthSummary) -> bool:
    """Whether no service was observed: nothing speaks of any (M2)."""
    return all(one.uptime is None for one in summary.services.values())


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


def _incidents(
    choice: PolicyChoice, here: StatedMonth, months: MonthsOfCredits
) -> Mapping[Service, Sequence[Incident]]:
    """Incidents with a minute in the month, as far as they reach beyond it: as claims are held against them (K1)."""
    return {service: _of_service(service, choice, here, months) for service in SERVICES}


def _of_service(service: Service, choice: PolicyChoice, here: StatedMonth, months: MonthsOfCredits) -> list[Incident]:
    span, runs = choice.span, here.bad_runs_ms(service)
    beside: list[Incident] = []
    if runs and runs[0][0] == span.start_ms:
        beside += months.basis(_month_at(span.start_ms - 1, choice)).incidents[service]
    if runs and runs[-1][1] == span.end_ms:
        beside += months.basis(_month_at(span.end_ms, choice)).incidents[service]
    found = incidents_of([*runs, *((one.start_ms, one.end_ms) for one in beside)])
    return [one for one in found if one.start_ms < span.end_ms and span.start_ms < one.end_ms]


def _month_at(instant_ms: int, choice: PolicyChoice) -> PolicyChoice:
    return apply_policy(month_of(instant_ms, choice.policy.zone), choice.policy)
