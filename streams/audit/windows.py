"""Declared windows: which minutes each excuses, and why it does not excuse the others (X1-X3)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from streams.audit.instants import MINUTE_MS
from streams.audit.known import AuditWindow
from streams.audit.policy import AuditPolicy
from streams.audit.records import GAP, KINDS
from streams.audit.silences import local_time

SCHEDULED: Final = "scheduled_maintenance"
EMERGENCY: Final = "emergency_maintenance"
SHUTDOWN: Final = "regulatory_shutdown"
MAINTENANCE: Final = (SCHEDULED, EMERGENCY)
THIRD_PARTIES: Final = ("operator_outage", "internet_backbone", "dns")
"""Kinds that excuse what only probes tell, never a failure of ours (X3)."""
VOUCHING: Final = (*THIRD_PARTIES, SHUTDOWN)
"""Kinds whose windows make claimed failures the operator's (C7)."""


@dataclass(slots=True, kw_only=True)
class Ruling:
    """The current revision of a declaration, and what becomes of its whole minutes of the span, by service."""

    window: AuditWindow
    excuses: dict[str, dict[int, bool]] = field(default_factory=dict)
    """The minutes that it may excuse; true: proven by broker timestamps (X)."""
    void: dict[str, dict[int, str]] = field(default_factory=dict)
    """Why not the other ones."""


def by_declaration(windows: Iterable[AuditWindow]) -> list[list[AuditWindow]]:
    """The records of each declaration, as they came: by broker timestamp, then revision."""
    found: defaultdict[str, list[AuditWindow]] = defaultdict(list)
    for window in windows:
        found[window.declaration_id].append(window)
    return [sorted(found[name], key=_came) for name in sorted(found)]


def current_of(records: Iterable[AuditWindow]) -> AuditWindow:
    """The record that counts (I2)."""
    return max(records, key=lambda window: (window.revision, window.content))


def _came(window: AuditWindow) -> tuple[int, int, int]:
    return window.recorded_at_ms, window.revision, window.content


