"""What a month stands at: the documents that the log of closings names, replayed from their bytes alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.closing import Closing
from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, parse_instant
from streams.core.errors import ZectoError
from streams.months.month import MonthSummary
from streams.statements.document_store import DocumentStore, StoredDocument
from streams.statements.log import KafkaClosingLog
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
    """Closed months as they stand; reads the documents of each once."""

    def __init__(self, log: KafkaClosingLog, document_store: DocumentStore) -> None:
        self._log = log
        self._document_store = document_store
        self._documents: dict[tuple[str, str], list[StoredDocument]] = {}

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
            self._documents[place] = [self._named(closing) for closing in self._log.read_effective(month, policy)]
        return self._documents[place]

    def _named(self, closing: Closing) -> StoredDocument:
        kept = self._document_store.take(closing.month, closing.policy, closing.number)
        named = [one for one in kept if one.sha256 == closing.sha256 and one.is_whole]
        if not named:
            raise ZectoError(
                f"document {closing.number} of {closing.month} is not kept as it was made: "
                f"zecto-sla close {closing.month}"
            )
        return named[0]


def replay(documents: Sequence[bytes]) -> StatedMonth:
    """The month that a statement and its amendments, in the order of their numbers, come to."""
    statement, *amendments = (_body(document) for document in documents)
    first_ms = parse_instant(statement["minutes"]["first"])
    states = {service: unpack(statement["minutes"]["services"][service][_STATE]) for service in SERVICES}
    percents = {service: int(statement["month"]["services"][service]["credit_percent"]) for service in SERVICES}
    for amendment in amendments:
        for service, minute, _before, after in amendment["minutes"]["changed"]:
            place = (parse_instant(minute) - first_ms) // MINUTE_MS
            states[service][place] = STATES.index(after[_STATE])
        for service, row in amendment["services"].items():
            percents[service] = int(row["after"]["credit_percent"])
    return StatedMonth(number=len(amendments), first_ms=first_ms, states=states, percents=percents)


def replay_month(documents: Sequence[bytes]) -> MonthSummary:
    """The numbers and listed declarations that a statement and its amendments come to, as `month` tells them."""
    statement, *amendments = (_body(document) for document in documents)
    row = statement["month"]
    for amendment in amendments:
        row["services"] |= {service: one["after"] for service, one in amendment["services"].items()}
        row["listed_declarations"] = amendment["listed_declarations"]["after"]
    return msgspec.convert(row, MonthSummary)


def _body(document: bytes) -> Any:  # noqa: ANN401  any JSON
    return msgspec.json.decode(document)["body"]
