"""Random spans of two to twelve hours, and random changes of them (H1)."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Final, get_args

import numpy as np
from numpy.random import Generator

from schemas.declaration import Kind
from schemas.fields import Service
from streams.rules.month.exact import Counts, Flags, runs
from streams.rules.month.inputs import ManifestSeries, TrafficCounts
from streams.rules.month.span import DAY, WEEK
from streams.rules.month.states import code_of
from streams.rules.verdict import MinuteState
from tests.unit.rules.month.spans import START, ZECTO, Span, ms

SERVICES: Final[tuple[Service, ...]] = ("sms", "voice")
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_POLICIES: Final = (ZECTO, ZECTO, replace(ZECTO, excluded="removed"), replace(ZECTO, outside_usual_hours="excludes"))
_OTHERS: Final = ("operator", "customer", "unknown", "claimed")


def random_span(rng: Generator) -> Span:
    """A span with traffic that comes and goes, fails in stretches, is counted by manifests, and has windows."""
    weeks = int(rng.choice([0, 0, 0, 1, 2, 3]))
    policy = _POLICIES[rng.integers(len(_POLICIES))]
    span = Span(int(rng.integers(120, 721)), before=120 + weeks * WEEK, policy=policy)
    span.services = {service: span.services[service] for service in SERVICES}
    for service in SERVICES[: rng.integers(1, 3)]:
        counts = span.services[service]
        _fill(counts.requests, weeks, span, rng)
        if rng.random() < 0.5:
            _fill(counts.messages, weeks, span, rng)
        _vantages(span, service, rng)
        if rng.random() < 0.7:
            _count(span, service, rng)
    for number in range(rng.integers(0, 4)):
        random_window(span, rng, f"d{number}")
    if rng.random() < 0.3:
        minutes = rng.integers(0, span.frame.minutes, 3)
        span.dead({int(minute): int(rng.integers(1, 9)) for minute in sorted(set(minutes))})
    if rng.random() < 0.3:
        at = START + int(rng.integers(0, span.frame.minutes))
        span.frontier(at, as_of=at + int(rng.integers(0, 30)))
    return span


def random_window(span: Span, rng: Generator, declaration_id: str) -> None:
    """One declaration more, perhaps with a second revision, in time or not."""
    kind = KINDS[rng.integers(len(KINDS))]
    start = float(rng.integers(-30, span.frame.minutes))
    end = start + float(rng.integers(1, 200))
    for revision in range(rng.integers(1, 3)):
        beforehand = [-3 * DAY, start - 10, start + 5, end]
        had = float(rng.choice([*beforehand, end, end, end + DAY, end + 8 * DAY]))
        shift = float(rng.integers(-5, 6)) if revision else 0.0
        span.window(
            kind,
            start + shift,
            end + shift + 0.5 * float(rng.integers(0, 2)),
            had=had,
            declaration_id=declaration_id,
            revision=revision,
            services=frozenset(SERVICES[: rng.integers(1, 3)]),
            evidence="" if rng.random() < 0.2 else "ticket",
            retracted=bool(revision and rng.random() < 0.3),
            announced_at_ms=ms(min(had, start) - 3 * DAY),
        )


@dataclass(frozen=True, kw_only=True)
class SpanChange:
    """A span before and after one change, and of which minutes its numbers are compared: all, or some."""

    before: Span
    after: Span
    service: Service
    minutes: slice


Change = Callable[[Span, Generator], SpanChange | None]


def remove_counted_records(span: Span, rng: Generator) -> SpanChange | None:
    """Records that manifests tell of go missing (H1)."""
    series = next((one for one in span.manifests if one.topic == "api.requests"), None)
    if series is None:
        return None
    after = deepcopy(span)
    changed = after.manifests[span.manifests.index(series)]
    requests = after.services[series.service].requests
    counted = np.isin(np.arange(span.frame.size) + span.frame.first, series.minutes)
    found = np.flatnonzero(counted & (requests.in_scope.ok + requests.in_scope.platform > 0))
    found = found[found >= span.frame.start - span.frame.first - 15]
    if not found.size:
        return None
    first = int(found[rng.integers(found.size)])
    for at in found[(found >= first) & (found < first + rng.integers(1, 40))]:
        for counts in (requests.in_scope.ok, requests.in_scope.platform):
            taken = rng.integers(0, counts[at] + 1) if rng.random() < 0.5 else counts[at]
            counts[at] -= taken
            requests.heard[at] -= taken
            changed.seen[at] -= taken
    return SpanChange(before=span, after=after, service=series.service, minutes=slice(None))


def correct_failures(span: Span, rng: Generator) -> SpanChange | None:
    """A later revision makes failures successes, or others' failures, or takes them out of scope (I4)."""
    after = deepcopy(span)
    requests = after.services["sms"].requests
    inside = np.arange(span.frame.size) >= span.frame.start - span.frame.first
    found = np.flatnonzero(inside & (requests.in_scope.platform > 0))
    if not found.size:
        return None
    goal = str(rng.choice(["ok", "customer", "claimed", "unknown", "out_of_scope"]))
    for at in rng.choice(found, min(found.size, int(rng.integers(1, 30))), replace=False):
        count = int(rng.integers(1, requests.in_scope.platform[at] + 1))
        requests.in_scope.platform[at] -= count
        requests.corrected[at] += count
        target = requests.out_of_scope.platform if goal == "out_of_scope" else getattr(requests.in_scope, goal)
        target[at] += count
        _corrected(requests, goal, at, count)
    return SpanChange(before=span, after=after, service="sms", minutes=slice(None))


