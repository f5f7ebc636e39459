"""What is not known: silences, gaps, missing records (B1-B3)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from streams.audit.counting import Counts
from streams.audit.gathering import Gathered, Minute, Window
from streams.audit.instants import MINUTE_MS
from streams.audit.policy import Policy, Span
from streams.audit.records import GAP, SERVICES


def silent_minutes(
    gathered: Gathered, counts: Mapping[Minute, Counts], policy: Policy, *, frontier_ms: int
) -> set[Minute]:
    """The minutes of silences before the frontier (B2)."""
    active: defaultdict[str, set[int]] = defaultdict(set)
    for (service, minute), at in counts.items():
        if at.is_active:
            active[service].add(minute)
    for _, _, service, minute in gathered.manifests:
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


def gap_minutes(gathered: Gathered, windows: Iterable[Window], span: Span) -> set[Minute]:
    """The minutes of the month in which records are known to be lost: declared, between manifests, before offsets."""
    gaps: set[Minute] = set()
    for window in windows:
        if window.kind == GAP:
            touched = _within(span, window.start_ms // MINUTE_MS, -(-window.end_ms // MINUTE_MS))
            gaps.update((service, minute) for service in window.services for minute in touched)
    told: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for topic, source, service, minute in gathered.manifests:
        told[topic, source, service].append(minute)
    for (_, _, service), minutes in told.items():
        for before, after in pairwise(sorted(minutes)):
            if after - before - 1 <= span.policy.hole_max_minutes:
                gaps.update((service, minute) for minute in _within(span, before + 1, after))
    for hole in gathered.holes:
        first = (hole.since_ms - span.policy.lost_lead_ms) // MINUTE_MS
        lost = _within(span, first, hole.until_ms // MINUTE_MS + 1)
        gaps.update((service, minute) for service in SERVICES for minute in lost)
    return gaps


def missing_records(gathered: Gathered, counts: Mapping[Minute, Counts]) -> Counter[tuple[str, str, int]]:
    """How many records are missing, by topic, service and minute (B3)."""
    missing: Counter[tuple[str, str, int]] = Counter()
    for (topic, source, service, minute), told in gathered.manifests.items():
        at = counts.get((service, minute))
        arrived = at.sourced[topic, source] if at else 0
        missing[topic, service, minute] += max(0, told.identities - arrived)
    for (topic, _, _), (known_at_ms, letter) in gathered.unread.items():
        minute = known_at_ms // MINUTE_MS if letter.minute is None else letter.minute
        for service in SERVICES if letter.service is None else (letter.service,):
            if letter.source is None or (topic, letter.source, service, minute) not in gathered.manifests:
                missing[topic, service, minute] += 1
    return missing


def is_proven(gathered: Gathered, counts: Mapping[Minute, Counts], span: Span, service: str) -> bool:
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
    told: Counter[str] = Counter()
    for _, source, of, minute in gathered.manifests:
        if of == service and span.first <= minute < span.end:
            told[source] += 1
    whole = {source for source, manifests in told.items() if manifests == 2 * (span.end - span.first)}
    return bool(whole) and named <= whole


def _within(span: Span, first: int, end: int) -> range:
    return range(max(first, span.first), min(end, span.end))
