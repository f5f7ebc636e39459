"""What is known of each minute of a service, as the verdict reads it: counts settled, missing, silent, in a gap."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from schemas.fields import Service
from schemas.instants import MINUTE_MS
from streams.rules.month.exact import Counts, Flags
from streams.rules.month.gaps import declared_gaps, lost_gaps
from streams.rules.month.holes import HoleRuns
from streams.rules.month.inputs import ManifestSeries, ServiceCounts, SpanInputs
from streams.rules.month.missing import MissingCounts, holes_by_series, missing_of
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.settled import SettledCounts, heard, settle
from streams.rules.month.silences import Activity, probes_stopped, silences
from streams.rules.month.span import HOUR, MinuteFrame, holiday_flags, is_over
from streams.rules.month.states import MinuteReading, TrafficReading
from streams.rules.month.windows import VOUCHING_KINDS, DeclaredWindows, declared_windows
from streams.rules.verdict import EXCLUDING_KINDS


@dataclass(frozen=True, kw_only=True)
class SpanContext:
    """What the services of a span have in common."""

    inputs: SpanInputs
    policy: MonthPolicy

    @property
    def frame(self) -> MinuteFrame:
        """The minutes of which arrays are given."""
        return self.inputs.frame

    @cached_property
    def part(self) -> slice:
        """Where in the frame the minutes judged lie: the span, and before it the minutes that V1 sums over."""
        return self.frame.judged(self.policy.failures_window_minutes)

    @property
    def first(self) -> int:
        """The first minute judged, since the epoch."""
        return self.frame.first + int(self.part.start)

    @property
    def size(self) -> int:
        """t, the minutes judged."""
        return int(self.part.stop) - int(self.part.start)

    @property
    def over_until(self) -> int:
        """The first minute that is not over for the frontier (B2, B3)."""
        return self.inputs.frontier_ms() // MINUTE_MS

    @cached_property
    def over(self) -> int:
        """How many minutes of the frame are over for the frontier."""
        return min(max(self.over_until - self.frame.first, 0), self.frame.size)

    @cached_property
    def waited(self) -> Flags:
        """(n,): minutes whose messages' final receipts are no longer waited for (C3)."""
        seen_to_ms = self.inputs.frontier_ms("carrier.receipts")
        return is_over(self.frame.first, self.frame.size, seen_to_ms, self.policy.pending_for_ms)

    @cached_property
    def pending(self) -> Flags:
        """(t,): minutes whose end the frontier has not passed by the grace (B5)."""
        return ~is_over(self.first, self.size, self.inputs.frontier_ms(), self.policy.grace_ms)

    @cached_property
    def windows(self) -> DeclaredWindows:
        """What declared windows grant of the minutes judged (X1-X3)."""
        return declared_windows(self.inputs.declarations, self.first, self.first + self.size, self.policy)

    @cached_property
    def holes(self) -> list[tuple[ManifestSeries, HoleRuns]]:
        """Every series of manifests with its holes (B3)."""
        return holes_by_series(self.inputs, self.over_until, self.policy)

    @cached_property
    def holidays(self) -> Flags:
        """(t,): minutes on a public holiday (B2, K3)."""
        return holiday_flags(self.first, self.size, self.policy.zone, self.inputs.holidays)

    @property
    def factor(self) -> int:
        """More than any rule multiplies a count by or sums it over: V1's window and ratio, B2's run times an hour."""
        ratio = self.policy.failure_ratio
        return max(self.frame.size * HOUR, self.policy.failures_window_minutes * (ratio.denominator + ratio.numerator))


def read_service(service: Service, context: SpanContext) -> MinuteReading:
    """What is known of the judged minutes of a service."""
    counts, part = context.inputs.services[service], context.part
    kinds = context.windows.granted(service)
    vouched: Flags = np.any(kinds[[EXCLUDING_KINDS.index(kind) for kind in VOUCHING_KINDS]], axis=0)
    requests, messages = (
        settle(traffic, part, waited=context.waited[part], vouched=vouched, policy=context.policy)
        for traffic in (counts.requests, counts.messages)
    )
    missing = missing_records(service, context)
    valid = requests.valid + messages.valid
    silence = silences(
        activity_of(counts, missing, context),
        context.frame,
        part=part,
        over=context.over,
        holidays=context.holidays,
        policy=context.policy,
    )
    probed = (counts.vantages_ok + counts.vantages_failed) > 0
    stopped = probes_stopped(probed, valid, part, context.over, context.policy)
    return MinuteReading(
        requests=_traffic(requests, missing[0], part),
        messages=_traffic(messages, missing[1], part),
        vantages_ok=counts.vantages_ok[part],
        vantages_failed=counts.vantages_failed[part],
        gap=_gap(service, valid, context),
        in_hole=(missing[0].in_hole | missing[1].in_hole)[part],
        silent=silence.silent,
        in_doubt=silence.in_doubt | (stopped & ~silence.silent),
        pending=context.pending,
        over=is_over(context.first, context.size, context.inputs.as_of_ms),
        kinds=kinds,
        proven=context.windows.proven(service),
    )


def missing_records(service: Service, context: SpanContext) -> tuple[MissingCounts, MissingCounts]:
    """Missing requests and missing messages, over the frame (B3)."""
    counts, inputs, factor = context.inputs.services[service], context.inputs, context.factor
    requests, messages = counts.requests.collisions, counts.messages.collisions
    return (
        missing_of("api.requests", service, inputs, collisions=requests, holes=context.holes, factor=factor),
        missing_of("carrier.receipts", service, inputs, collisions=messages, holes=context.holes, factor=factor),
    )


def activity_of(counts: ServiceCounts, missing: tuple[MissingCounts, MissingCounts], context: SpanContext) -> Activity:
    """What a service's silences are found by (B2); `missing` are its requests and messages (B3)."""
    requests, messages = heard(counts.requests, context.waited), heard(counts.messages, context.waited)
    active = (requests > 0) | (messages > 0) | (missing[0].total > 0) | (missing[1].total > 0)
    return Activity(
        requests_heard=requests,
        messages_heard=messages,
        requests_missing=missing[0].total,
        messages_missing=missing[1].total,
        first_record=_first_record(counts.first_record, active, context.frame),
    )


def _first_record(before_frame: int | None, active: Flags, frame: MinuteFrame) -> int | None:
    if before_frame is not None:
        return before_frame
    return frame.first + int(active.argmax()) if active.any() else None


def _gap(service: Service, valid: Counts, context: SpanContext) -> Flags:
    """(t,): the minutes of a service that lie in a gap (B1, B3)."""
    declared = declared_gaps(context.windows.current, service, context.first, context.size)
    return declared | lost_gaps(context.inputs.lost, valid == 0, context.first, context.policy)


def _traffic(settled: SettledCounts, missing: MissingCounts, part: slice) -> TrafficReading:
    return TrafficReading(
        settled=settled,
        known_missing=missing.known[part],
        missing=missing.total[part],
        missing_at_worst=missing.at_worst[part],
    )
