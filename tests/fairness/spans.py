"""Random spans of a month with everything in them that decides something (H1).

Every identity of a minute is of one outcome, and of one source or of none, so that records can be taken away from both.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, get_args

import numpy as np
from numpy.random import Generator

from schemas.declaration import Kind
from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, parse_instant
from schemas.manifest import CountedTopic
from streams.rules.month.exact import Counts
from streams.rules.month.inputs import (
    DeadLetterSeries,
    LostOffsets,
    ManifestSeries,
    OutcomeCounts,
    ServiceCounts,
    TrafficCounts,
)
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import DAY, HOUR, WEEK
from tests.unit.rules.month.spans import HOUR_MS, INPUT_TOPICS, START, TOPICS, ZECTO, Span

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
MONTH: Final = 30 * DAY
MONTH_START: Final = parse_instant("2027-03-31T19:00:00Z") // MINUTE_MS
"""April 2027 begins in Karachi."""

_WEEKS: Final = (0, 0, 0, 0, 0, 1, 2, 2, 3, 4)
_OTHERS: Final = ("operator", "customer", "content", "recipient", "unknown", "claimed")
_WAITING: Final = ("accepted", "enroute")
_RATES: Final = (0, 0, 1, 5, 30, 300)
_FAILING: Final = (0, 0, 0.005, 0.05, 0.5, 1)


def random_span(rng: Generator) -> Span:
    """Two to twelve hours of one or two services, or of all."""
    services = SERVICES[: rng.choice([1, 1, 1, 2, 2, 4])]
    weeks = int(rng.choice(_WEEKS))
    span = Span(int(rng.integers(120, 721)), before=150 + weeks * WEEK, policy=_policy(rng))
    return _filled(span, services, weeks, rng)


def random_month(rng: Generator) -> Span:
    """A whole month of all services, four weeks and some hours before it."""
    span = Span(MONTH, before=4 * WEEK + DAY, policy=_policy(rng), start=MONTH_START)
    return _filled(span, SERVICES, 0, rng)


def young_span(rng: Generator) -> Span:
    """A service that is minutes, hours or days old and falls silent (B2)."""
    age = int(rng.choice([rng.integers(15, 3 * HOUR), rng.integers(3 * HOUR, 13 * DAY)]))
    span = Span(int(rng.integers(120, 721)), before=age, policy=_policy(rng))
    span.services = {"sms": span.services["sms"]}
    counts = span.services["sms"]
    silent_from = age + int(rng.integers(-10, 60))
    _steady(counts.requests, slice(0, silent_from), rng)
    _steady(counts.requests, slice(silent_from + int(rng.integers(30, 400)), span.frame.size), rng)
    _add_sources(span, "sms", counts.requests, "api.requests", rng)
    return span


def long_silence(rng: Generator) -> Span:
    """A service that is a week or two old and falls silent for more than a day (B2)."""
    minutes = int(rng.integers(120, 721))
    silent = DAY - int(rng.integers(-60, minutes))
    age = silent + int(rng.integers(6 * DAY, 14 * DAY))
    span = Span(minutes, before=age, policy=_policy(rng))
    span.services = {"sms": span.services["sms"]}
    counts = span.services["sms"]
    _steady(counts.requests, slice(0, age - silent), rng)
    _add_sources(span, "sms", counts.requests, "api.requests", rng)
    return span


def random_window(span: Span, rng: Generator, declaration_id: str) -> None:
    """One declaration more, perhaps with later revisions or a retraction, in time or not."""
    kind = KINDS[rng.integers(len(KINDS))]
    first = int(rng.integers(0, span.frame.minutes))
    length = float(rng.choice([rng.integers(1, 60), rng.integers(60, 400)]))
    services = tuple(span.services)
    for revision in range(rng.choice([1, 1, 2, 3])):
        start = float(first + (rng.integers(-5, 6) if revision else 0))
        end = start + length + 0.5 * float(rng.integers(0, 2))
        had = float(rng.choice([start - 3 * DAY, start - 10, start + 5, end, end, end + DAY, end + 8 * DAY]))
        span.window(
            kind,
            start,
            end,
            had=had,
            declaration_id=declaration_id,
            revision=revision,
            services=frozenset(services[: rng.integers(1, len(services) + 1)]),
            evidence=str(rng.choice(["", "ticket", "ticket", "ticket"])),
            retracted=bool(revision and rng.random() < 0.3),
            announced_at_ms=span.ms(min(had, start) - float(rng.choice([0, 3 * DAY]))),
        )


def identities(traffic: TrafficCounts) -> Counts:
    """(n,): identities in scope and out of it."""
    names = OutcomeCounts.__slots__
    found: Counts = np.sum(
        [getattr(counts, name) for counts in (traffic.in_scope, traffic.out_of_scope) for name in names], axis=0
    )
    return found


def _policy(rng: Generator) -> MonthPolicy:
    return replace(
        ZECTO,
        excluded=rng.choice(["up", "up", "removed"]),
        outside_usual_hours=rng.choice(["void", "excludes"]),
        told_by_us=rng.choice(["unknown", "unknown", "operator"]),
        pending_for_ms=int(rng.choice([72 * HOUR_MS, HOUR_MS])),
        broker_time_from_ms=int(rng.choice([ZECTO.broker_time_from_ms, (START + 200) * MINUTE_MS])),
    )


def _filled(span: Span, services: tuple[Service, ...], weeks: int, rng: Generator) -> Span:
    span.services = {service: span.services[service] for service in services}
    for service in services:
        if rng.random() < 0.9:
            _fill_service(span, service, weeks, rng)
    for number in range(rng.integers(0, 5)):
        random_window(span, rng, f"d{number}")
    _add_dead_letters(span, rng)
    _add_losses(span, rng)
    _set_frontier(span, rng)
    if rng.random() < 0.15:
        span.extra["holidays"] = (_some_day(span, rng),)
    return span


def _fill_service(span: Span, service: Service, weeks: int, rng: Generator) -> None:
    counts = span.services[service]
    for traffic, topic in zip((counts.requests, counts.messages), TOPICS, strict=True):
        if rng.random() < 0.75:
            waiting = _WAITING if topic == "carrier.receipts" else ()
            _fill(traffic, span, weeks, _OTHERS + waiting, rng)
            _correct_some(traffic, rng)
            if topic == "api.requests" and rng.random() < 0.1:
                traffic.collisions[:] = (rng.random(span.frame.size) < 0.01) * np.minimum(traffic.in_scope.ok, 2)
            _add_sources(span, service, traffic, topic, rng)
    _add_probes(span, service, rng)
    if rng.random() < 0.2:
        first_record = span.frame.first - int(rng.integers(1, 3 * WEEK))
        span.services[service] = replace(span.services[service], first_record=first_record)


def _fill(traffic: TrafficCounts, span: Span, weeks: int, others: tuple[str, ...], rng: Generator) -> None:
    """Stretches of traffic of one sort each: in the span, before it, and in the same hours of weeks before."""
    for week in range(weeks + 1):
        end = span.frame.size - week * WEEK
        at = max(0, end - span.frame.minutes - 150) if span.frame.minutes < MONTH else 0
        while at < end:
            stop = min(end, at + int(rng.integers(5, 300 if span.frame.minutes < MONTH else 3 * DAY)))
            _stretch(traffic, slice(at, stop), others, rng, failing=week == 0)
            at = stop


def _stretch(traffic: TrafficCounts, part: slice, others: tuple[str, ...], rng: Generator, *, failing: bool) -> None:
    size = part.stop - part.start
    counts = rng.poisson(rng.choice(_RATES), size)
    if rng.random() < 0.3:
        counts = (rng.random(size) < rng.choice([0.05, 0.2, 0.7])).astype(np.int64)
    failed = rng.binomial(counts, rng.choice(_FAILING) if failing else 0)
    traffic.in_scope.ok[part] = counts - failed
    traffic.in_scope.platform[part] = failed
    traffic.heard[part] = counts
    if rng.random() < 0.4:
        getattr(traffic.in_scope, rng.choice(others))[part] = rng.poisson(rng.choice([0.1, 1]), size)
    if rng.random() < 0.2:
        getattr(traffic.out_of_scope, rng.choice(["ok", "platform", *others]))[part] = rng.poisson(1, size)


def _steady(traffic: TrafficCounts, part: slice, rng: Generator) -> None:
    """One sort of traffic throughout, without failures."""
    size = max(0, min(part.stop, traffic.heard.size) - part.start)
    counts = (rng.random(size) < rng.choice([0.25, 0.5, 0.9, 1])).astype(np.int64)
    traffic.in_scope.ok[part.start : part.start + size] = counts
    traffic.heard[part.start : part.start + size] = counts


def _correct_some(traffic: TrafficCounts, rng: Generator) -> None:
    """Some identities were failures of ours in a lower revision, or out of scope (I4)."""
    if rng.random() < 0.3:
        here = rng.random(traffic.heard.size) < 0.03
        name = str(rng.choice(["ok", "claimed", "unknown", "customer"]))
        count = here * np.minimum(getattr(traffic.in_scope, name), 2)
        traffic.corrected[:] += count
        if name == "claimed":
            traffic.corrected_claimed[:] += count
        elif name != "unknown":
            traffic.corrected_settled[:] += count
        if name == "ok":
            traffic.corrected_valid[:] += count
        else:
            traffic.heard[:] += count


def _add_sources(span: Span, service: Service, traffic: TrafficCounts, topic: CountedTopic, rng: Generator) -> None:
    """Up to three sources share a minute's identities; most of them send manifests."""
    left = identities(traffic)
    for source in ("lb-1", "lb-2", "app")[: rng.integers(1, 4)]:
        seen = left if rng.random() < 0.4 else rng.binomial(left, 0.5)
        left = left - seen
        if rng.random() < 0.85:
            span.manifests.append(_manifests(span, (service, topic, source), seen, rng))


