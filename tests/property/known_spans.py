"""What the simulator's plain accounting knows, as the inputs of the rules over arrays."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

import holidays
import numpy as np

from schemas.declaration import Kind
from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS
from schemas.manifest import CountedTopic
from streams.rules.month.exact import Counts
from streams.rules.month.inputs import (
    DeadLetterSeries,
    DeclarationRevision,
    ManifestSeries,
    OutcomeCounts,
    ReadPartition,
    ServiceCounts,
    SpanInputs,
    TrafficCounts,
)
from streams.rules.month.span import MinuteFrame
from streams.simulate import PlainAccounting
from streams.simulate.accounting import CountedRecord, Minute
from streams.simulate.facts import MinuteSide, SimulatedMinutes, gather
from streams.simulate.missing import TOPICS
from streams.simulate.windows import services_of

_LOOKED_BACK = 5 * 7 * 1440 + 2 * 1440
_READ_BEYOND = 4 * 1440

_Source = tuple[str, str, Service]
"""Topic, source and service of a series of manifests."""


def inputs_of(accounting: PlainAccounting, month: range) -> SpanInputs:
    """A month of the accounting, all read until four days after it."""
    frame = MinuteFrame(
        first=month.start - _LOOKED_BACK, start=month.start, end=month.stop, stop=month.stop + _READ_BEYOND
    )
    facts = gather(accounting)
    return SpanInputs(
        frame=frame,
        services={service: _counts(service, facts, frame) for service in SERVICES},
        partitions=tuple(
            ReadPartition(topic=topic, partition=0, frontier_ms=frame.stop * MINUTE_MS) for topic in TOPICS
        ),
        as_of_ms=frame.stop * MINUTE_MS,
        manifests=tuple(_manifests(accounting, frame)),
        dead_letters=tuple(_dead_letters(accounting)),
        declarations=tuple(_declarations(accounting)),
        holidays=frozenset[date](holidays.country_holidays("PK", years=range(2025, 2029))),
    )


def _counts(service: Service, facts: Mapping[Minute, SimulatedMinutes], frame: MinuteFrame) -> ServiceCounts:
    of = [facts.get((service, minute), SimulatedMinutes()) for minute in range(frame.first, frame.stop)]
    names = {name for one in of for name in one.mended}
    return ServiceCounts(
        requests=_traffic([one.requests for one in of]),
        messages=_traffic([one.messages for one in of]),
        vantages_ok=_array(one.vantages_ok for one in of),
        vantages_failed=_array(one.vantages_failed for one in of),
        probes_corrected=_array(one.probes_corrected for one in of),
        conflicts=_array(one.conflicts for one in of),
        unsourced=_array(one.unsourced for one in of),
        unnamed=_array(one.unnamed for one in of),
        mended={name: _array(one.mended[name] for one in of) for name in names},
        first_record=None,
    )


def _traffic(sides: list[MinuteSide]) -> TrafficCounts:
    none = {name: np.zeros(len(sides), dtype=np.int64) for name in OutcomeCounts.__slots__}
    return TrafficCounts(
        in_scope=OutcomeCounts(
            **{
                **none,
                "ok": _array(one.ok for one in sides),
                "platform": _array(one.failed - one.never_handed_over for one in sides),
                "unknown": _array(one.unknown for one in sides),
                "claimed": _array(one.claimed for one in sides),
                "accepted": _array(one.never_handed_over for one in sides),
            }
        ),
        out_of_scope=OutcomeCounts(
            **{
                **none,
                "ok": _array(one.out_of_scope_ok for one in sides),
                "platform": _array(one.out_of_scope_platform for one in sides),
                "unknown": _array(one.out_of_scope_unknown for one in sides),
            }
        ),
        heard=_array(one.heard for one in sides),
        corrected=_array(one.corrected for one in sides),
        corrected_settled=_array(one.corrected_settled for one in sides),
        corrected_claimed=_array(one.corrected_claimed for one in sides),
        corrected_valid=_array(one.corrected_valid for one in sides),
        collisions=_array(one.collisions for one in sides),
    )


def _manifests(accounting: PlainAccounting, frame: MinuteFrame) -> list[ManifestSeries]:
    seen = _seen(accounting, frame)
    series: dict[_Source, dict[int, list[CountedRecord]]] = {source: {} for source in seen}
    for (topic, source, service, minute), records in accounting.manifests.items():
        series.setdefault((topic, source, service), {})[minute] = records
    return [_series(source, of, seen.get(source), frame) for source, of in series.items()]


def _seen(accounting: PlainAccounting, frame: MinuteFrame) -> dict[_Source, Counts]:
    """By source, identities with a record that carries it; a source without manifests is one, too."""
    seen: defaultdict[_Source, Counts] = defaultdict(lambda: np.zeros(frame.size, dtype=np.int64))
    for topic, identities in zip(TOPICS, (accounting.requests, accounting.messages), strict=True):
        for (service, minute, _, _), records in identities.items():
            lowest = min(one.revision for one in records)
            for source in {one.source for one in records if one.source and one.revision == lowest}:
                carried = seen[topic, source, service]
                if frame.first <= minute < frame.stop:
                    carried[minute - frame.first] += 1
    return dict(seen)


def _series(
    source: _Source, manifests: dict[int, list[CountedRecord]], seen: Counts | None, frame: MinuteFrame
) -> ManifestSeries:
    minutes = sorted(manifests)
    effective = [max(manifests[minute]) for minute in minutes]
    pairs = [(manifests[minute], top) for minute, top in zip(minutes, effective, strict=True)]
    topic, name, service = source
    return ManifestSeries(
        topic=cast("CountedTopic", topic),
        source=name,
        service=service,
        minutes=_array(minutes),
        counts=_array(one.counted for one in effective),
        greatest=_array(max(one.counted for one in manifests[minute]) for minute in minutes),
        final=np.array([not one.not_final for one in effective], dtype=np.bool_),
        corrected=np.array(
            [
                any(one.counted > top.counted or (one.not_final and not top.not_final) for one in records)
                for records, top in pairs
            ],
            dtype=np.bool_,
        ),
        recorded_ms=_array(min(one.recorded_ms for one in manifests[minute]) for minute in minutes),
        seen=np.zeros(frame.size, dtype=np.int64) if seen is None else seen,
    )


def _dead_letters(accounting: PlainAccounting) -> list[DeadLetterSeries]:
    series: defaultdict[tuple[str, str, Service | None], Counter[int]] = defaultdict(Counter)
    for topic, dead, _ in accounting.counting_dead_letters():
        if dead.minute is not None:
            series[topic, dead.source, dead.service][dead.minute] += 1
    return [
        DeadLetterSeries(
            topic=cast("CountedTopic", topic),
            source=source,
            service=service,
            minutes=_array(sorted(of)),
            counts=_array(of[minute] for minute in sorted(of)),
        )
        for (topic, source, service), of in series.items()
    ]


def _declarations(accounting: PlainAccounting) -> list[DeclarationRevision]:
    return [
        DeclarationRevision(
            declaration_id=declaration_id,
            revision=one.revision,
            content=one.content,
            kind=cast("Kind", one.kind),
            services=frozenset(services_of(one)),
            start_ms=one.start_ms,
            end_ms=one.end_ms,
            announced_at_ms=one.announced_ms,
            recorded_at_ms=one.recorded_ms,
            evidence=one.evidence,
            retracted=one.retracted,
        )
        for declaration_id, records in accounting.declarations.items()
        for one in records
    ]


def _array(numbers: Iterable[int]) -> Counts:
    return np.array(list(numbers), dtype=np.int64)
