"""Declared windows of a month (contract X1-X4, B1): which exclude which minutes, and which must be listed.

A window excludes a minute only if it covers all of it; whether a minute needed excusing is the verdict's business.
Nothing is excused in silence: what is void, and what was excused on trust, is listed with its reason and minutes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum, unique
from zoneinfo import ZoneInfo

from schemas.declaration import Kind
from schemas.instants import MINUTE_MS
from schemas.policies import Policy
from streams.rules.calendar import MonthSpan, clip, minutes_covered, minutes_touched
from streams.rules.verdict import EXCLUDING_KINDS


@unique
class ListingReason(StrEnum):
    """Why a declaration is listed beside the month."""

    NOTICE_TOO_SHORT = "notice_too_short"
    NOTICE_UNPROVEN = "notice_unproven"
    EMERGENCY_BUDGET_SPENT = "emergency_budget_spent"
    NO_EVIDENCE = "no_evidence"
    DECLARED_AFTERWARDS = "declared_afterwards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The revision of a declaration that counts (I2), its services spelt out; instants are milliseconds.

    `recorded_at_ms` is the broker timestamp of that revision.
    """

    declaration_id: str
    revision: int
    kind: Kind
    services: frozenset[str]
    start_ms: int
    end_ms: int
    announced_at_ms: int
    recorded_at_ms: int
    evidence: str = ""
    retracted: bool = False

    def overlaps(self, span: MonthSpan) -> bool:
        """Whether any instant of it lies in the month."""
        return self.start_ms < span.end_ms and self.end_ms > span.start_ms

    def whole_minutes(self, span: MonthSpan) -> range:
        """The minutes of the month that it covers whole (T2)."""
        return clip(minutes_covered(self.start_ms, self.end_ms), span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A declaration beside the month, with the minutes concerned."""

    declaration_id: str
    revision: int
    kind: Kind
    reason: ListingReason
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A window and the minutes that it may excuse; `on_trust` is why those it does excuse are listed, if they are."""

    window: Window
    minutes: frozenset[int]
    on_trust: ListingReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusions:
    """What the windows of a month may excuse, and what of them is void."""

    grants: tuple[Grant, ...]
    void: tuple[Listed, ...]

    def kinds(self, service: str, minute_ms: int) -> frozenset[Kind]:
        """The kinds of all windows that may excuse a minute of a service; the verdict takes the first (X4)."""
        return frozenset(
            grant.window.kind
            for grant in self.grants
            if service in grant.window.services and minute_ms in grant.minutes
        )

    def listed(self, excluded: Mapping[tuple[str, int], Kind]) -> tuple[Listed, ...]:
        """All that must be listed, given the kind of every excluded (service, minute)."""
        excused = (_excused(grant, reason, excluded) for grant in self.grants if (reason := grant.on_trust))
        return tuple(sorted((*self.void, *excused), key=lambda listed: (listed.declaration_id, listed.reason)))


def judge_windows(windows: Iterable[Window], span: MonthSpan, policy: Policy) -> Exclusions:
    """Which minutes of the month each window may excuse (X1-X3)."""
    relevant = sorted(
        (
            window
            for window in windows
            if not window.retracted and window.kind in EXCLUDING_KINDS and window.overlaps(span)
        ),
        key=lambda window: window.declaration_id,
    )
    budget = _emergency_minutes(relevant, span, policy)
    grants, void = [], []
    for window in relevant:
        match window.kind:
            case "scheduled_maintenance":
                grant, listed = _judge_scheduled(window, span, policy)
            case "emergency_maintenance":
                grant, listed = _judge_emergency(window, span, budget)
            case _:
                grant, listed = _judge_evidenced(window, span)
        grants += [grant] if grant else []
        void += [listed] if listed else []
    return Exclusions(grants=tuple(grants), void=tuple(void))


def gap_minutes(windows: Iterable[Window], service: str) -> Iterator[int]:
    """The minutes of a service that declared telemetry gaps touch (B1, T2)."""
    for window in windows:
        if window.kind == "telemetry_gap" and not window.retracted and service in window.services:
            yield from minutes_touched(window.start_ms, window.end_ms)


def is_outside_usual_hours(window: Window, policy: Policy) -> bool:
    """Whether scheduled maintenance leaves the usual hours of the policy's zone: a warning, no more (X1)."""
    first, end = policy.usual_hours
    midnight_ms = _local_midnight_ms(window.start_ms, policy.zone)
    usual_start_ms, usual_end_ms = midnight_ms + first * MINUTE_MS, midnight_ms + end * MINUTE_MS
    return window.start_ms < usual_start_ms or window.end_ms > usual_end_ms


def _judge_scheduled(window: Window, span: MonthSpan, policy: Policy) -> tuple[Grant | None, Listed | None]:
    minutes = window.whole_minutes(span)
    latest_notice_ms = window.start_ms - policy.maintenance_notice_ms
    if window.announced_at_ms > latest_notice_ms:
        return None, _listed(window, ListingReason.NOTICE_TOO_SHORT, len(minutes))
    unproven = window.recorded_at_ms > latest_notice_ms
    if unproven and policy.unproven_notice == "void":
        return None, _listed(window, ListingReason.NOTICE_UNPROVEN, len(minutes))
    on_trust = ListingReason.NOTICE_UNPROVEN if unproven else None
    return Grant(window=window, minutes=frozenset(minutes), on_trust=on_trust), None


def _judge_emergency(window: Window, span: MonthSpan, budget: frozenset[int]) -> tuple[Grant, Listed | None]:
    minutes = frozenset(window.whole_minutes(span))
    lost = len(minutes - budget)
    grant = Grant(window=window, minutes=minutes & budget, on_trust=_afterwards(window))
    return grant, _listed(window, ListingReason.EMERGENCY_BUDGET_SPENT, lost) if lost else None


def _judge_evidenced(window: Window, span: MonthSpan) -> tuple[Grant | None, Listed | None]:
    minutes = window.whole_minutes(span)
    if not window.evidence:
        return None, _listed(window, ListingReason.NO_EVIDENCE, len(minutes))
    return Grant(window=window, minutes=frozenset(minutes), on_trust=_afterwards(window)), None


def _emergency_minutes(windows: Iterable[Window], span: MonthSpan, policy: Policy) -> frozenset[int]:
    """The first minutes of the month under any emergency window of any service, as many as the budget holds (X2)."""
    declared = {
        minute for window in windows if window.kind == "emergency_maintenance" for minute in window.whole_minutes(span)
    }
    return frozenset(sorted(declared)[: policy.emergency_minutes])


def _afterwards(window: Window) -> ListingReason | None:
    return ListingReason.DECLARED_AFTERWARDS if window.recorded_at_ms > window.start_ms else None


def _excused(grant: Grant, reason: ListingReason, excluded: Mapping[tuple[str, int], Kind]) -> Listed:
    window = grant.window
    minutes = sum(
        excluded.get((service, minute)) == window.kind for service in window.services for minute in grant.minutes
    )
    return _listed(window, reason, minutes)


def _listed(window: Window, reason: ListingReason, minutes: int) -> Listed:
    return Listed(
        declaration_id=window.declaration_id,
        revision=window.revision,
        kind=window.kind,
        reason=reason,
        minutes=minutes,
    )


def _local_midnight_ms(instant_ms: int, zone: str) -> int:
    moment = datetime.fromtimestamp(instant_ms // 1000, tz=UTC).astimezone(ZoneInfo(zone))
    return int(moment.replace(hour=0, minute=0, second=0).timestamp()) * 1000
