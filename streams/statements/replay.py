"""The effective numbers of a month: its statement and the amendments that followed, replayed from their bytes alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, parse_instant
from streams.months.month import MonthSummary
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
    """The numbers and listed declarations that a statement and its amendments come to, as `month` prints them."""
    statement, *amendments = (_body(document) for document in documents)
    row = statement["month"]
    for amendment in amendments:
        row["services"] |= {service: one["after"] for service, one in amendment["services"].items()}
        row["listed_declarations"] = amendment["listed_declarations"]["after"]
    return msgspec.convert(row, MonthSummary)


def _body(document: bytes) -> Any:  # noqa: ANN401  any JSON
    return msgspec.json.decode(document)["body"]
