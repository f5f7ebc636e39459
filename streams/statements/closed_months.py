"""Closed months: the documents that the log names, replayed from their bytes alone, and what claims are held against.

That is a tier and its incidents, across the months' borders (K1, K2, M2, M5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from schemas.closing import Closing
from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, parse_instant_of_month
from schemas.policies import Policy
from streams.core.errors import Code, ZectoError
from streams.months.month import MonthSummary
from streams.rules.amounts_due import ClosedMonth, ServiceTier
from streams.rules.calendar import MonthSpan, month_of
from streams.rules.incidents import Incident, incidents
from streams.rules.policy import PolicyChoice, apply_policy
from streams.statements.document_store import DocumentStore, StoredDocument
from streams.statements.log import KafkaClosingLog, MonthOfPolicy
from streams.statements.packed_columns import COLUMNS, STATES, unpack

_STATE = COLUMNS.index("state")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedMonth:
    """A month by its last document; `number` is that document's, `states` holds a place in STATES for each minute."""

    number: int
    first_ms: int
    states: Mapping[Service, Sequence[int]]
    percents: Mapping[Service, int]
    """The tier that each service's month credits (M2)."""

    def minutes_ms(self, service: Service, *states: str) -> list[int]:
        """The starts of a service's minutes in any of these states."""
        wanted = {STATES.index(state) for state in states}
        return [
            self.first_ms + place * MINUTE_MS for place, state in enumerate(self.states[service]) if state in wanted
        ]


class StatementReader:
    """Closed months as they stand at the first question; reads the log once, and the documents of each month once."""

    def __init__(self, log: KafkaClosingLog, document_store: DocumentStore) -> None:
        self._log = log
        self._document_store = document_store
        self._closings: Mapping[MonthOfPolicy, Sequence[Closing]] | None = None
        self._documents: dict[MonthOfPolicy, list[StoredDocument]] = {}

    def stated(self, month: str, policy: str) -> StatedMonth | None:
        """What the month stands at; None: nobody closed it.

        Raises:
            ZectoError: ClickHouse does not keep the bytes that the log names.
        """
        documents = self.documents(month, policy)
        return replay([one.document for one in documents]) if documents else None

    def documents(self, month: str, policy: str) -> list[StoredDocument]:
        """The statement and its amendments, by number; none: nobody closed the month.

        Raises:
            ZectoError: ClickHouse does not keep the bytes that the log names.
        """
        place = (month, policy)
        if place not in self._documents:
            self._documents[place] = [self._named(closing) for closing in self._closings_of(place)]
        return self._documents[place]

    def _closings_of(self, place: MonthOfPolicy) -> Sequence[Closing]:
        if self._closings is None:
            self._closings = self._log.read_every_effective()
        return self._closings.get(place, ())

    def _named(self, closing: Closing) -> StoredDocument:
        kept = self._document_store.take(closing.month, closing.policy, closing.number)
        named = [one for one in kept if one.sha256 == closing.sha256 and one.is_whole]
        if not named:
            raise ZectoError(
                f"document {closing.number} of {closing.month} is not kept as it was made: "
                f"zecto-sla close {closing.month}",
                code=Code.DOCUMENT_MISSING,
            )
        return named[0]


class Statements(Protocol):
    """Closed months as they stand (StatementReader)."""

    def stated(self, month: str, policy: str) -> StatedMonth | None: ...  # noqa: D102