def _manifests(span: Span, named: tuple[Service, CountedTopic, str], seen: Counts, rng: Generator) -> ManifestSeries:
    """What a source counts: more than was seen now and then, less after a revision, nothing in holes."""
    kept = np.ones(span.frame.size, dtype=np.bool_)
    for _ in range(rng.choice([0, 0, 1, 2])):
        at = int(rng.integers(0, span.frame.size))
        kept[at : at + int(rng.choice([rng.integers(1, 60), rng.integers(60, 2 * DAY)]))] = False
    service, topic, source = named
    minutes = np.flatnonzero(kept)
    short = (rng.random(minutes.size) < rng.choice([0, 0.002, 0.05])) * rng.integers(1, 20, minutes.size)
    counts = seen[minutes] + short
    lowered = rng.random(minutes.size) < rng.choice([0, 0, 0.01])
    final = rng.random(minutes.size) < rng.choice([0, 0, 0.001])
    final[-1:] = rng.random() < 0.85
    late_ms = np.where(rng.random(minutes.size) < 0.01, 2 * DAY * MINUTE_MS, 0)
    return ManifestSeries(
        topic=topic,
        source=source,
        service=service,
        minutes=minutes + span.frame.first,
        counts=counts,
        greatest=counts + lowered * rng.integers(1, 9, minutes.size),
        final=final,
        corrected=lowered,
        recorded_ms=(minutes + span.frame.first + 1) * MINUTE_MS + late_ms,
        seen=seen.copy(),
    )


