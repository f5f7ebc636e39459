"""Random spans of two to twelve hours, or of as many minutes as asked for."""

from dataclasses import replace
from typing import Final, get_args

import numpy as np
from numpy.random import Generator

from schemas.declaration import Kind
from schemas.fields import Service
from streams.rules.month.exact import Counts
from streams.rules.month.inputs import ManifestSeries, TrafficCounts
from streams.rules.month.span import DAY, WEEK
from tests.unit.rules.month.spans import START, ZECTO, Span, ms

SERVICES: Final[tuple[Service, ...]] = ("sms", "voice")
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_POLICIES: Final = (ZECTO, ZECTO, replace(ZECTO, excluded="removed"), replace(ZECTO, outside_usual_hours="excludes"))
_OTHERS: Final = ("operator", "customer", "unknown", "claimed")


def random_span(rng: Generator, minutes: int | None = None) -> Span:
    """A span with traffic that comes and goes, fails in stretches, is counted by manifests, and has windows.

    It has so many minutes; None: two to twelve hours.
    """
    weeks = int(rng.choice([0, 0, 0, 1, 2, 3]))
    policy = _POLICIES[rng.integers(len(_POLICIES))]
    span = Span(minutes or int(rng.integers(120, 721)), before=120 + weeks * WEEK, policy=policy)
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
        dead_at = rng.integers(0, span.frame.minutes, 3)
        span.dead({int(minute): int(rng.integers(1, 9)) for minute in sorted(set(dead_at))})
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
