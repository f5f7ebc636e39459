"""What is missing of one minute, source by source, and what tells of it (B3): the terms that `missing_of` sums."""

from dataclasses import dataclass

import numpy as np

from schemas.fields import Service
from schemas.manifest import CountedTopic
from streams.rules.month.holes import HoleRuns
from streams.rules.month.inputs import ManifestSeries
from streams.rules.month.reading import SpanContext


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingReason:
    """What of a minute's requests or messages a source misses; `missing` sums up to the minute's, collisions apart."""

    source: str
    """Empty: dead letters that name none."""
    counted: int | None
    """By the manifest that counts; None: the minute has none."""
    greatest: int | None
    """The greatest count of any revision of it (I4)."""
    seen: int
    """Identities with a record that carries this source."""
    dead_letters: int
    estimate: int | None
    """Of each minute of a hole, what is taken to have been sent; None: the minute lies in none."""
    missing: int
    missing_at_worst: int


def missing_reasons(
    topic: CountedTopic, service: Service, minute: int, context: SpanContext
) -> tuple[MissingReason, ...]:
    """The sources that miss something of a minute since the epoch, at worst at least, by name."""
    own = {series.source: (series, runs) for series, runs in context.holes if _is_of(series, topic, service)}
    dead = _dead_letters(topic, service, minute, context)
    found = (_reason(name, own.get(name), dead.get(name, 0), minute, context) for name in sorted({*own, *dead}))
    return tuple(one for one in found if one.missing_at_worst)


def _is_of(series: ManifestSeries, topic: CountedTopic, service: Service) -> bool:
    return (series.topic, series.service) == (topic, service)


def _reason(
    source: str, own: tuple[ManifestSeries, HoleRuns] | None, dead: int, minute: int, context: SpanContext
) -> MissingReason:
    counted = greatest = estimate = None
    seen = estimated = estimated_at_worst = 0
    if own is not None:
        series, runs = own
        seen = int(series.seen[minute - context.frame.first])
        for entry in np.flatnonzero(series.minutes == minute):
            counted, greatest = int(series.counts[entry]), int(series.greatest[entry])
        for hole in np.flatnonzero((runs.starts <= minute) & (minute < runs.ends)):
            estimate = int(runs.estimates[hole])
            estimated = max(estimate - seen, 0)
            estimated_at_worst = max(int(runs.estimates_at_worst[hole]) - seen, 0)
    return MissingReason(
        source=source,
        counted=counted,
        greatest=greatest,
        seen=seen,
        dead_letters=dead,
        estimate=estimate,
        missing=max((counted or 0) - seen, dead) + estimated,
        missing_at_worst=max((greatest or 0) - seen, dead) + estimated_at_worst,
    )


def _dead_letters(topic: CountedTopic, service: Service, minute: int, context: SpanContext) -> dict[str, int]:
    """Dead letters of a minute by source, those of no readable service among them."""
    found: dict[str, int] = {}
    for series in context.inputs.dead_letters:
        if series.topic == topic and series.service in (None, service):
            here = int(series.counts[series.minutes == minute].sum())
            if here:
                found[series.source] = found.get(series.source, 0) + here
    return found


def collisions_of(topic: CountedTopic, service: Service, minute: int, context: SpanContext) -> int:
    """Other requests under one id, which count as missing (I3)."""
    counts = context.inputs.services[service]
    traffic = counts.requests if topic == "api.requests" else counts.messages
    return int(traffic.collisions[minute - context.frame.first])
