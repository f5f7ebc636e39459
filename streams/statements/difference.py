"""What differs between a month as known at one cut and at a later one: before + difference = after."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from schemas.instants import MINUTE_MS, format_instant
from streams.months.month import MonthSummary, ServiceSummary
from streams.rules.calendar import MonthSpan
from streams.statements.content import StatementContent
from streams.statements.packed_columns import COLUMNS, KINDS, STATES


class ChangedMinute(NamedTuple):
    """A service-minute that is another now: its place in the month, its values before and after, as COLUMNS."""

    service: str
    place: int
    before: tuple[int, ...]
    after: tuple[int, ...]


def is_changed(before: StatementContent, after: StatementContent) -> bool:
    """Whether any minute or number is another; records that change neither change nothing."""
    return before.month != after.month or before.minutes != after.minutes


def changed_minutes(before: StatementContent, after: StatementContent) -> Iterator[ChangedMinute]:
    """The service-minutes that differ, service by service, in time order."""
    for service, columns in before.minutes.items():
        others = after.minutes[service]
        if columns != others:
            pairs = zip(zip(*columns, strict=True), zip(*others, strict=True), strict=True)
            for place, (was, has_become) in enumerate(pairs):
                if was != has_become:
                    yield ChangedMinute(service, place, was, has_become)


def minute_rows(changes: Iterator[ChangedMinute], span: MonthSpan) -> dict[str, Any]:
    """As a document holds them: [service, minute, before, after], with state and kind by name."""
    return {
        "columns": COLUMNS,
        "changed": [
            [change.service, _minute(span, change.place), _as_row(change.before), _as_row(change.after)]
            for change in changes
        ],
    }


def changed_services(before: MonthSummary, after: MonthSummary) -> dict[str, Any]:
    """The services whose numbers differ: all their numbers before and after, and the difference of each integer."""
    return {
        service: {
            "before": msgspec.to_builtins(was),
            "after": msgspec.to_builtins(after.services[service]),
            "difference": difference(was, after.services[service]),
        }
        for service, was in before.services.items()
        if was != after.services[service]
    }


def difference(before: ServiceSummary, after: ServiceSummary) -> dict[str, Any]:
    """After less before, of every whole number that differs; added to before it gives after."""
    was, has_become = msgspec.to_builtins(before), msgspec.to_builtins(after)
    row: dict[str, Any] = _difference(was, has_become)
    kinds = _difference(was["excluded_minutes"], has_become["excluded_minutes"])
    return row | ({"excluded_minutes": kinds} if kinds else {})


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, int]:
    names = [name for name in {**before, **after} if isinstance(before.get(name, 0), int)]
    return {name: less for name in names if (less := after.get(name, 0) - before.get(name, 0))}


def _minute(span: MonthSpan, place: int) -> str:
    return format_instant(span.start_ms + place * MINUTE_MS)


def _as_row(values: Sequence[int]) -> list[int | str]:
    state, kind, *counts = values
    return [STATES[state], KINDS[kind], *counts]