def declare(span: Span, rng: Generator) -> SpanChange | None:
    """Another declaration, or a later revision or retraction of one (X4)."""
    after = deepcopy(span)
    random_window(after, rng, f"d{rng.integers(0, 4)}")
    return SpanChange(before=span, after=after, service="sms", minutes=slice(None))


def lengthen_outage(span: Span, rng: Generator) -> SpanChange | None:
    """The minute after an outage fails like its last one (H1)."""
    run = _run_before_a_quiet_minute(span, rng, MinuteState.DOWN)
    if run is None:
        return None
    after = deepcopy(span)
    counts, at = after.services["sms"], run.stop - 1 + span.frame.start - span.frame.first
    for traffic in (counts.requests, counts.messages):
        traffic.in_scope.platform[at] += traffic.in_scope.ok[at]
        traffic.in_scope.ok[at] = 0
    counts.vantages_failed[at] = counts.vantages_ok[at] if counts.vantages_failed[at - 1] else 0
    counts.vantages_ok[at] -= counts.vantages_failed[at]
    if counts.requests.heard[at] + counts.messages.heard[at] + counts.vantages_failed[at] == 0:
        return None
    return SpanChange(before=span, after=after, service="sms", minutes=run)


def lengthen_silence(span: Span, rng: Generator) -> SpanChange | None:
    """The minute after a silence, which is told of nowhere else, is silent too (H1)."""
    run = _run_before_a_quiet_minute(span, rng, MinuteState.BLIND)
    if run is None or any(series.service == "sms" for series in span.manifests):
        return None
    after = deepcopy(span)
    counts, at = after.services["sms"], run.stop - 1 + span.frame.start - span.frame.first
    for traffic in (counts.requests, counts.messages):
        traffic.in_scope.ok[at] = traffic.heard[at] = 0
    counts.vantages_ok[at] = counts.vantages_ok[at - 1]
    counts.vantages_failed[at] = counts.vantages_failed[at - 1]
    return SpanChange(before=span, after=after, service="sms", minutes=run)


def _run_before_a_quiet_minute(span: Span, rng: Generator, state: MinuteState) -> slice | None:
    """A run of minutes of `sms` in a state, and the minute after it: good or idle, and nothing in it failed."""
    judged = span.judged().services["sms"]
    found = judged.verdict.state
    starts, ends = runs(found == code_of(state))
    quiet = np.isin(found, [code_of(MinuteState.GOOD), code_of(MinuteState.IDLE)]) & ~_failed(span)
    if state == MinuteState.BLIND:
        starts, ends = runs((found == code_of(state)) & judged.reading.silent)
    chosen = [(a, b) for a, b in zip(starts, ends, strict=True) if b < found.size and quiet[b]]
    if not chosen:
        return None
    start, end = chosen[rng.integers(len(chosen))]
    return slice(int(start), int(end) + 1)


