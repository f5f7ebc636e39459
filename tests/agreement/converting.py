"""The inputs of the rules over arrays as the auditor's plain numbers."""

from collections import Counter
from dataclasses import fields
from fractions import Fraction
from typing import Final

import numpy as np

from streams.audit.known import (
    AuditCounts,
    AuditTraffic,
    AuditWindow,
    Known,
    LostSpan,
    ManifestClaim,
    Minute,
    RefusedWindow,
    Series,
)
from streams.audit.policy import AuditPolicy
from streams.audit.records import SERVICES
from streams.rules.month.exact import Counts
from streams.rules.month.inputs import ManifestSeries, OutcomeCounts, ServiceCounts, SpanInputs, TrafficCounts
from streams.rules.month.policy import MonthPolicy

_OUTCOMES: Final = tuple(field.name for field in fields(OutcomeCounts))
_TRAFFIC: Final = tuple(field.name for field in fields(TrafficCounts))[2:]
_SERVICE: Final = ("vantages_ok", "vantages_failed", "probes_corrected", "conflicts", "unsourced", "unnamed")


def known_of(inputs: SpanInputs) -> Known:
    """The same facts."""
    first = inputs.frame.first
    return Known(
        frontier_ms=inputs.frontier_ms(),
        receipts_frontier_ms=inputs.frontier_ms("carrier.receipts"),
        as_of_ms=inputs.as_of_ms,
        counts=_all_counts(inputs),
        manifests={series: claims for one in inputs.manifests if (claims := _claims(one)) and (series := _series(one))},
        seen={_series(one): _by_minute(one.seen, first) for one in inputs.manifests},
        dead_letters=_dead_letters(inputs),
        lost=[LostSpan(one.topic, one.last_read_ms, one.first_after_ms, one.frontier_ms) for one in inputs.lost],
        windows=[
            AuditWindow(
                declaration_id=one.declaration_id,
                revision=one.revision,
                content=one.content,
                kind=one.kind,
                services=tuple(service for service in SERVICES if service in one.services),
                start_ms=one.start_ms,
                end_ms=one.end_ms,
                announced_at_ms=one.announced_at_ms,
                recorded_at_ms=one.recorded_at_ms,
                evidence=one.evidence,
                retracted=one.retracted,
            )
            for one in inputs.declarations
        ],
        refused=[RefusedWindow(one.declaration_id, one.recorded_at_ms) for one in inputs.refused],
        holidays=frozenset(inputs.holidays),
    )


def policy_of(policy: MonthPolicy) -> AuditPolicy:
    """The same numbers."""
    return AuditPolicy(
        policy_id="",
        effective_from_ms=0,
        zone=policy.zone,
        failure_ratio=Fraction(policy.failure_ratio.numerator, policy.failure_ratio.denominator),
        failures_at_least=policy.failures_at_least,
        failures_window=policy.failures_window_minutes,
        answer_within_us=0,  # both are of records, not of minutes
        handover_within_ms=0,
        pending_for_ms=policy.pending_for_ms,
        claims_are_unknown=policy.told_by_us == "unknown",
        grace_ms=policy.grace_ms,
        excluded_removed=policy.excluded == "removed",
        broker_time_from_ms=policy.broker_time_from_ms,
        notice_ms=policy.notice_ms,
        usual_hours=policy.usual_hours,
        unusual_is_void=policy.outside_usual_hours == "void",
        emergency_minutes=policy.emergency_minutes,
        evidence_within_ms=policy.evidence_within_ms,
        silence_expected=policy.silence_expected,
        silence_busy=policy.silence_busy,
        silence_busy_minutes=policy.silence_busy_minutes,
        silence_images=policy.silence_images,
        silence_weeks=policy.silence_weeks,
        probe_minutes_before=policy.probe_minutes_before,
        probe_minutes=policy.probe_minutes,
        hole_max=policy.hole_max_minutes,
        hole_after=policy.hole_after_minutes,
        lost_lead_ms=policy.lost_lead_ms,
        late_manifest_ms=policy.late_manifest_ms,
        tiers=tuple((Fraction(tier.numerator, tier.denominator), tier.credit_percent) for tier in policy.tiers),
        holidays="PK",
    )


def _all_counts(inputs: SpanInputs) -> dict[Minute, AuditCounts]:
    """The counts of all services. Where the arrays end, the rules end their silences: a record there ends them here."""
    beyond = AuditCounts(vantages_ok=1, requests=AuditTraffic(heard=1), messages=AuditTraffic(heard=1))
    found: dict[Minute, AuditCounts] = {(service, inputs.frame.stop): beyond for service in inputs.services}
    for service, arrays in inputs.services.items():
        found.update({(service, inputs.frame.first + at): counts for at, counts in _counts(arrays).items()})
    return found


def _counts(arrays: ServiceCounts) -> dict[int, AuditCounts]:
    """By place in the arrays; minutes in which nothing happened are left out."""
    found: dict[int, AuditCounts] = {}
    for name in _SERVICE:
        for at, number in _some(getattr(arrays, name)):
            setattr(found.setdefault(at, AuditCounts()), name, number)
    for name, numbers in arrays.mended.items():
        for at, number in _some(numbers):
            found.setdefault(at, AuditCounts()).mended[name] = number
    for side in ("requests", "messages"):
        _add_traffic(found, side, getattr(arrays, side))
    return found


def _add_traffic(found: dict[int, AuditCounts], side: str, arrays: TrafficCounts) -> None:
    def traffic(at: int) -> AuditTraffic:
        added: AuditTraffic = getattr(found.setdefault(at, AuditCounts()), side)
        return added

    for name in _TRAFFIC:
        for at, number in _some(getattr(arrays, name)):
            setattr(traffic(at), name, number)
    for outcome in _OUTCOMES:
        for at, number in _some(getattr(arrays.in_scope, outcome)):
            traffic(at).inside[outcome] = number
        for at, number in _some(getattr(arrays.out_of_scope, outcome)):
            traffic(at).outside[outcome] = number


def _some(numbers: Counts) -> list[tuple[int, int]]:
    """The places and values of an array that are not zero."""
    places = np.flatnonzero(numbers)
    return list(zip(places.tolist(), numbers[places].tolist(), strict=True))


def _by_minute(numbers: Counts, first: int) -> dict[int, int]:
    return {first + at: number for at, number in _some(numbers)}


def _series(one: ManifestSeries) -> Series:
    return one.topic, one.source, one.service


def _claims(one: ManifestSeries) -> dict[int, ManifestClaim]:
    columns = (one.counts, one.greatest, one.final, one.corrected, one.recorded_ms)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(one.minutes.tolist(), (ManifestClaim(*row) for row in rows), strict=True))


def _dead_letters(inputs: SpanInputs) -> Counter[tuple[str, str, str | None, int]]:
    dead: Counter[tuple[str, str, str | None, int]] = Counter()
    for one in inputs.dead_letters:
        for minute, number in zip(one.minutes.tolist(), one.counts.tolist(), strict=True):
            dead[one.topic, one.source, one.service, minute] += number
    return dead
