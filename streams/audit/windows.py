"""Declared windows of a month: which minutes each may excuse, and what must be listed (X1-X4)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    """A window with the minutes that it may excuse, the reason why it is void, and why it is excused on trust only.

    A window covers minutes that follow each other, and a budget ends once a month: what it excuses is a range, however
    long it is and however many others there are.
    """

    window: AuditWindow
    excuses: range = range(0)
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
    emergency = (_whole(window, span) for window in overlapping if window.kind == "emergency_maintenance")
    spent_at = _spent_at(disjoint(emergency), span.policy.emergency_minutes)
    return [_rule_one(window, span, spent_at) for window in overlapping]


def disjoint(runs: Iterable[range]) -> list[range]:
    """Runs that together have the minutes of these, each once, in the order of time."""
    found: list[range] = []
    reached = 0
    for run in sorted(runs, key=lambda run: (run.start, run.stop)):
        if run.stop > max(run.start, reached):
            found.append(range(max(run.start, reached), run.stop))
            reached = run.stop
    return found


def _spent_at(runs: Iterable[range], minutes: int) -> int | None:
    """Where so many minutes of these runs are over; None: they do not have as many."""
    left = minutes
    for run in runs:
        if left < len(run):
            return run.start + left
        left -= len(run)
    return None


def _rule_one(window: AuditWindow, span: AuditSpan, spent_at: int | None) -> Ruling:
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
        within = whole if spent_at is None else range(whole.start, max(whole.start, min(whole.stop, spent_at)))
        lost = len(whole) - len(within)
        void = ("emergency_budget_spent", lost) if lost else None
        return Ruling(window=window, excuses=within, void=void, on_trust=afterwards)
    if not window.evidence:
        return Ruling(window=window, void=("no_evidence", len(whole)))
    return Ruling(window=window, excuses=whole, on_trust=afterwards)


def _whole(window: AuditWindow, span: AuditSpan) -> range:
    """The minutes of the month that the window covers whole (T2)."""
    first, end = -(-window.start_ms // MINUTE_MS), window.end_ms // MINUTE_MS
    return range(max(first, span.first), min(end, span.end))


def listed(rulings: Iterable[Ruling], excluded: Mapping[Minute, str]) -> list[dict[str, str | int]]:
    """The declarations listed for customers, given each excluded minute's kind, in the order of `month --json`."""
    found: list[tuple[str, str, AuditWindow, int]] = []
    by_kind: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for (service, minute), kind in sorted(excluded.items()):
        by_kind[service, kind].append(minute)
    for ruling in rulings:
        window = ruling.window
        if ruling.void:
            reason, minutes = ruling.void
            found.append((window.declaration_id, reason, window, minutes))
        if ruling.on_trust:
            minutes = sum(_within(by_kind[service, window.kind], ruling.excuses) for service in window.services)
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


def _within(minutes: Sequence[int], run: range) -> int:
    """How many of these minutes, in the order of time, lie in a run."""
    return max(0, bisect_left(minutes, run.stop) - bisect_left(minutes, run.start))