def whole_minutes(window: AuditWindow, first: int, end: int) -> range:
    """The minutes of [first, end) that the window covers whole (T2)."""
    return range(max(first, -(-window.start_ms // MINUTE_MS)), min(end, window.end_ms // MINUTE_MS))


def touched_minutes(window: AuditWindow, first: int, end: int) -> range:
    """The minutes of [first, end) that the window touches (T2)."""
    return range(max(first, window.start_ms // MINUTE_MS), min(end, -(-window.end_ms // MINUTE_MS)))


def covers(window: AuditWindow, minute: int) -> bool:
    """Whether the window covers all of a minute (T2)."""
    return window.start_ms <= minute * MINUTE_MS and (minute + 1) * MINUTE_MS <= window.end_ms


def rule(declarations: Sequence[Sequence[AuditWindow]], policy: AuditPolicy, first: int, end: int) -> list[Ruling]:
    """What becomes of every window that is not retracted and would exclude, in the minutes [first, end)."""
    budget = _emergency_budget(declarations, policy, first, end)
    found = []
    for records in declarations:
        current = current_of(records)
        if not current.retracted and current.kind != GAP:
            found.append(_Judge(records, current, policy, budget).rule(first, end))
    return found


class _Judge:
    """Rules on one declaration."""

    def __init__(
        self, records: Sequence[AuditWindow], current: AuditWindow, policy: AuditPolicy, budget: set[int]
    ) -> None:
        self._records = records
        self._current = current
        self._policy = policy
        self._budget = budget
        retractions = [_came(record)[:2] for record in records if record.retracted]
        self._last_retraction = max(retractions, default=(-1, -1))

    def rule(self, first: int, end: int) -> Ruling:
        ruling = Ruling(window=self._current)
        minutes = whole_minutes(self._current, first, end)
        for service in self._current.services:
            standing = list(self._standing(service))
            reasons = {minute: self._why_void(standing, minute) for minute in minutes}
            ruling.void[service] = {minute: reason for minute, reason in reasons.items() if reason}
            ruling.excuses[service] = {
                minute: self._is_proven(standing, minute) for minute, reason in reasons.items() if not reason
            }
        return ruling

    def _standing(self, service: str) -> Iterator[AuditWindow]:
        """The revisions of the same kind, for a service, with no retraction had since."""
        for record in self._records:
            is_same = record.kind == self._current.kind and service in record.services
            if is_same and not record.retracted and _came(record)[:2] >= self._last_retraction:
                yield record

    def _why_void(self, standing: Sequence[AuditWindow], minute: int) -> str:
        """Why a minute of the current revision is not excused; empty: it is."""
        if self._current.kind == SCHEDULED:
            return self._why_not_scheduled(standing, minute)
        if self._current.kind == EMERGENCY:
            if not any(covers(record, minute) and self._is_in_time(record, minute) for record in standing):
                return "declared_afterwards"
            return "" if minute in self._budget else "emergency_budget_spent"
        return self._why_not_anothers(standing, minute)

    def _why_not_scheduled(self, standing: Sequence[AuditWindow], minute: int) -> str:
        """X1."""
        in_time = [record for record in standing if self._is_in_time(record, minute)]
        if not in_time:
            return "notice_too_short"
        if not any(covers(record, minute) for record in in_time):
            return "overrun"
        return "outside_usual_hours" if self._policy.unusual_is_void and not self._is_usual(minute) else ""

    def _why_not_anothers(self, standing: Sequence[AuditWindow], minute: int) -> str:
        """X3."""
        if not self._current.evidence.strip():
            return "no_evidence"
        covering = [record for record in standing if covers(record, minute)]
        if any(self._is_in_time(record, minute) for record in covering):
            return ""
        over_ms = (minute + 1) * MINUTE_MS
        is_foretold = self._current.kind != SHUTDOWN and all(self._had_ms(record) < over_ms for record in covering)
        return "foretold" if is_foretold else "declared_too_late"

    def _is_in_time(self, record: AuditWindow, minute: int) -> bool:
        """Whether a revision was had in time for a minute."""
        had_ms, over_ms = self._had_ms(record), (minute + 1) * MINUTE_MS
        if record.kind == SCHEDULED:
            return had_ms <= record.start_ms - self._policy.notice_ms
        if record.kind == EMERGENCY:
            return had_ms < minute * MINUTE_MS
        is_foretold = had_ms < over_ms and record.kind != SHUTDOWN
        return not is_foretold and had_ms <= over_ms + self._policy.evidence_within_ms

    def _had_ms(self, record: AuditWindow) -> int:
        return record.recorded_at_ms if self._has_broker_time(record) else record.announced_at_ms

    def _has_broker_time(self, record: AuditWindow) -> bool:
        return record.start_ms >= self._policy.broker_time_from_ms

    def _is_proven(self, standing: Sequence[AuditWindow], minute: int) -> bool:
        return self._has_broker_time(self._current) and any(
            self._has_broker_time(record) and covers(record, minute) and self._is_in_time(record, minute)
            for record in standing
        )

    def _is_usual(self, minute: int) -> bool:
        now = local_time(minute, self._policy.zone)
        opening, closing = self._policy.usual_hours
        return opening <= now.hour * 60 + now.minute < closing


def _emergency_budget(
    declarations: Iterable[Sequence[AuditWindow]], policy: AuditPolicy, first: int, end: int
) -> set[int]:
    """The first emergency minutes of each calendar month that [first, end) lies in, over the whole platform (X2)."""
    borders = month_borders(first, end, policy.zone)
    minutes: set[int] = set()
    for records in declarations:
        minutes.update(_emergency_minutes(records, borders[0], borders[-1]))
    granted: set[int] = set()
    for start, stop in pairwise(borders):
        granted.update(sorted(minute for minute in minutes if start <= minute < stop)[: policy.emergency_minutes])
    return granted


def _emergency_minutes(records: Sequence[AuditWindow], first: int, end: int) -> Iterator[int]:
    """The minutes of one declaration that use up the budget: of its current revision, and of earlier ones.

    Of an earlier one those that had begun when a later record came: shortening it afterwards gives nothing back.
    """
    current = current_of(records)
    for record, later in zip(records, [*records[1:], None], strict=True):
        if record.kind == EMERGENCY and not record.retracted:
            for minute in whole_minutes(record, first, end):
                if record is current or later is None or minute * MINUTE_MS < later.recorded_at_ms:
                    yield minute


def month_borders(first: int, end: int, zone: str) -> list[int]:
    """Where the calendar months begin that [first, end) lies in, and the one after them (T3)."""
    day = local_time(first, zone).date().replace(day=1)
    borders = [_midnight(day.year, day.month, zone)]
    while borders[-1] < end:
        day = (day + timedelta(days=32)).replace(day=1)
        borders.append(_midnight(day.year, day.month, zone))
    return borders


def _midnight(year: int, month: int, zone: str) -> int:
    midnight = datetime(year, month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return int(midnight.timestamp()) // 60


def kinds_in_order(kinds: Iterable[str]) -> list[str]:
    """Kinds of windows in the order in which they claim a minute (X4)."""
    present = set(kinds)
    return [kind for kind in KINDS if kind in present]
