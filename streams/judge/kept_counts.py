"""Counts of the running month, kept from one judgement to the next: only days that change are read again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from streams.clickhouse.arrow import ask, numbers
from streams.rules.month.span import DAY

_NARROW_AFTER: Final = 10
"""After so many judgements at which fewer days changed than are read each time, all is read once, then only these."""

Days = Mapping[int, tuple[int, ...]]
"""By UTC day since the epoch, what tells whether its counts are as before (`Fingerprint.days`)."""
_Question = tuple[object, ...]
"""Its name, and what is asked."""


class ReadCounts(Protocol):
    """How counts of minutes are read."""

    def __call__(self, client: Client, query: str, asked: Mapping[str, int]) -> list[pa.Table]:
        """The rows of `[from, to)`, as tables that have no minute in common, each by service and minute."""


def read_anew(client: Client, query: str, asked: Mapping[str, int]) -> list[pa.Table]:
    """All of them, as they are now."""
    return [ask(client, query, asked)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What was read of a span but for its changing days."""

    days: Days
    """As they were before the table was read."""
    table: pa.Table
    changing: range
    """The days that are read each time."""
    wider: int = 0
    """At how many judgements since, one after the other, fewer days changed than these."""


class KeptCounts:
    """Counts of one month at a time.

    A day is kept under what its fingerprint was before it was read: so nothing is missing that the fingerprint is of.
    While it has the same fingerprint, its rows are those that were read, or others of the same version; of two such
    rows each is still to be replaced, or they are alike.
    """

    def __init__(self) -> None:
        self._days: Days = {}
        self._days_before: Days = {}
        self._kept: dict[_Question, _Kept] = {}
        self._kept_before: dict[_Question, _Kept] = {}

    def begin(self, days: Days) -> "KeptCounts":
        """A judgement begins; what the one before did not read is forgotten."""
        self._days_before, self._days = self._days, days
        self._kept_before, self._kept = self._kept, {}
        return self

    def __call__(self, client: Client, query: str, asked: Mapping[str, int]) -> list[pa.Table]:
        """The rows of `[from, to)`: those kept, and the changing days anew."""
        question = (query, *asked.values())
        kept = self._kept_before.get(question)
        if kept is None:
            return self._keep(question, ask(client, query, asked), range(0))
        changed, lately = (_changed(before, self._days, asked) for before in (kept.days, self._days_before))
        wider = kept.wider + 1 if lately and lately != kept.changing else 0
        if wider > _NARROW_AFTER or not set(changed) <= set(kept.changing):
            return self._keep(question, ask(client, query, asked), lately if wider > _NARROW_AFTER else changed)
        self._kept[question] = replace(kept, wider=wider)
        return [kept.table, *_of_days(client, query, asked, kept.changing)]

    def _keep(self, question: _Question, table: pa.Table, changing: range) -> list[pa.Table]:
        at = numbers(table, "at")
        changes = (at >= changing.start * DAY) & (at < changing.stop * DAY)
        kept = table.filter(pa.array(~changes)) if changes.any() else table
        self._kept[question] = _Kept(days=self._days, table=kept, changing=changing)
        return [table]


def _changed(before: Days, now: Days, asked: Mapping[str, int]) -> range:
    """The days of `[from, to)` from the first to the last that is not as before."""
    within = range(asked["from"] // DAY, -(-asked["to"] // DAY))
    changed = [day for day in within if before.get(day) != now.get(day)]
    return range(changed[0], changed[-1] + 1) if changed else range(0)


def _of_days(client: Client, query: str, asked: Mapping[str, int], days: range) -> list[pa.Table]:
    start, end = max(days.start * DAY, asked["from"]), min(days.stop * DAY, asked["to"])
    return [ask(client, query, {**asked, "from": start, "to": end})] if start < end else []