def _failed(span: Span) -> Flags:
    """Whether anything of `sms` failed, or is missing, in minutes of the span."""
    counts, reading = span.services["sms"], span.judged().services["sms"].reading
    part = slice(span.frame.start - span.frame.first, span.frame.end - span.frame.first)
    names = ("platform", *_OTHERS)
    failures = np.sum(
        [getattr(one.in_scope, name) for one in (counts.requests, counts.messages) for name in names], axis=0
    )
    failed: Flags = (failures + counts.vantages_failed)[part] + reading.missing > 0
    return failed


def _fill(traffic: TrafficCounts, weeks: int, span: Span, rng: Generator) -> None:
    """Stretches of traffic of one sort each, in the span, the hours before it and the same hours of weeks before."""
    for week in range(weeks + 1):
        end = span.frame.size - week * WEEK
        at = max(0, end - span.frame.minutes - 120)
        while at < end:
            stop = min(end, at + int(rng.integers(5, 120)))
            _stretch(traffic, slice(at, stop), rng, failing=week == 0)
            at = stop
    traffic.heard[:] = traffic.in_scope.ok + traffic.in_scope.platform


def _stretch(traffic: TrafficCounts, part: slice, rng: Generator, *, failing: bool) -> None:
    size = part.stop - part.start
    volume = rng.choice([0, 0, 1, 5, 30, 300])
    counts = rng.poisson(volume, size) if rng.random() < 0.7 else (rng.random(size) < 0.2).astype(np.int64)
    share = rng.choice([0, 0, 0.005, 0.05, 0.5, 1]) if failing else 0
    failed = rng.binomial(counts, share)
    traffic.in_scope.ok[part] = counts - failed
    traffic.in_scope.platform[part] = failed
    if rng.random() < 0.3:
        getattr(traffic.in_scope, rng.choice(_OTHERS))[part] = rng.poisson(1, size)
    if rng.random() < 0.2:
        traffic.out_of_scope.ok[part] = rng.poisson(2, size)


def _vantages(span: Span, service: Service, rng: Generator) -> None:
    if rng.random() < 0.5:
        counts = span.services[service]
        failing = rng.random() * 0.3
        counts.vantages_failed[:] = rng.binomial(3, failing, span.frame.size)
        counts.vantages_ok[:] = 3 - counts.vantages_failed - rng.integers(0, 2, span.frame.size)
        np.maximum(counts.vantages_ok, 0, out=counts.vantages_ok)


def _count(span: Span, service: Service, rng: Generator) -> None:
    """Manifests that count every identity, perhaps with a hole or a shortfall."""
    seen = _identities(span.services[service].requests)
    kept = np.ones(span.frame.size, dtype=np.bool_)
    if rng.random() < 0.3:
        at = int(rng.integers(0, span.frame.size))
        kept[at : at + int(rng.integers(1, 60))] = False
    minutes = np.flatnonzero(kept)
    counts = seen[minutes] + (rng.random(minutes.size) < 0.002) * rng.integers(1, 20, minutes.size)
    final = np.zeros(minutes.size, dtype=np.bool_)
    final[-1:] = rng.random() < 0.9
    span.manifests.append(
        ManifestSeries(
            topic="api.requests",
            source="lb",
            service=service,
            minutes=minutes + span.frame.first,
            counts=counts,
            greatest=counts,
            final=final,
            corrected=np.zeros(minutes.size, dtype=np.bool_),
            recorded_ms=(minutes + span.frame.first + 1) * 60_000,
            seen=seen,
        )
    )


def _identities(traffic: TrafficCounts) -> Counts:
    names = ("ok", "platform", *_OTHERS)
    found: Counts = np.sum(
        [getattr(counts, name) for counts in (traffic.in_scope, traffic.out_of_scope) for name in names], axis=0
    )
    return found


def _corrected(requests: TrafficCounts, goal: str, at: int, count: int) -> None:
    """What I4 says of identities that now count as something else than a failure of ours."""
    if goal == "claimed":
        requests.corrected_claimed[at] += count
    elif goal != "unknown":
        requests.corrected_settled[at] += count
    if goal == "ok":
        requests.corrected_valid[at] += count