def _add_probes(span: Span, service: Service, rng: Generator) -> None:
    if rng.random() < 0.5:
        counts: ServiceCounts = span.services[service]
        failing = rng.choice([0, 0.05, 0.3, 1], p=[0.4, 0.3, 0.2, 0.1])
        vantages = rng.integers(1, 4)
        counts.vantages_failed[:] = rng.binomial(vantages, failing, span.frame.size)
        counts.vantages_ok[:] = vantages - counts.vantages_failed
        counts.probes_corrected[:] = rng.random(span.frame.size) < 0.001
        if rng.random() < 0.4:
            at = int(rng.integers(0, span.frame.size))
            counts.vantages_ok[at:] = 0
            counts.vantages_failed[at:] = 0


def _add_dead_letters(span: Span, rng: Generator) -> None:
    for source in ("", "lb-1", "lb-2")[: rng.choice([0, 0, 0, 1, 2, 3])]:
        minutes = np.unique(rng.integers(0, span.frame.minutes, rng.integers(1, 6)))
        services = [None, *span.services]
        span.dead_letters.append(
            DeadLetterSeries(
                topic=TOPICS[rng.integers(2)],
                source=source,
                service=services[rng.integers(len(services))],
                minutes=minutes + span.frame.start,
                counts=rng.integers(1, 9, minutes.size),
            )
        )


def _add_losses(span: Span, rng: Generator) -> None:
    """Offsets that nobody can read any more."""
    if rng.random() < 0.1:
        at = int(rng.integers(0, span.frame.minutes))
        span.lost.append(
            LostOffsets(
                topic=INPUT_TOPICS[rng.integers(len(INPUT_TOPICS))],
                frontier_ms=span.ms(at),
                last_read_ms=span.ms(at - 1),
                first_after_ms=span.ms(at + int(rng.integers(0, 60))),
            )
        )


def _set_frontier(span: Span, rng: Generator) -> None:
    """Read to a minute of the span, or soon after it, or long after it."""
    if rng.random() < 0.3:
        at = span.frame.start + int(rng.integers(0, span.frame.minutes + 30))
        span.frontier(at, as_of=at + int(rng.integers(0, 30)))


def _some_day(span: Span, rng: Generator) -> date:
    at = int(rng.integers(span.frame.start, span.frame.end))
    return (datetime.fromtimestamp(at * 60, UTC) + timedelta(hours=5)).date()
