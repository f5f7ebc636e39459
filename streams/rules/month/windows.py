"""Which minutes declared windows exclude, and which of theirs are void for what reason (X1-X3)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cached_property
from typing import Final

import numpy as np

from schemas.declaration import Kind
from schemas.fields import Service
from streams.rules.month.exact import Flags, any_of
from streams.rules.month.granted import (
    MinuteRange,
    by_declaration,
    candidates,
    clipped,
    emergency_ranges,
    is_noticed,
    is_proven,
    minutes_in_time,
    minutes_over,
)
from streams.rules.month.inputs import DeclarationRevision
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import flags_of, local_minutes, month_borders, whole_minutes
from streams.rules.verdict import EXCLUDING_KINDS

VOUCHING_KINDS: Final[frozenset[Kind]] = frozenset(
    ("operator_outage", "internet_backbone", "dns", "regulatory_shutdown")
)
"""The kinds whose windows vouch for failures that only the platform tells (C7)."""

MAINTENANCE_KINDS: Final[frozenset[Kind]] = frozenset(("scheduled_maintenance", "emergency_maintenance"))
"""The kinds that need no evidence, because they are declared beforehand (X1, X2)."""


@unique
class ListingCode(StrEnum):
    """Why a declaration is listed beside the month (X4)."""

    EXCLUDES = "excludes"
    VOUCHES = "vouches"
    NOTICE_TOO_SHORT = "notice_too_short"
    OVERRUN = "overrun"
    OUTSIDE_USUAL_HOURS = "outside_usual_hours"
    DECLARED_AFTERWARDS = "declared_afterwards"
    EMERGENCY_BUDGET_SPENT = "emergency_budget_spent"
    NO_EVIDENCE = "no_evidence"
    FORETOLD = "foretold"
    DECLARED_TOO_LATE = "declared_too_late"
    NOTICE_UNPROVEN = "notice_unproven"
    REVISED = "revised"
    RETRACTED = "retracted"
    TELEMETRY_GAP = "telemetry_gap"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowMinutes:
    """A current window and what becomes of its whole minutes; (k,) each, element i being minute `first + i`.

    By service the minutes that are granted, those granted by what the broker's own timestamps prove, and the void ones
    by reason.
    """

    current: DeclarationRevision
    first: int
    granted: Mapping[Service, Flags]
    proven: Mapping[Service, Flags]
    void: Mapping[Service, Mapping[ListingCode, Flags]]

    def void_of_any(self) -> Mapping[ListingCode, Flags]:
        """The void minutes by reason, each once whatever the services (X4)."""
        found: dict[ListingCode, Flags] = {}
        for by_reason in self.void.values():
            for code, flags in by_reason.items():
                found[code] = found[code] | flags if code in found else flags
        return found


@dataclass(frozen=True, kw_only=True)
class DeclaredWindows:
    """All declarations, and what their windows grant of the minutes [first, end)."""

    first: int
    end: int
    declarations: tuple[tuple[DeclarationRevision, ...], ...]
    """Revisions by declaration, the current one last."""
    windows: tuple[WindowMinutes, ...]

    @cached_property
    def current(self) -> tuple[DeclarationRevision, ...]:
        """The current revision of every declaration, retracted or not."""
        return tuple(revisions[-1] for revisions in self.declarations)

    def granted(self, service: Service) -> Flags:
        """(kinds, t): the minutes that windows of each kind, in the order of X4, may excuse for a service."""
        flags = np.zeros((len(EXCLUDING_KINDS), self.end - self.first), dtype=np.bool_)
        for window in self.windows:
            if service in window.granted:
                found = window.granted[service]
                flags[EXCLUDING_KINDS.index(window.current.kind), self.place(window, found)] |= found
        return flags

    def proven(self, service: Service) -> Flags:
        """(t,): the minutes that maintenance excuses by proven notice (B4)."""
        flags = np.zeros(self.end - self.first, dtype=np.bool_)
        for window in self.windows:
            if service in window.proven and window.current.kind in MAINTENANCE_KINDS:
                found = window.proven[service]
                flags[self.place(window, found)] |= found
        return flags

    def place(self, window: WindowMinutes, flags: Flags) -> slice:
        """Where among the minutes those of a window lie."""
        return slice(window.first - self.first, window.first - self.first + flags.size)


def declared_windows(
    revisions: Sequence[DeclarationRevision], first: int, end: int, policy: MonthPolicy
) -> DeclaredWindows:
    """What declared windows grant of the minutes [first, end), and what of them is void (X1-X3)."""
    declarations = by_declaration(revisions)
    emergency = emergency_ranges(declarations, month_borders(first, end, policy.zone), policy)
    windows = (
        _window(of_one, (first, end), emergency, policy)
        for of_one in declarations
        if not of_one[-1].retracted and of_one[-1].kind in EXCLUDING_KINDS
    )
    return DeclaredWindows(
        first=first,
        end=end,
        declarations=tuple(tuple(of_one) for of_one in declarations),
        windows=tuple(window for window in windows if window is not None),
    )


def _window(
    revisions: Sequence[DeclarationRevision], bounds: MinuteRange, emergency: Sequence[MinuteRange], policy: MonthPolicy
) -> WindowMinutes | None:
    current = revisions[-1]
    inside = clipped([whole_minutes(current.start_ms, current.end_ms)], bounds)
    if not inside:
        return None
    first, end = inside[0]
    usable = _usable(current, first, end - first, emergency, policy)
    granted, proven, void = {}, {}, {}
    for service in current.services:
        eligible = candidates(revisions, service)
        in_time = _in_time(eligible, first, end - first, policy)
        granted[service] = in_time & usable
        proven[service] = _in_time([one for one in eligible if is_proven(one, policy)], first, end - first, policy)
        proven[service] &= usable
        void[service] = dict(_void(current.kind, eligible, in_time=in_time, usable=usable, first=first, policy=policy))
    return WindowMinutes(current=current, first=first, granted=granted, proven=proven, void=void)


def _in_time(revisions: Sequence[DeclarationRevision], first: int, size: int, policy: MonthPolicy) -> Flags:
    """(size,): the minutes for which any of these was had in time."""
    return any_of((flags_of(first, size, *minutes_in_time(one, policy)) for one in revisions), size)


def _usable(
    current: DeclarationRevision, first: int, size: int, emergency: Sequence[MinuteRange], policy: MonthPolicy
) -> Flags:
    """(size,): the minutes that the current window may excuse, were it declared in time."""
    match current.kind:
        case "scheduled_maintenance" if policy.outside_usual_hours == "void":
            opens, closes = policy.usual_hours
            at = local_minutes(first, first + size, policy.zone)
            return (at >= opens) & (at < closes)
        case "emergency_maintenance":
            return any_of((flags_of(first, size, *allowed) for allowed in emergency), size)
        case "scheduled_maintenance":
            return np.ones(size, dtype=np.bool_)
        case _:
            return np.full(size, bool(current.evidence.strip()))


def _void(
    kind: Kind,
    eligible: Sequence[DeclarationRevision],
    *,
    in_time: Flags,
    usable: Flags,
    first: int,
    policy: MonthPolicy,
) -> Iterator[tuple[ListingCode, Flags]]:
    """The void minutes of a service by the first reason that applies."""
    match kind:
        case "scheduled_maintenance":
            noticed = any(is_noticed(one, policy) for one in eligible)
            yield ListingCode.OVERRUN if noticed else ListingCode.NOTICE_TOO_SHORT, ~in_time
            yield ListingCode.OUTSIDE_USUAL_HOURS, in_time & ~usable
        case "emergency_maintenance":
            yield ListingCode.DECLARED_AFTERWARDS, ~in_time
            yield ListingCode.EMERGENCY_BUDGET_SPENT, in_time & ~usable
        case _:
            had_after = _had_after(eligible, first, in_time.size, policy)
            yield ListingCode.NO_EVIDENCE, ~usable
            yield ListingCode.FORETOLD, usable & ~in_time & ~had_after
            yield ListingCode.DECLARED_TOO_LATE, usable & ~in_time & had_after


def _had_after(revisions: Sequence[DeclarationRevision], first: int, size: int, policy: MonthPolicy) -> Flags:
    """(size,): the minutes of a window that any of these was had after, however late (X3)."""
    ranges = (
        (whole_minutes(one.start_ms, one.end_ms)[0], min(whole_minutes(one.start_ms, one.end_ms)[1], over))
        for one in revisions
        for over in (minutes_over(one, policy),)
    )
    return any_of((flags_of(first, size, *found) for found in ranges), size)
