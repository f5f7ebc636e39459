"""In which minutes a revision of a declaration was had in time, and which emergency minutes the month allows (X1-X3).

"Had" means the broker timestamp; for windows that start before the policy believes it, `announced_at`. What is "later"
goes by broker timestamps always, then by revisions.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from schemas.fields import Service
from schemas.instants import MINUTE_MS
from streams.rules.month.inputs import DeclarationRevision
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import whole_minutes

MinuteRange = tuple[int, int]
"""Minutes since the epoch, [first, end); empty where the end is not beyond the first."""

_NONE: Final[MinuteRange] = (0, 0)
_NEVER_FORETOLD: Final = "regulatory_shutdown"


def by_declaration(revisions: Iterable[DeclarationRevision]) -> list[list[DeclarationRevision]]:
    """The revisions of each declaration, from the first to the current one (I2, X): the last is current."""
    ordered = sorted(revisions, key=lambda one: (one.declaration_id, one.revision, one.content))
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.declaration_id)]


def is_proven(revision: DeclarationRevision, policy: MonthPolicy) -> bool:
    """Whether its own broker timestamp says when it was had; else `announced_at` is believed (X)."""
    return revision.start_ms >= policy.broker_time_from_ms


def had_ms(revision: DeclarationRevision, policy: MonthPolicy) -> int:
    """The instant at which it was had (X)."""
    return revision.recorded_at_ms if is_proven(revision, policy) else revision.announced_at_ms


def candidates(revisions: Sequence[DeclarationRevision], service: Service) -> list[DeclarationRevision]:
    """Those that can have been had in time for the current one: of its kind, of the service, not retracted since."""
    retracted_at = max((_order(one) for one in revisions if one.retracted), default=None)
    return [
        one
        for one in revisions
        if not one.retracted
        and one.kind == revisions[-1].kind
        and service in one.services
        and (retracted_at is None or _order(one) >= retracted_at)
    ]


def minutes_in_time(revision: DeclarationRevision, policy: MonthPolicy) -> MinuteRange:
    """The whole minutes of a revision's window for which it was had in time (X1-X3)."""
    first, end = whole_minutes(revision.start_ms, revision.end_ms)
    at_ms = had_ms(revision, policy)
    match revision.kind:
        case "scheduled_maintenance":
            return (first, end) if is_noticed(revision, policy) else _NONE
        case "emergency_maintenance":
            return max(first, at_ms // MINUTE_MS + 1), end
        case _:
            earliest = -((policy.evidence_within_ms - at_ms) // MINUTE_MS) - 1
            return max(first, earliest), min(end, minutes_over(revision, policy))


def is_noticed(revision: DeclarationRevision, policy: MonthPolicy) -> bool:
    """Whether scheduled maintenance was had long enough before its own start (X1)."""
    return had_ms(revision, policy) <= revision.start_ms - policy.notice_ms


def minutes_over(revision: DeclarationRevision, policy: MonthPolicy) -> int:
    """The first minute that was not over when a revision was had: from there on it is foretold (X3)."""
    if revision.kind == _NEVER_FORETOLD:
        return whole_minutes(revision.start_ms, revision.end_ms)[1]
    return had_ms(revision, policy) // MINUTE_MS


def emergency_ranges(
    declarations: Iterable[Sequence[DeclarationRevision]], borders: Sequence[int], policy: MonthPolicy
) -> list[MinuteRange]:
    """The minutes that emergency maintenance may excuse (X2): the first ones of each month, of the whole platform.

    `declarations` are revisions by declaration, the current one last; `borders` the starts of months, in minutes.
    """
    declared = merged(emergency for revisions in declarations for emergency in _emergencies(revisions))
    return [
        allowed
        for month in pairwise(borders)
        for allowed in first_minutes(clipped(declared, month), policy.emergency_minutes)
    ]


def first_minutes(ranges: Iterable[MinuteRange], minutes: int) -> Iterator[MinuteRange]:
    """The first so many minutes of disjoint ranges in order."""
    left = minutes
    for first, end in ranges:
        taken = min(left, end - first)
        yield first, first + taken
        left -= taken


def merged(ranges: Iterable[MinuteRange]) -> list[MinuteRange]:
    """The union of ranges as disjoint ones, in order."""
    union: list[MinuteRange] = []
    for first, end in sorted(one for one in ranges if one[0] < one[1]):
        if union and first <= union[-1][1]:
            union[-1] = union[-1][0], max(end, union[-1][1])
        else:
            union.append((first, end))
    return union


def clipped(ranges: Iterable[MinuteRange], bounds: MinuteRange) -> list[MinuteRange]:
    """What of ranges lies within another."""
    cut = ((max(first, bounds[0]), min(end, bounds[1])) for first, end in ranges)
    return [one for one in cut if one[0] < one[1]]


def _emergencies(revisions: Sequence[DeclarationRevision]) -> Iterator[MinuteRange]:
    """The emergency minutes of a declaration: the current ones, and those that had begun when they were taken back."""
    in_time = sorted(revisions, key=_order)
    for revision, later in zip(in_time, [*in_time[1:], None], strict=True):
        if revision.kind == "emergency_maintenance" and not revision.retracted:
            first, end = whole_minutes(revision.start_ms, revision.end_ms)
            if later is not None and revision is not revisions[-1]:
                end = min(end, -(-later.recorded_at_ms // MINUTE_MS))
            yield first, end


def _order(revision: DeclarationRevision) -> tuple[int, int]:
    return revision.recorded_at_ms, revision.revision
