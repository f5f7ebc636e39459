"""What is not known: silences, gaps, missing records (B1-B3)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from streams.audit.collecting import AuditRecords, AuditWindow, Minute
from streams.audit.counting import AuditCounts
from streams.audit.instants import MINUTE_MS
from streams.audit.policy import AuditPolicy, AuditSpan
from streams.audit.records import GAP, SERVICES
from streams.audit.windows import disjoint


def silent_minutes(
    records_of_month: AuditRecords, counts: Mapping[Minute, AuditCounts], policy: AuditPolicy, *, frontier_ms: int
) -> set[Minute]:
    """The minutes of silences before the frontier (B2)."""
    active: defaultdict[str, set[int]] = defaultdict(set)
    for (service, minute), at in counts.items():
        if at.is_active:
            active[service].add(minute)
    for _, _, service, minute in records_of_month.manifests:
        active[service].add(minute)
    valid = {at: of.valid for at, of in counts.items()}
    seen_to = frontier_ms // MINUTE_MS
    silent: set[Minute] = set()
    for service, minutes in active.items():
        for first, end in _runs(minutes, seen_to):
            seen = range(first, min(end, seen_to))
            before = range(first - policy.silence_minutes_before, first)
            lately = sum(valid.get((service, minute), 0) for minute in before)
            expected = lately * len(seen) >= policy.silence_expected * policy.silence_minutes_before
            if seen and end - first <= policy.silence_max_minutes and expected:
                silent.update((service, minute) for minute in seen)
    return silent


def _runs(active: set[int], seen_to: int) -> Iterable[tuple[int, int]]:
    """The maximal runs [first, end) between active minutes; of the last one, what has been seen of it."""
    ordered = sorted(active)
    for before, after in pairwise([*ordered, max(seen_to, ordered[-1] + 1)]):
        if after > before + 1:
            yield before + 1, after


def gap_minutes(records_of_month: AuditRecords, windows: Iterable[AuditWindow], span: AuditSpan) -> set[Minute]:
    """The minutes of the month in which records are known to be lost: declared, between manifests, before offsets."""
    gaps: set[Minute] = set()
    declared: defaultdict[str, list[range]] = defaultdict(list)
    for window in windows:
        if window.kind == GAP:
            for service in window.services:
                declared[service].append(_within(span, window.start_ms // MINUTE_MS, -(-window.end_ms // MINUTE_MS)))
    for service, runs in declared.items():
        gaps.update((service, minute) for run in disjoint(runs) for minute in run)
    by_source: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for topic, source, service, minute in records_of_month.manifests:
        by_source[topic, source, service].append(minute)
    for (_, _, service), minutes in by_source.items():
        for before, after in pairwise(sorted(minutes)):
            if after - before - 1 <= span.policy.hole_max_minutes:
                gaps.update((service, minute) for minute in _within(span, before + 1, after))
    lead_ms = span.policy.lost_lead_ms
    lost = [
        _within(span, (hole.since_ms - lead_ms) // MINUTE_MS, hole.until_ms // MINUTE_MS + 1)
        for hole in records_of_month.holes
    ]
    gaps.update((service, minute) for run in disjoint(lost) for minute in run for service in SERVICES)
    return gaps


def missing_records(
    records_of_month: AuditRecords, counts: Mapping[Minute, AuditCounts]
) -> Counter[tuple[str, str, int]]:
    """How many records are missing, by topic, service and minute (B3)."""
    missing: Counter[tuple[str, str, int]] = Counter()
    for (topic, source, service, minute), by_source in records_of_month.manifests.items():
        at = counts.get((service, minute))
        arrived = at.sourced[topic, source] if at else 0
        missing[topic, service, minute] += max(0, by_source.identities - arrived)
    for (topic, _, _), (recorded_at_ms, dead_letter) in records_of_month.unread.items():
        minute = recorded_at_ms // MINUTE_MS if dead_letter.minute is None else dead_letter.minute
        for service in SERVICES if dead_letter.service is None else (dead_letter.service,):
            if (
                dead_letter.source is None
                or (topic, dead_letter.source, service, minute) not in records_of_month.manifests
            ):
                missing[topic, service, minute] += 1
    return missing


def is_proven(
    records_of_month: AuditRecords, counts: Mapping[Minute, AuditCounts], span: AuditSpan, service: str
) -> bool:
    """Whether every record of the service carries a source, each with all its manifests of the month (B3).

    At least one source must have sent them all: silence proves nothing.
    """
    named: set[str] = set()
    for minute in range(span.first, span.end):
        at = counts.get((service, minute))
        if at is not None:
            if at.unsourced:
                return False
            named.update(source for _, source in at.sourced)
    by_source: Counter[str] = Counter()
    for _, source, of, minute in records_of_month.manifests:
        if of == service and span.first <= minute < span.end:
            by_source[source] += 1
    whole = {source for source, manifests in by_source.items() if manifests == 2 * (span.end - span.first)}
    return bool(whole) and named <= whole


def _within(span: AuditSpan, first: int, end: int) -> range:
    return range(max(first, span.first), min(end, span.end))
