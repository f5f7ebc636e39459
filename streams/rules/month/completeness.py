"""Whether all of a service was seen at its sources (B3), whether it was observed (M2), why a span is open (B5)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique

from schemas.fields import Service
from schemas.instants import MINUTE_MS
from streams.rules.month.exact import Counts, Flags
from streams.rules.month.gaps import COUNTED_TOPICS, MANIFESTS, lost_minutes
from streams.rules.month.holes import HoleRuns, hole_minutes
from streams.rules.month.inputs import ManifestSeries, OutcomeCounts, ServiceCounts, SpanInputs
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import MinuteFrame


@unique
class OpenCode(StrEnum):
    """Why a span is not complete, as `month --json` names it."""

    NOT_READ_YET = "not_read_yet"
    BEFORE_MONTH_END_AND_GRACE = "before_month_end_and_grace"
    RECEIPTS_MAY_COME = "receipts_may_come"
    BACKLOG_UNREAD = "backlog_unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReason:
    """One reason of one partition. `until_ms` is what its frontier has to reach; None where that cannot be known."""

    code: OpenCode
    topic: str
    partition: int | None
    seen_to_ms: int | None
    until_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestHole:
    """The minutes of the span that lie in holes of a source (B3)."""

    topic: str
    source: str
    service: Service
    minutes: int


def open_reasons(inputs: SpanInputs, policy: MonthPolicy) -> tuple[OpenReason, ...]:
    """Why a span is not complete, by topic and partition (B5); none if it is."""
    parts = sorted(inputs.partitions, key=lambda part: (part.topic, part.partition or 0))
    return tuple(
        OpenReason(
            code=code, topic=part.topic, partition=part.partition, seen_to_ms=part.frontier_ms, until_ms=until_ms
        )
        for part in parts
        for code, until_ms in _reasons(part.topic, part.frontier_ms, inputs, policy)
    )


def is_proven_complete(service: Service, inputs: SpanInputs, policy: MonthPolicy) -> bool:
    """Whether completeness at the source is proven (B3).

    Every record of the service names its source, at least one does, and each of these sources has a manifest for both
    topics and every minute; no manifest was lost unread.
    """
    frame, counts = inputs.frame, inputs.services[service]
    own = [series for series in inputs.manifests if series.service == service]
    seen = {series.source for series in own if series.seen[_span(frame)].any()}
    whole = {(series.source, series.topic) for series in own if _counts_every_minute(series, frame)}
    return (
        bool(seen)
        and not counts.unsourced[_span(frame)].any()
        and all((source, topic) in whole for source in seen for topic in COUNTED_TOPICS)
        and not any(_lost_in(lost_minutes(one, policy), frame) for one in inputs.lost if one.topic == MANIFESTS)
    )


def is_unobserved(service: Service, inputs: SpanInputs, unknown: Flags) -> bool:
    """Whether nothing speaks of a service in the span (M2).

    No record, probe, manifest or dead letter; `unknown` (t,) are its minutes that are silent, in doubt, in a gap or a
    hole.
    """
    frame, counts = inputs.frame, inputs.services[service]
    return not (
        unknown.any()
        or any(_has_record(outcomes, frame) for outcomes in _outcomes(counts))
        or counts.vantages_ok[_span(frame)].any()
        or counts.vantages_failed[_span(frame)].any()
        or any(_in_span(series.minutes, frame).any() for series in inputs.manifests if series.service == service)
        or any(_in_span(dead.minutes, frame).any() for dead in inputs.dead_letters if dead.service in (None, service))
    )


def late_manifests(service: Service, inputs: SpanInputs, policy: MonthPolicy) -> int:
    """Manifests of the span's minutes that reached the broker too long after them (B3)."""
    return sum(
        int(
            (
                _in_span(series.minutes, inputs.frame)
                & (series.recorded_ms - (series.minutes + 1) * MINUTE_MS > policy.late_manifest_ms)
            ).sum()
        )
        for series in inputs.manifests
        if series.service == service
    )


def corrected_manifests(service: Service, inputs: SpanInputs) -> int:
    """Manifests of the span's minutes whose count was lowered, or that became final later (I4)."""
    return sum(
        int((_in_span(series.minutes, inputs.frame) & series.corrected).sum())
        for series in inputs.manifests
        if series.service == service
    )


def manifest_holes(holes: Iterable[tuple[ManifestSeries, HoleRuns]], frame: MinuteFrame) -> tuple[ManifestHole, ...]:
    """Every source's holes in the span, by topic, source and service (B3)."""
    found = ((series, _hole_length(runs, frame)) for series, runs in holes)
    listed = [
        ManifestHole(topic=series.topic, source=series.source, service=series.service, minutes=minutes)
        for series, minutes in found
        if minutes
    ]
    return tuple(sorted(listed, key=lambda hole: (hole.topic, hole.source, hole.service)))


def _reasons(
    topic: str, frontier_ms: int | None, inputs: SpanInputs, policy: MonthPolicy
) -> Iterator[tuple[OpenCode, int | None]]:
    end_ms = inputs.frame.end * MINUTE_MS
    minutes_until_ms, receipts_until_ms = end_ms + policy.grace_ms, end_ms + policy.pending_for_ms
    if frontier_ms is None:
        yield OpenCode.NOT_READ_YET, None
    elif frontier_ms < minutes_until_ms:
        yield OpenCode.BEFORE_MONTH_END_AND_GRACE, minutes_until_ms
    elif topic == "carrier.receipts" and frontier_ms < receipts_until_ms:
        yield OpenCode.RECEIPTS_MAY_COME, receipts_until_ms
    if frontier_ms is None or frontier_ms < inputs.as_of_ms - policy.grace_ms:
        yield OpenCode.BACKLOG_UNREAD, None


def _span(frame: MinuteFrame) -> slice:
    return slice(frame.start - frame.first, frame.end - frame.first)


def _in_span(minutes: Counts, frame: MinuteFrame) -> Flags:
    return (minutes >= frame.start) & (minutes < frame.end)


def _counts_every_minute(series: ManifestSeries, frame: MinuteFrame) -> bool:
    return int(_in_span(series.minutes, frame).sum()) == frame.minutes


def _lost_in(minutes: tuple[int, int], frame: MinuteFrame) -> bool:
    return minutes[0] < frame.end and minutes[1] > frame.start


def _outcomes(counts: ServiceCounts) -> Iterator[OutcomeCounts]:
    for traffic in (counts.requests, counts.messages):
        yield traffic.in_scope
        yield traffic.out_of_scope


def _has_record(outcomes: OutcomeCounts, frame: MinuteFrame) -> bool:
    return any(getattr(outcomes, name)[_span(frame)].any() for name in OutcomeCounts.__slots__)


def _hole_length(runs: HoleRuns, frame: MinuteFrame) -> int:
    at = hole_minutes(runs, frame)[0] + frame.first
    return int(_in_span(at, frame).sum())