class ClosedMonthReader:
    """Reads each month once, and works it out once."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements
        self._stated: dict[tuple[str, str], StatedMonth | None] = {}
        self._months: dict[tuple[str, str], ClosedMonth] = {}

    def month(self, choice: PolicyChoice) -> ClosedMonth:
        """A month under a policy; a month that is not closed is not complete, and keeps every claim waiting.

        A month that was not in force credits nothing (M5).
        """
        place = (choice.span.month, choice.policy.policy_id)
        if place not in self._months:
            self._months[place] = self._closed(choice)
        return self._months[place]

    def _closed(self, choice: PolicyChoice) -> ClosedMonth:
        span, policy = choice.span, choice.policy
        here = self._of(span.month, policy)
        if here is None:
            unknown = {service: ServiceTier(percent=0, incidents=()) for service in SERVICES}
            return ClosedMonth(span=span, complete=False, statement=0, services=unknown)
        return ClosedMonth(
            span=span,
            complete=True,
            statement=here.number,
            services={
                service: ServiceTier(
                    percent=here.percents[service] if choice.in_force else 0,
                    incidents=self._incidents(service, span, policy),
                )
                for service in SERVICES
            },
        )

    def _incidents(self, service: Service, span: MonthSpan, policy: Policy) -> list[Incident]:
        # What goes on beyond a border is one incident (K1), as far as the month there is closed, too.
        around = [month_of(span.start_ms - 1, policy.zone), span.month, month_of(span.end_ms, policy.zone)]
        minutes = [at_ms for month in around for at_ms in self._bad_minutes(month, service, policy)]
        found = incidents(minutes, joined_minutes=policy.commitments.credits.joined_minutes)
        return [incident for incident in found if _has_minute_in(incident.minutes_ms, span)]

    def _bad_minutes(self, month: str, service: Service, policy: Policy) -> list[int]:
        """Down minutes, and blind ones where the month has more of these than are tolerated (M2)."""
        stated = self._of(month, policy)
        if stated is None:
            return []
        total = apply_policy(month, policy).span.total_minutes
        blind = stated.minutes_ms(service, "blind")
        tolerance = policy.blind_tolerance
        if len(blind) * tolerance.denominator > tolerance.numerator * total:
            return [*stated.minutes_ms(service, "down"), *blind]
        return stated.minutes_ms(service, "down")

    def _of(self, month: str, policy: Policy) -> StatedMonth | None:
        place = (month, policy.policy_id)
        if place not in self._stated:
            self._stated[place] = self._statements.stated(*place)
        return self._stated[place]


def replay(documents: Sequence[bytes]) -> StatedMonth:
    """The month that a statement and its amendments, in the order of their numbers, come to."""
    statement, *amendments = (_body(document) for document in documents)
    first_ms = parse_instant_of_month(statement["minutes"]["first"])
    states = {service: unpack(statement["minutes"]["services"][service][_STATE]) for service in SERVICES}
    percents = {service: int(statement["month"]["services"][service]["credit_percent"]) for service in SERVICES}
    for amendment in amendments:
        for service, minute, _before, after in amendment["minutes"]["changed"]:
            place = (parse_instant_of_month(minute) - first_ms) // MINUTE_MS
            states[service][place] = STATES.index(after[_STATE])
        for service, row in amendment["services"].items():
            percents[service] = int(row["after"]["credit_percent"])
    return StatedMonth(number=len(amendments), first_ms=first_ms, states=states, percents=percents)


def replay_month(documents: Sequence[bytes]) -> MonthSummary:
    """The numbers and listed declarations that a statement and its amendments come to, as `month` tells them."""
    statement, *amendments = (_body(document) for document in documents)
    # A closed month is complete. What 0.1.0 might have given as reasons all the same are sentences, which have no code.
    row = statement["month"] | {"incomplete_because": []}
    for amendment in amendments:
        row["services"] |= {service: one["after"] for service, one in amendment["services"].items()}
        row["listed_declarations"] = amendment["listed_declarations"]["after"]
    return msgspec.convert(row, MonthSummary)


def _body(document: bytes) -> Any:  # noqa: ANN401  any JSON
    return msgspec.json.decode(document)["body"]


def _has_minute_in(minutes_ms: Iterable[int], span: MonthSpan) -> bool:
    return any(span.start_ms <= at_ms < span.end_ms for at_ms in minutes_ms)
