"""Which declarations are listed beside the month, for which reason and with how many minutes (X4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.declaration import Kind
from schemas.fields import Service
from schemas.instants import MINUTE_MS
from streams.rules.month.exact import Flags
from streams.rules.month.granted import MinuteRange, clipped, is_proven, merged
from streams.rules.month.inputs import DeclarationRevision, RefusedDeclaration
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import touched_minutes, whole_minutes
from streams.rules.month.states import KINDS, Codes
from streams.rules.month.windows import (
    MAINTENANCE_KINDS,
    VOUCHING_KINDS,
    DeclaredWindows,
    ListingCode,
    WindowMinutes,
)
from streams.rules.verdict import EXCLUDING_KINDS


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ListingRow:
    """A declaration and a reason, with the minutes of the span that are concerned."""

    declaration_id: str
    revision: int
    reason: ListingCode
    kind: Kind | None
    """None of a declaration that was refused."""
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMinutes:
    """(t,) each: what of a service's minutes a listing counts."""

    kind: Codes
    claimed: Flags
    """Failures that only the platform tells (C7)."""
    lifted: Flags
    """Bad only at worst, and lifted by maintenance with proven notice (B4)."""


def listing_rows(
    windows: DeclaredWindows,
    refused: Iterable[RefusedDeclaration],
    minutes: Mapping[Service, ListedMinutes],
    span: MinuteRange,
    policy: MonthPolicy,
) -> tuple[ListingRow, ...]:
    """All that must be listed of a span [start, end), by id, revision, reason, kind and minutes (X4).

    `minutes` are those of the span; `windows` may be those of more.
    """
    of_window = {window.current.declaration_id: window for window in windows.windows}
    rows: list[ListingRow] = [*_refused(refused, span)]
    for revisions in windows.declarations:
        current = revisions[-1]
        rows += _history(revisions, span)
        if not current.retracted and overlaps(current, span):
            rows += _current(current, of_window.get(current.declaration_id), minutes, span, policy)
    return tuple(sorted(rows, key=_place))


def _place(row: ListingRow) -> tuple[str, int, ListingCode, str, int]:
    """By all that a row says: records that contradict each other under one revision have the same id and reason."""
    return row.declaration_id, row.revision, row.reason, row.kind or "", row.minutes


def overlaps(revision: DeclarationRevision, span: MinuteRange) -> bool:
    """Whether any instant of a window lies in the span."""
    return revision.start_ms < span[1] * MINUTE_MS and revision.end_ms > span[0] * MINUTE_MS


def own_minutes(revision: DeclarationRevision) -> MinuteRange:
    """The minutes of a revision's window: whole ones, of a gap those that it touches (T2)."""
    minutes = touched_minutes if revision.kind == "telemetry_gap" else whole_minutes
    return minutes(revision.start_ms, revision.end_ms)


def _current(
    current: DeclarationRevision,
    window: WindowMinutes | None,
    minutes: Mapping[Service, ListedMinutes],
    span: MinuteRange,
    policy: MonthPolicy,
) -> Iterator[ListingRow]:
    """The current revision: what it excludes, vouches for and fails to, or the minutes that a gap touches."""
    if current.kind not in EXCLUDING_KINDS:
        yield _row(current, ListingCode.TELEMETRY_GAP, _length([own_minutes(current)], span))
        return
    counts = _counts(window, minutes, span)
    yield _row(current, ListingCode.EXCLUDES, counts.excluded)
    if counts.vouched:
        yield _row(current, ListingCode.VOUCHES, counts.vouched)
    if counts.unproven or not is_proven(current, policy):
        yield _row(current, ListingCode.NOTICE_UNPROVEN, counts.unproven)
    for reason, void in counts.void.items():
        if void:
            yield _row(current, reason, void)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListedCounts:
    excluded: int = 0
    vouched: int = 0
    unproven: int = 0
    void: Mapping[ListingCode, int]


def _counts(window: WindowMinutes | None, minutes: Mapping[Service, ListedMinutes], span: MinuteRange) -> _ListedCounts:
    """The minutes of a window: excluded and vouched for of every service, void ones once (X4)."""
    if window is None:
        return _ListedCounts(void={})
    kind = window.current.kind
    code, vouching, lifting = KINDS.index(kind), kind in VOUCHING_KINDS, kind in MAINTENANCE_KINDS
    excluded = vouched = unproven = 0
    for service in window.granted:
        granted, at = _within(window.granted[service], window.first, span)
        proven, _ = _within(window.proven[service], window.first, span)
        excused = granted & (minutes[service].kind[at] == code)
        excluded += int(excused.sum())
        unproven += int((excused & ~proven).sum())
        vouched += int((granted & minutes[service].claimed[at]).sum() if vouching else 0)
        vouched += int((proven & minutes[service].lifted[at]).sum() if lifting else 0)
    void = {reason: int(_within(flags, window.first, span)[0].sum()) for reason, flags in window.void_of_any().items()}
    return _ListedCounts(excluded=excluded, vouched=vouched, unproven=unproven, void=void)


def _within(flags: Flags, first: int, span: MinuteRange) -> tuple[Flags, slice]:
    """What of flags, element i being minute `first + i`, lies in the span, and where in it."""
    ahead = max(0, span[0] - first)
    inside = flags[ahead : max(ahead, span[1] - first)]
    start = max(0, first - span[0])
    return inside, slice(start, start + inside.size)


def _history(revisions: Sequence[DeclarationRevision], span: MinuteRange) -> Iterator[ListingRow]:
    """Retracted revisions, and whether a later one moved start, end, kind or services (X4)."""
    for one in revisions:
        if one.retracted and overlaps(one, span):
            yield _row(one, ListingCode.RETRACTED, _length([own_minutes(one)], span))
    shapes = {(one.start_ms, one.end_ms, one.kind, one.services) for one in revisions}
    if len(shapes) > 1 and any(overlaps(one, span) for one in revisions):
        yield _row(revisions[-1], ListingCode.REVISED, _length(map(own_minutes, revisions), span))


def _refused(refused: Iterable[RefusedDeclaration], span: MinuteRange) -> Iterator[ListingRow]:
    """Declarations that were refused as dead letters while the span ran (X4)."""
    for one in refused:
        if span[0] * MINUTE_MS <= one.recorded_at_ms < span[1] * MINUTE_MS:
            yield ListingRow(
                declaration_id=one.declaration_id, revision=0, reason=ListingCode.REFUSED, kind=None, minutes=0
            )


def _length(ranges: Iterable[MinuteRange], span: MinuteRange) -> int:
    """The minutes of the span that lie in any of these."""
    return sum(end - first for first, end in clipped(merged(ranges), span))


def _row(revision: DeclarationRevision, reason: ListingCode, minutes: int) -> ListingRow:
    return ListingRow(
        declaration_id=revision.declaration_id,
        revision=revision.revision,
        reason=reason,
        kind=revision.kind,
        minutes=minutes,
    )
