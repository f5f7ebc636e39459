"""Closed months: the documents that the log names, replayed from their bytes alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from schemas.account import FeeKey
from schemas.closing import Closing
from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS, parse_instant_of_month
from streams.core.errors import Code, ZectoError
from streams.months.month import MonthSummary
from streams.rules.month.incident_runs import incident_runs
from streams.rules.month.platform import platform_states
from streams.statements.content import PLATFORM
from streams.statements.document_store import DocumentStore, StoredDocument
from streams.statements.documents import LISTINGS
from streams.statements.first_edition import second_edition_of
from streams.statements.log import KafkaClosingLog, MonthOfPolicy
from streams.statements.packed_columns import COLUMNS, STATES, unpack
from streams.statements.versions import FIRST_EDITION

_STATE: Final = COLUMNS.index("state")
"""Where a minute's state stands, in the documents of either edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedMonth:
    """A month by its last document, whose number it has.

    `states` holds a place in STATES for each minute, by service and of the `platform`; `percents` the tiers (M2, V5),
    None where nothing was observed.
    """

    number: int
    first_ms: int
    states: Mapping[str, Sequence[int]]
    percents: Mapping[FeeKey, int | None]

    def bad_runs_ms(self, service: str) -> list[tuple[int, int]]:
        """The runs of minutes that are down or blind, as [start, end), cut at the month's borders (K1)."""
        runs = incident_runs(np.array(self.states[service], dtype=np.int8), self.first_ms // MINUTE_MS)
        return [(start * MINUTE_MS, end * MINUTE_MS) for start, end in runs]


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


def replay(documents: Sequence[bytes]) -> StatedMonth:
    """The month that a statement and its amendments, in the order of their numbers, come to.

    In the first edition a platform fee was credited at the tier of the service that was claimed: the greatest stands.
    """
    statement, *amendments = (body_of(document) for document in documents)
    first_ms = parse_instant_of_month(statement["minutes"]["first"])
    states = _states(statement)
    percents: dict[Any, int | None] = {
        name: row["credit_percent"] for name, row in _numbers(statement["month"]).items()
    }
    for amendment in amendments:
        for name, minute, _before, after in amendment["minutes"]["changed"]:
            place = (parse_instant_of_month(minute) - first_ms) // MINUTE_MS
            states[name][place] = STATES.index(after[_STATE])
        percents |= {name: row["after"]["credit_percent"] for name, row in amendment["services"].items()}
    if statement["format"] == FIRST_EDITION:
        states[PLATFORM] = platform_states([np.array(states[name], dtype=np.int8) for name in SERVICES]).tolist()
        percents[PLATFORM] = max(percents[name] or 0 for name in SERVICES)
    return StatedMonth(number=len(amendments), first_ms=first_ms, states=states, percents=percents)


def replay_month(documents: Sequence[bytes]) -> MonthSummary:
    """The numbers and listings that a statement and its amendments come to, as `month` tells them.

    What the first edition did not tell is told as it can be: see `second_edition_of`.
    """
    statement, *amendments = (body_of(document) for document in documents)
    row = statement["month"]
    for amendment in amendments:
        for name, one in amendment["services"].items():
            (row if name == PLATFORM else row["services"])[name] = one["after"]
        row |= {name: amendment[name]["after"] for name in LISTINGS if name in amendment}
    if statement["format"] == FIRST_EDITION:
        row = second_edition_of(row, statement["minutes"], replay(documents).states)
    return msgspec.convert(row, MonthSummary)


def body_of(document: bytes) -> Any:  # noqa: ANN401  any JSON
    """What a document's hash is of."""
    return msgspec.json.decode(document)["body"]


def _states(statement: Mapping[str, Any]) -> dict[str, list[int]]:
    minutes = statement["minutes"]
    found = {name: unpack(columns[_STATE]) for name, columns in minutes["services"].items()}
    return found | ({PLATFORM: unpack(minutes[PLATFORM][_STATE])} if PLATFORM in minutes else {})


def _numbers(month: Mapping[str, Any]) -> dict[str, Any]:
    """The objects of a month's numbers by service, and the platform's if there is one."""
    return {**month["services"], **({PLATFORM: month[PLATFORM]} if PLATFORM in month else {})}
