"""Declared windows of a month: which minutes each may excuse, and what must be listed (X1-X4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from streams.audit.collecting import AuditRecords, AuditWindow, Minute
from streams.audit.instants import MINUTE_MS
from streams.audit.policy import AuditSpan
from streams.audit.records import GAP

THIRD_PARTIES: Final = ("operator_outage", "internet_backbone", "dns")
"""Kinds that excuse what is bad by its probes, never a failure of ours (X3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A window with the minutes that it may excuse, the reason why it is void, and why it is excused on trust only."""

    window: AuditWindow
    excuses: frozenset[int] = frozenset()
    void: tuple[str, int] | None = None
    on_trust: str = ""


def effective_windows(records_of_month: AuditRecords) -> list[AuditWindow]:
    """Of each declaration the one that counts, unless it is retracted (I2, X4)."""
    stand: dict[str, AuditWindow] = {}
    for window in records_of_month.windows.values():
        known = stand.get(window.declaration_id)
        if known is None or (window.revision, window.content) > (known.revision, known.content):
            stand[window.declaration_id] = window
    return [window for window in stand.values() if not window.retracted]


def rule(windows: Iterable[AuditWindow], span: AuditSpan) -> list[Ruling]:
    """What becomes of each window that would exclude and overlaps the month."""
    overlapping = [
        window
        for window in windows
        if window.kind != GAP and window.start_ms < span.end * MINUTE_MS and window.end_ms > span.first * MINUTE_MS
    ]
    emergency = {
        minute for window in overlapping if window.kind == "emergency_maintenance" for minute in _whole(window, span)
    }
    budget = frozenset(sorted(emergency)[: span.policy.emergency_minutes])
    return [_rule_one(window, span, budget) for window in overlapping]


def _rule_one(window: AuditWindow, span: AuditSpan, budget: frozenset[int]) -> Ruling:
    whole = _whole(window, span)
    if window.kind == "scheduled_maintenance":
        in_time_ms = window.start_ms - span.policy.maintenance_notice_ms
        unproven = window.recorded_at_ms > in_time_ms
        if window.announced_at_ms > in_time_ms:
            return Ruling(window=window, void=("notice_too_short", len(whole)))
        if unproven and span.policy.unproven_is_void:
            return Ruling(window=window, void=("notice_unproven", len(whole)))
        return Ruling(window=window, excuses=whole, on_trust="notice_unproven" if unproven else "")
    afterwards = "declared_afterwards" if window.recorded_at_ms > window.start_ms else ""
    if window.kind == "emergency_maintenance":
        lost = len(whole - budget)
        void = ("emergency_budget_spent", lost) if lost else None
        return Ruling(window=window, excuses=whole & budget, void=void, on_trust=afterwards)
    if not window.evidence:
        return Ruling(window=window, void=("no_evidence", len(whole)))
    return Ruling(window=window, excuses=whole, on_trust=afterwards)


def _whole(window: AuditWindow, span: AuditSpan) -> frozenset[int]:
    """The minutes of the month that the window covers whole (T2)."""
    first, end = -(-window.start_ms // MINUTE_MS), window.end_ms // MINUTE_MS
    return frozenset(range(max(first, span.first), min(end, span.end)))


def listed(rulings: Iterable[Ruling], excluded: Mapping[Minute, str]) -> list[dict[str, str | int]]:
    """The declarations listed for customers, given each excluded minute's kind, in the order of `month --json`."""
    found: list[tuple[str, str, AuditWindow, int]] = []
    for ruling in rulings:
        window = ruling.window
        if ruling.void:
            reason, minutes = ruling.void
            found.append((window.declaration_id, reason, window, minutes))
        if ruling.on_trust:
            minutes = sum(
                excluded.get((service, minute)) == window.kind
                for service in window.services
                for minute in ruling.excuses
            )
            found.append((window.declaration_id, ruling.on_trust, window, minutes))
    return [
        {
            "declaration_id": declaration_id,
            "revision": window.revision,
            "kind": window.kind,
            "reason": reason,
            "minutes": minutes,
        }
        for declaration_id, reason, window, minutes in sorted(found, key=lambda entry: entry[:2])
    ]
