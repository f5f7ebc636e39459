"""Random spans with everything in them that decides something, so that no rule is left out of the comparison."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from schemas.fields import SERVICES, Service
from streams.rules.month.exact import Counts
from streams.rules.month.inputs import (
    DeadLetterSeries,
    LostOffsets,
    ManifestSeries,
    OutcomeCounts,
    RefusedDeclaration,
    ServiceCounts,
    TrafficCounts,
)
from streams.rules.month.span import DAY
from tests.unit.rules.month.random_spans import random_span, random_window
from tests.unit.rules.month.spans import INPUT_TOPICS, START, TOPICS, Span, ms

_OPEN: Final = ("accepted", "enroute")
_BESIDE: Final = ("conflicts", "unsourced", "unnamed", "probes_corrected")


def full_span(rng: Generator, minutes: int | None = None) -> Span:
    """A random span as H1 is tried on, and much more in it; None: of two to twelve hours."""
    span = random_span(rng, minutes)
    span.policy = _policy(span, rng)
    for service in SERVICES[2:]:
        span.services[service] = Span(span.frame.minutes, before=span.frame.start - span.frame.first).services["sms"]
    for service in SERVICES:
        if rng.random() < 0.6:
            _add_counts(span, service, rng)
    for _ in range(rng.integers(0, 4)):
        span.manifests = _without_twins([*span.manifests, _manifests(span, rng)])
    for number in range(rng.integers(0, 4)):
        random_window(span, rng, f"e{number}")
    span.dead_letters += [_dead_letters(span, rng) for _ in range(rng.integers(0, 3))]
    if rng.random() < 0.3:
        span.lost += [_lost(span, rng) for _ in range(rng.integers(1, 3))]
    if rng.random() < 0.2:
        span.refused.append(RefusedDeclaration(declaration_id="r", recorded_at_ms=ms(float(rng.integers(-9, 700)))))
    span.extra["holidays"] = [date(2027, 3, int(day)) for day in rng.integers(9, 12, rng.integers(0, 2))]
    _frontiers(span, rng)
    return span


def _policy(span: Span, rng: Generator) -> Any:  # noqa: ANN401  as the span has it
    policy = span.policy
    if rng.random() < 0.3:
        policy = replace(policy, broker_time_from_ms=ms(float(rng.integers(-60, span.frame.minutes))))
    if rng.random() < 0.1:
        policy = replace(policy, told_by_us="operator")
    if rng.random() < 0.1:
        policy = replace(policy, excluded="removed", outside_usual_hours="excludes")
    return policy


def _frontiers(span: Span, rng: Generator) -> None:
    """Receipts perhaps read far enough, or not; all topics perhaps to a minute of the span."""
    if rng.random() < 0.6:
        end = span.frame.start + int(rng.integers(-5, span.frame.minutes + 20))
        receipts = int(rng.integers(end - 20, end + 4 * DAY)) if rng.random() < 0.5 else end
        span.frontier(end if rng.random() < 0.4 else receipts, receipts=receipts, as_of=end + int(rng.integers(0, 40)))


def _add_counts(span: Span, service: Service, rng: Generator) -> None:
    counts = span.services[service]
    for traffic in (counts.requests, counts.messages):
        for _ in range(rng.integers(0, 4)):
            _add_stretch(traffic, _part(span, rng), rng)
    _add_open(counts, span, rng)
    counts.requests.collisions[_part(span, rng)] += _few(rng, 0.3, span)
    for name in _BESIDE:
        getattr(counts, name)[_part(span, rng)] += _few(rng, 0.02, span)
    if rng.random() < 0.3:
        counts.mended["region"] = np.zeros(span.frame.size, dtype=np.int64)  # type: ignore[index]
        counts.mended["region"][_part(span, rng)] += _few(rng, 0.1, span)


def _add_open(counts: ServiceCounts, span: Span, rng: Generator) -> None:
    for name in _OPEN:
        getattr(counts.messages.in_scope, name)[_part(span, rng)] += _few(rng, 0.3, span)
        getattr(counts.messages.out_of_scope, name)[_part(span, rng)] += _few(rng, 0.1, span)


def _add_stretch(traffic: TrafficCounts, part: slice, rng: Generator) -> None:
    """Outcomes of every kind, some of them corrected, some not alone under their id."""
    size = traffic.heard[part].size
    for name in OutcomeCounts.__slots__[:8]:
        if rng.random() < 0.4:
            getattr(traffic.in_scope, name)[part] += rng.poisson(rng.choice([0.1, 2]), size)
        if rng.random() < 0.3:
            getattr(traffic.out_of_scope, name)[part] += rng.poisson(rng.choice([0.1, 2]), size)
    scope = traffic.in_scope
    valid, claimed = rng.binomial(scope.ok[part], 0.1), rng.binomial(scope.claimed[part], 0.3)
    settled = rng.binomial(scope.customer[part], 0.3) + rng.binomial(valid, 0.8)
    traffic.corrected_valid[part], traffic.corrected_claimed[part] = valid, claimed
    traffic.corrected_settled[part] = settled
    traffic.corrected[part] = valid + claimed + settled + rng.binomial(scope.unknown[part], 0.2)
    traffic.heard[part] = scope.ok[part] + scope.platform[part] + (rng.random(size) < 0.01)


def _part(span: Span, rng: Generator) -> slice:
    """A stretch that lies in the span or shortly before it."""
    at = span.frame.start - span.frame.first - 70 + int(rng.integers(0, span.frame.minutes + 60))
    return slice(max(0, at), max(0, at) + int(rng.integers(1, 150)))


def _few(rng: Generator, often: float, span: Span) -> int:
    return int(rng.random() < often) * int(rng.integers(1, 4)) * (span.frame.minutes > 0)


def _manifests(span: Span, rng: Generator) -> ManifestSeries:
    """A source that counts more or less than it sent, with gaps, corrections and a last word."""
    service = SERVICES[rng.integers(len(SERVICES))]
    first = span.frame.start - int(rng.integers(0, min(3000, span.frame.start - span.frame.first)))
    everything = np.arange(first, span.frame.end + int(rng.integers(-60, 30)))
    minutes = everything[rng.random(everything.size) < rng.choice([1, 1, 0.99, 0.5])]
    for _ in range(rng.integers(0, 3)):
        at = int(rng.integers(first, span.frame.end))
        minutes = minutes[(minutes < at) | (minutes >= at + int(rng.integers(1, 200)))]
    counts = rng.poisson(rng.choice([0, 0.02, 3]), minutes.size)
    seen = np.zeros(span.frame.size, dtype=np.int64)
    inside = minutes[minutes < span.frame.stop] - span.frame.first
    seen[inside] = np.maximum(0, counts[: inside.size] - rng.binomial(1, rng.choice([0, 0.01, 0.2]), inside.size))
    corrected = rng.random(minutes.size) < 0.01
    return ManifestSeries(
        topic=TOPICS[rng.integers(2)],
        source=str(rng.choice(["edge", "log"])),
        service=service,
        minutes=minutes,
        counts=counts,
        greatest=counts + corrected * rng.integers(1, 5, minutes.size),
        final=rng.random(minutes.size) < rng.choice([0, 0.01]),
        corrected=corrected,
        recorded_ms=(minutes + 1) * 60_000 + rng.choice([0, 1, DAY * 60_000, DAY * 60_000 + 1], minutes.size),
        seen=seen,
    )


def _without_twins(series: list[ManifestSeries]) -> list[ManifestSeries]:
    """A series a topic, source and service."""
    return list({(one.topic, one.source, one.service): one for one in series}.values())


def _dead_letters(span: Span, rng: Generator) -> DeadLetterSeries:
    minutes: Counts = np.unique(START + rng.integers(-20, span.frame.minutes, 4))
    return DeadLetterSeries(
        topic=TOPICS[rng.integers(2)],
        source=str(rng.choice(["", "lb", "edge"])),
        service=None if rng.random() < 0.3 else SERVICES[rng.integers(len(SERVICES))],
        minutes=minutes,
        counts=rng.integers(1, 6, minutes.size),
    )


def _lost(span: Span, rng: Generator) -> LostOffsets:
    until, length = float(rng.integers(0, span.frame.minutes)), float(rng.integers(0, 40))
    frontier, last_read = ms(until - length + float(rng.integers(-3, 12))), ms(until - length)
    return LostOffsets(
        topic=INPUT_TOPICS[rng.integers(len(INPUT_TOPICS))],
        frontier_ms=None if rng.random() < 0.1 else frontier,
        last_read_ms=None if rng.random() < 0.1 else last_read,
        first_after_ms=ms(until) + int(rng.integers(0, 2)) * 1_500,
    )
