"""From what is known of a span of minutes to its verdicts, numbers and listings: every rule, in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np

from schemas.fields import Service
from streams.rules.month.bounds import MinuteBounds, bounds_of
from streams.rules.month.completeness import (
    ManifestHole,
    OpenReason,
    is_unobserved,
    manifest_holes,
    open_reasons,
)
from streams.rules.month.counted import ServiceNumbers, numbers_of
from streams.rules.month.exact import Flags
from streams.rules.month.incident_runs import incident_runs
from streams.rules.month.inputs import SpanInputs
from streams.rules.month.listings import ListedMinutes, ListingRow, listing_rows
from streams.rules.month.platform import platform_bounds, platform_kinds, platform_states
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.reading import SpanContext, read_service
from streams.rules.month.states import Codes, MinuteReading, MinuteStates, states_of
from streams.rules.month.uptime import MinuteTotals, SpanUptime, total_minutes, uptime_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanVerdict:
    """What a service, or the platform, was in each minute of a span; (t,) each, t being the span's minutes."""

    state: Codes
    kind: Codes
    bounds: MinuteBounds
    totals: MinuteTotals
    uptime: SpanUptime | None
    """None: unobserved (M2)."""
    incidents: tuple[tuple[int, int], ...]
    """Runs of minutes down or blind, [start, end) in minutes since the epoch (K1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceJudgement:
    """A service's verdict, what it was made from, and what is counted beside it."""

    verdict: SpanVerdict
    reading: MinuteReading
    states: MinuteStates
    numbers: ServiceNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanJudgement:
    """All that the rules say of a span."""

    services: Mapping[Service, ServiceJudgement]
    platform: SpanVerdict
    listings: tuple[ListingRow, ...]
    manifest_holes: tuple[ManifestHole, ...]
    open_reasons: tuple[OpenReason, ...]
    """Why it is not complete (B5); none if it is."""

    @property
    def complete(self) -> bool:
        """Whether no later record can change it (B5)."""
        return not self.open_reasons


def judge_span(inputs: SpanInputs, policy: MonthPolicy, *, in_force: bool = True) -> SpanJudgement:
    """The verdicts, numbers and listings of a span of whole minutes.

    The span may be a month or not; `in_force` says whether the policy was (M5): one that was not credits nothing.
    """
    context = SpanContext(inputs=inputs, policy=policy)
    services = {service: _judge_service(service, context, in_force=in_force) for service in inputs.services}
    return SpanJudgement(
        services=services,
        platform=_platform([one.verdict for one in services.values()], context, in_force=in_force),
        listings=_listings(services, context),
        manifest_holes=manifest_holes(context.holes, inputs.frame),
        open_reasons=open_reasons(inputs, policy),
    )


def _judge_service(service: Service, context: SpanContext, *, in_force: bool) -> ServiceJudgement:
    whole = read_service(service, context)
    states = states_of(whole, context.policy)
    bounds = bounds_of(whole, states, context.policy)
    minutes = context.frame.minutes
    reading = last_minutes(whole, minutes)
    of_span = last_minutes(states, minutes)
    verdict = _summary(of_span.state, of_span.kind, last_minutes(bounds, minutes), context, in_force=in_force)
    unknown = reading.silent | reading.in_doubt | reading.gap | reading.in_hole
    if is_unobserved(service, context.inputs, unknown):
        verdict = replace(verdict, uptime=None)
    return ServiceJudgement(
        verdict=verdict,
        reading=reading,
        states=of_span,
        numbers=numbers_of(service, whole, states, context),
    )


def _platform(verdicts: Sequence[SpanVerdict], context: SpanContext, *, in_force: bool) -> SpanVerdict:
    """The platform's verdict, of its observed services (V5, M2); unobserved if none is."""
    observed = [one for one in verdicts if one.uptime is not None]
    counted = observed or verdicts
    state = platform_states([one.state for one in counted])
    kind = platform_kinds(state, [one.kind for one in counted])
    summary = _summary(state, kind, platform_bounds([one.bounds for one in counted]), context, in_force=in_force)
    return summary if observed else replace(summary, uptime=None)


def _summary(state: Codes, kind: Codes, bounds: MinuteBounds, context: SpanContext, *, in_force: bool) -> SpanVerdict:
    totals = total_minutes(state, kind, bounds)
    return SpanVerdict(
        state=state,
        kind=kind,
        bounds=bounds,
        totals=totals,
        uptime=uptime_of(totals, context.policy, in_force=in_force),
        incidents=incident_runs(state, context.frame.start),
    )


def _listings(services: Mapping[Service, ServiceJudgement], context: SpanContext) -> tuple[ListingRow, ...]:
    frame, inputs = context.frame, context.inputs
    span = slice(frame.start - frame.first, frame.end - frame.first)
    minutes = {
        service: ListedMinutes(
            kind=one.verdict.kind,
            claimed=_claimed(inputs, service, span),
            lifted=one.verdict.bounds.lifted,
        )
        for service, one in services.items()
    }
    return listing_rows(context.windows, inputs.refused, minutes, (frame.start, frame.end), context.policy)


def _claimed(inputs: SpanInputs, service: Service, span: slice) -> Flags:
    counts = inputs.services[service]
    claimed: Flags = counts.requests.in_scope.claimed[span] + counts.messages.in_scope.claimed[span] > 0
    return claimed


_T = TypeVar("_T")


def last_minutes(value: _T, minutes: int) -> _T:
    """Arrays of minutes, and dataclasses of such, cut to their last so many minutes."""
    if isinstance(value, np.ndarray):
        return cast("_T", value[..., value.shape[-1] - minutes :])
    if is_dataclass(value) and not isinstance(value, type):
        cut: dict[str, Any] = {each.name: last_minutes(getattr(value, each.name), minutes) for each in fields(value)}
        return replace(value, **cut)
    return value
