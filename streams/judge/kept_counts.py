"""Counts of the running month, kept from one judgement to the next: only days that changed are read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from streams.clickhouse.arrow import ask, numbers
from streams.rules.month.span import DAY

_Span = tuple[object, ...]
"""A question, and what is asked."""
Days = Mapping[int, tuple[int, int]]
"""By UTC day since the epoch, what tells whether its counts are as before (`Fingerprint.days`)."""


class ReadCounts(Protocol):
    """How counts of minutes are read."""

    def __call__(self, client: Client, query: str, asked: Mapping[str, int]) -> list[pa.Table]:
        """The rows of `[from, to)`, as tables that have no minute in common, each by service and minute."""


def read_anew(client: Client, query: str, asked: Mapping[str, int]) -> list[pa.Table]:
    """All of them, as they are now."""
    return [ask(client, query, asked)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What was read of a span but for its changing days: the minutes `[changing_from, changing_to)`."""

    days: Days
    table: pa.Table
    changing_from: int
    changing_to: int

    def holds_but_for(self, changed: list[int]) -> bool:
        """Whether all that changed lies in the changing days."""
        return all(self.changing_from <= day * DAY < self.changing_to for day in changed)


class KeptCounts:
    """Counts of one month at a time.

    A day is kept under what its fingerprint was before it was read. Later ones may have been read with it, but none is
    missing that the fingerprint is of; and as sets only grow, no fingerprint comes back. So what is kept of a day that
    has the same fingerprint now is no less than that is of.
    """

    def __init__(self) -> None:
        self._days: Days = {}
        self._kept: dict[_Span, _Kept] = {}
        self._before: dict[_Span, _Kept] = {}

    def begin(self, days: Days) -> "KeptCounts":
        """A judgement begins; what the one before did not read is forgotten."""
        self._days, self._before, self._kept = days, self._kept, {}
        return self

    def __call__(self, client: Client, query: str, asked: Mapping[str, int]) -> list[pa.Table]:
        """The rows of `[from, to)`: those kept, and the changing days anew."""
        key = (query, *asked.values())
        kept = self._before.get(key)
        if kept is None:
            return self._keep(key, ask(client, query, asked), (asked["from"], asked["from"]))
        changed = [day for day in self._days.keys() | kept.days.keys() if self._days.get(day) != kept.days.get(day)]
        changed = [day for day in changed if asked["from"] < (day + 1) * DAY and day * DAY < asked["to"]]
        if not kept.holds_but_for(changed):
            return self._keep(key, ask(client, query, asked), (min(changed) * DAY, (max(changed) + 1) * DAY))
        self._kept[key] = kept
        changing = {"from": max(kept.changing_from, asked["from"]), "to": min(kept.changing_to, asked["to"])}
        if changing["from"] >= changing["to"]:
            return [kept.table]
        return [kept.table, ask(client, query, {**asked, **changing})]

    def _keep(self, key: _Span, table: pa.Table, changing: tuple[int, int]) -> list[pa.Table]:
        at = numbers(table, "at")
        changes = (at >= changing[0]) & (at < changing[1])
        kept = table.filter(pa.array(~changes)) if changes.any() else table
        self._kept[key] = _Kept(days=self._days, table=kept, changing_from=changing[0], changing_to=changing[1])
        return [table]
