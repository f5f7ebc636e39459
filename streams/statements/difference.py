"""What differs between a month as known at one cut and at a later one: before + difference = after."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from schemas.instants import MINUTE_MS, format_instant
from streams.months.month import MonthSummary
from streams.rules.calendar import MonthSpan
from streams.statements.content import PLATFORM, StatementContent
from streams.statements.packed_columns import COLUMNS, KINDS, STATES


class ChangedMinute(NamedTuple):
    """A minute of a service, or the platform, that is another now: its place, and its columns before and after."""

    service: str
    place: int
    before: tuple[int, ...]
    after: tuple[int, ...]


def is_changed(before: StatementContent, after: StatementContent) -> bool:
    """Whether any minute or number is another; records that change neither change nothing, nor do those of accounts."""
    return _without_accounts(before.month) != _without_accounts(after.month) or before.minutes != after.minutes


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
    """The services, and the platform, whose numbers differ: all of them before and after, and each difference."""
    was, has_become = _numbers(before), _numbers(after)
    return {
        name: {"before": was[name], "after": row, "difference": difference(was[name], row)}
        for name, row in has_become.items()
        if was[name] != row
    }


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """After less before, of every whole number that differs; added to before it gives after.

    An object in it, such as `excluded_minutes`, has the differences of its own numbers.
    """
    found = {name: _less(before.get(name), after.get(name)) for name in {**before, **after}}
    return {name: less for name, less in found.items() if less}


def _without_accounts(month: MonthSummary) -> MonthSummary:
    """What accounts say of records is told as it was known at the cut; what they say later amends nothing (M6)."""
    return replace(month, plan_mismatch=[], account_backdated=[])


def _numbers(month: MonthSummary) -> dict[str, Any]:
    return {PLATFORM: msgspec.to_builtins(month.platform), **msgspec.to_builtins(month.services)}


def _less(before: object, after: object) -> int | dict[str, Any]:
    if isinstance(before, dict) or isinstance(after, dict):
        return difference(_as_object(before), _as_object(after))
    return _as_number(after) - _as_number(before)


def _as_object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_number(value: object) -> int:
    """A text, or whether a service was unobserved, differs in nothing that could be added."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _minute(span: MonthSpan, place: int) -> str:
    return format_instant(span.start_ms + place * MINUTE_MS)


def _as_row(values: Sequence[int]) -> list[int | str]:
    state, kind, *counts = values
    return [STATES[state], KINDS[kind], *counts]
