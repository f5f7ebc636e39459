"""Missing records of a service and topic, minute by minute (B3): manifests, holes, dead letters, collisions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schemas.fields import Service
from schemas.manifest import CountedTopic
from streams.rules.month.exact import Counts, Flags, Indices, fits, greatest_of, zeros
from streams.rules.month.holes import HoleRuns, hole_minutes, holes_of
from streams.rules.month.inputs import DeadLetterSeries, ManifestSeries, SpanInputs
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import MinuteFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCounts:
    """(n,) each, over the frame: requests or messages that are missing."""

    known: Counts
    """What manifests, collisions and dead letters tell of."""
    total: Counts
    """The same with the estimate in holes: what counts everywhere but in `missing_records`."""
    at_worst: Counts
    """The same by the greatest count of any revision of a manifest (I4, B4)."""
    in_hole: Flags


def missing_of(
    topic: CountedTopic,
    service: Service,
    inputs: SpanInputs,
    *,
    collisions: Counts,
    holes: Sequence[tuple[ManifestSeries, HoleRuns]],
    factor: int,
) -> MissingCounts:
    """What is missing of the requests, or the messages, of a service (B3).

    Args:
        topic: `api.requests` or `carrier.receipts`.
        service: whose.
        inputs: manifests and dead letters.
        collisions: (n,) of the topic (I3).
        holes: every series of manifests, with its holes.
        factor: by how much any rule multiplies counts; numbers are Python's where 64 bits would not hold that.
    """
    frame = inputs.frame
    dead_letters = [dead for dead in inputs.dead_letters if dead.topic == topic and dead.service in (None, service)]
    own = [(series, runs) for series, runs in holes if (series.topic, series.service) == (topic, service)]
    exact = not fits(_most(collisions, [series for series, _ in own], dead_letters), factor)
    known = zeros(frame.size, exact=exact) + collisions
    known_at_worst, estimated = known.copy(), zeros(frame.size, exact=exact)
    estimated_at_worst, in_hole = estimated.copy(), np.zeros(frame.size, dtype=np.bool_)
    by_source = _by_source(dead_letters, frame)
    for series, runs in own:
        dead = by_source.get(series.source)
        at, entries = _within(series.minutes, frame)
        known[at] += _shortfall(series.counts[entries], series, at, dead)
        known_at_worst[at] += _shortfall(series.greatest[entries], series, at, dead)
        if dead is not None:
            dead[at] = 0
        at, owners = hole_minutes(runs, frame)
        estimated[at] += np.maximum(runs.estimates[owners] - series.seen[at], 0)
        estimated_at_worst[at] += np.maximum(runs.estimates_at_worst[owners] - series.seen[at], 0)
        in_hole[at] = True
    for dead in by_source.values():
        known += dead
        known_at_worst += dead
    return MissingCounts(
        known=known,
        total=known + estimated,
        at_worst=known_at_worst + estimated_at_worst,
        in_hole=in_hole,
    )


def holes_by_series(inputs: SpanInputs, over_until: int, policy: MonthPolicy) -> list[tuple[ManifestSeries, HoleRuns]]:
    """Every series of manifests with its holes (B3)."""
    return [(series, holes_of(series, over_until, policy)) for series in inputs.manifests]


def _shortfall(counts: Counts, series: ManifestSeries, at: Indices, dead: Counts | None) -> Counts:
    """What a manifest counts and nobody saw, or the source's dead letters if these are more: not both (B3)."""
    beyond_seen: Counts = np.maximum(counts - series.seen[at], 0)
    return beyond_seen if dead is None else np.maximum(beyond_seen, dead[at])


def _within(minutes: Counts, frame: MinuteFrame) -> tuple[Indices, slice]:
    """Those of ascending minutes that lie in the frame: where in it, and which of the entries they are."""
    first, end = np.searchsorted(minutes, (frame.first, frame.stop))
    return minutes[first:end] - frame.first, slice(int(first), int(end))


def _by_source(dead_letters: Sequence[DeadLetterSeries], frame: MinuteFrame) -> dict[str, Counts]:
    """(n,) by source: dead letters of the service and of those that name none."""
    found: dict[str, Counts] = {}
    for series in dead_letters:
        counts = found.setdefault(series.source, zeros(frame.size))
        inside = (series.minutes >= frame.first) & (series.minutes < frame.stop)
        counts[series.minutes[inside] - frame.first] += series.counts[inside]
    return found


def _most(collisions: Counts, manifests: Sequence[ManifestSeries], dead_letters: Sequence[DeadLetterSeries]) -> int:
    """No minute can miss more than this."""
    by_manifest = sum(2 * greatest_of(series.greatest) for series in manifests)
    return by_manifest + sum(greatest_of(dead.counts) for dead in dead_letters) + greatest_of(collisions)
