"""The declarations of a month that must be listed, each with what it did or why it did nothing (X4)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from streams.audit.instants import MINUTE_MS
from streams.audit.judging import Judged
from streams.audit.known import AuditWindow
from streams.audit.records import GAP
from streams.audit.verdicts import EXCLUDED, AuditVerdict
from streams.audit.windows import (
    MAINTENANCE,
    VOUCHING,
    Ruling,
    by_declaration,
    current_of,
    touched_minutes,
    whole_minutes,
)


class ListedWindow(NamedTuple):
    """A row of `listed_declarations`."""

    declaration_id: str
    revision: int
    kind: str
    reason: str
    minutes: int


def listed(judged: Judged) -> list[ListedWindow]:
    """All rows, by id, revision and reason."""
    declarations = by_declaration(judged.known.windows)
    rows = [
        *(row for ruling in judged.rulings for row in _of_ruling(ruling, judged)),
        *(row for records in declarations for row in _of_records(records, judged)),
        *_refused(judged),
    ]
    return sorted(rows, key=lambda row: (row.declaration_id, row.revision, row.reason, row.kind, row.minutes))


def _of_ruling(ruling: Ruling, judged: Judged) -> Iterator[ListedWindow]:
    window = ruling.window
    if not _overlaps(window, judged):
        return
    excluded = list(_excluded(ruling, judged))
    unproven = sum(not is_proven for is_proven in excluded)
    vouches = sum(_vouches(ruling, judged))
    yield _row(window, "excludes", len(excluded))
    if vouches:
        yield _row(window, "vouches", vouches)
    if window.start_ms < judged.policy.broker_time_from_ms or unproven:
        yield _row(window, "notice_unproven", unproven)
    # a void minute counts once, whatever the services
    void = {(reason, minute) for reasons in ruling.void.values() for minute, reason in reasons.items()}
    for reason, minutes in Counter(reason for reason, minute in void if minute >= judged.first).items():
        yield _row(window, reason, minutes)


def _excluded(ruling: Ruling, judged: Judged) -> Iterator[bool]:
    """Of each service-minute that the window excludes, whether that is proven by broker timestamps."""
    for is_proven, verdict in _excused(ruling, judged):
        if verdict.state == EXCLUDED and verdict.kind == ruling.window.kind:
            yield is_proven


def _vouches(ruling: Ruling, judged: Judged) -> Iterator[bool]:
    """Of each service-minute whether it vouches: excuses claimed failures (C7), or lifts the worst case (B4)."""
    kind = ruling.window.kind
    for is_proven, verdict in _excused(ruling, judged):
        yield (kind in VOUCHING and verdict.vouched) or (kind in MAINTENANCE and is_proven and verdict.lifted)


def _excused(ruling: Ruling, judged: Judged) -> Iterator[tuple[bool, AuditVerdict]]:
    for service, minutes in ruling.excuses.items():
        for minute, is_proven in minutes.items():
            if minute >= judged.first:
                yield is_proven, judged.verdicts[service][minute - judged.first]


def _of_records(records: Sequence[AuditWindow], judged: Judged) -> Iterator[ListedWindow]:
    """Retracted revisions, gaps, and windows that were moved."""
    current = current_of(records)
    for record in records:
        if record.retracted and _overlaps(record, judged):
            yield _row(record, "retracted", len(_own_minutes(record, judged)))
    if current.kind == GAP and not current.retracted and _overlaps(current, judged):
        yield _row(current, GAP, len(_own_minutes(current, judged)))
    if len({_place(record) for record in records}) > 1 and any(_overlaps(record, judged) for record in records):
        moved = {minute for record in records for minute in _own_minutes(record, judged)}
        yield _row(current, "revised", len(moved))


def _place(record: AuditWindow) -> tuple[int, int, str, frozenset[str]]:
    return record.start_ms, record.end_ms, record.kind, frozenset(record.services)


def _own_minutes(record: AuditWindow, judged: Judged) -> range:
    minutes = touched_minutes if record.kind == GAP else whole_minutes
    return minutes(record, judged.first, judged.end)


def _refused(judged: Judged) -> Iterable[ListedWindow]:
    for refused in judged.known.refused:
        if judged.first <= refused.recorded_at_ms // MINUTE_MS < judged.end:
            yield ListedWindow(refused.declaration_id, 0, "", "refused", 0)


def _row(window: AuditWindow, reason: str, minutes: int) -> ListedWindow:
    return ListedWindow(window.declaration_id, window.revision, window.kind, reason, minutes)


def _overlaps(window: AuditWindow, judged: Judged) -> bool:
    return window.start_ms < judged.end * MINUTE_MS and window.end_ms > judged.first * MINUTE_MS
