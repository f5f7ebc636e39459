"""What declared windows make of minutes: which they may excuse, which are void and why (contract X1-X4, B1)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.fields import SERVICES, Service
from schemas.instants import parse_instant
from streams.simulate.accounting import DeclaredRecord, Minute, PlainAccounting
from streams.simulate.holiday import ZONE
from streams.simulate.reading import MINUTE_MS

KINDS: Final = (
    "scheduled_maintenance", "emergency_maintenance", "operator_outage", "internet_backbone", "dns", "force_majeure",
    "ddos", "regulatory_shutdown",
)  # fmt: skip
MAINTENANCE: Final = frozenset(KINDS[:2])
THIRD_PARTIES: Final = frozenset(KINDS[2:5])
VOUCHING: Final = frozenset((*THIRD_PARTIES, "regulatory_shutdown"))

_BROKER_TIME_FROM_MS: Final = parse_instant("2027-01-01T00:00:00Z")
_NOTICE_MS: Final = 48 * 3_600_000
_EVIDENCE_WITHIN_MS: Final = 7 * 86_400_000
_EMERGENCY_MINUTES: Final = 60
_USUAL_HOURS: Final = range(2 * 60, 5 * 60)


@dataclass(slots=True)
class PlainWindow:
    """A current window: by service-minute what it grants, and whether that is proven; void minutes by reason."""

    declaration_id: str
    current: DeclaredRecord
    granted: dict[Minute, bool] = field(default_factory=dict)
    void: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


def windows_of(accounting: PlainAccounting, minutes: range, month: range) -> list[PlainWindow]:
    """The current windows, with what becomes of the minutes asked about; emergencies are counted by the month."""
    emergency = set(sorted(set(_emergency_minutes(accounting, month)))[:_EMERGENCY_MINUTES])
    found = []
    for declaration_id, records in sorted(accounting.declarations.items()):
        revisions = ordered(records)
        current = revisions[-1]
        if current.retracted or current.kind not in KINDS:
            continue
        window = PlainWindow(declaration_id, current)
        for minute in _common(whole_minutes(current), minutes):
            for service in services_of(current):
                _grant(window, revisions, service, minute, in_budget=minute in emergency)
        found.append(window)
    return found


def gaps_of(accounting: PlainAccounting) -> set[Minute]:
    """Service-minutes that a declared gap touches (B1)."""
    return {
        (service, minute)
        for records in accounting.declarations.values()
        for current in (ordered(records)[-1],)
        if current.kind == "telemetry_gap" and not current.retracted
        for service in services_of(current)
        for minute in own_minutes(current)
    }


def ordered(records: Iterable[DeclaredRecord]) -> list[DeclaredRecord]:
    """Revisions, the current one last (I2)."""
    return sorted(records, key=lambda one: (one.revision, one.content))


def whole_minutes(one: DeclaredRecord) -> range:
    """The minutes that a window covers whole (T2)."""
    return range(-(-one.start_ms // MINUTE_MS), one.end_ms // MINUTE_MS)


def own_minutes(one: DeclaredRecord) -> range:
    """The minutes of a window; of a gap those that it touches (T2)."""
    if one.kind == "telemetry_gap":
        return range(one.start_ms // MINUTE_MS, -(-one.end_ms // MINUTE_MS))
    return whole_minutes(one)


def services_of(one: DeclaredRecord) -> tuple[Service, ...]:
    """The services that a declaration names, `*` being all."""
    return tuple(service for service in SERVICES if service in one.services or "*" in one.services)


def is_proven(one: DeclaredRecord) -> bool:
    """Whether the broker's timestamp says when it was had (X)."""
    return one.start_ms >= _BROKER_TIME_FROM_MS


def _grant(
    window: PlainWindow, revisions: Sequence[DeclaredRecord], service: Service, minute: int, *, in_budget: bool
) -> None:
    current = window.current
    eligible = list(_eligible(revisions, service))
    in_time = [one for one in eligible if _in_time(one, minute)]
    reason = _void_reason(current, eligible, in_time, minute, in_budget=in_budget)
    if reason is None:
        window.granted[service, minute] = any(map(is_proven, in_time))
    else:
        window.void[reason].add(minute)


def _eligible(revisions: Sequence[DeclaredRecord], service: Service) -> Iterator[DeclaredRecord]:
    """Revisions of the current one's kind, for a service, with no retraction had since."""
    retracted = max(((one.recorded_ms, one.revision) for one in revisions if one.retracted), default=(0, -1))
    for one in revisions:
        alike = not one.retracted and one.kind == revisions[-1].kind and service in services_of(one)
        if alike and (one.recorded_ms, one.revision) >= retracted:
            yield one


def _had_ms(one: DeclaredRecord) -> int:
    return one.recorded_ms if is_proven(one) else one.announced_ms


def _in_time(one: DeclaredRecord, minute: int) -> bool:
    if minute not in whole_minutes(one):
        return False
    had_ms, start_ms = _had_ms(one), minute * MINUTE_MS
    end_ms = start_ms + MINUTE_MS
    match one.kind:
        case "scheduled_maintenance":
            return one.start_ms - had_ms >= _NOTICE_MS
        case "emergency_maintenance":
            return had_ms < start_ms
        case "regulatory_shutdown":
            return had_ms <= end_ms + _EVIDENCE_WITHIN_MS
    return end_ms <= had_ms <= end_ms + _EVIDENCE_WITHIN_MS


def _void_reason(
    current: DeclaredRecord,
    eligible: Sequence[DeclaredRecord],
    in_time: Sequence[DeclaredRecord],
    minute: int,
    *,
    in_budget: bool,
) -> str | None:
    """Why a minute of the current window is void; None if it is not."""
    match current.kind:
        case "scheduled_maintenance":
            if not in_time:
                noticed = any(one.start_ms - _had_ms(one) >= _NOTICE_MS for one in eligible)
                return "overrun" if noticed else "notice_too_short"
            return None if _minute_of_day(minute) in _USUAL_HOURS else "outside_usual_hours"
        case "emergency_maintenance":
            if not in_time:
                return "declared_afterwards"
            return None if in_budget else "emergency_budget_spent"
    if not current.evidence.strip():
        return "no_evidence"
    if in_time:
        return None
    end_ms = (minute + 1) * MINUTE_MS
    late = any(minute in whole_minutes(one) and _is_over(one, end_ms) for one in eligible)
    return "declared_too_late" if late else "foretold"


def _is_over(one: DeclaredRecord, end_ms: int) -> bool:
    return one.kind == "regulatory_shutdown" or _had_ms(one) >= end_ms


def _emergency_minutes(accounting: PlainAccounting, month: range) -> Iterator[int]:
    """The emergency minutes of the platform: current ones, and those that had begun when they were taken back (X2)."""
    for records in accounting.declarations.values():
        current = ordered(records)[-1]
        by_time = sorted(records, key=lambda one: (one.recorded_ms, one.revision))
        for place, one in enumerate(by_time):
            if one.kind != "emergency_maintenance" or one.retracted:
                continue
            superseded_ms = by_time[place + 1].recorded_ms if place + 1 < len(by_time) else None
            for minute in _common(whole_minutes(one), month):
                if one is current or superseded_ms is None or minute * MINUTE_MS < superseded_ms:
                    yield minute


def _minute_of_day(minute: int) -> int:
    local = dt.datetime.fromtimestamp(minute * 60, tz=ZONE)
    return local.hour * 60 + local.minute


def _common(one: range, other: range) -> range:
    return range(max(one.start, other.start), min(one.stop, other.stop))
