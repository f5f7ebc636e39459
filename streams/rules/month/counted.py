"""What is counted of a service's span beside its minutes: missing, unknown, corrected, out of scope and the like."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from schemas.fields import Service
from streams.rules.month.completeness import corrected_manifests, is_proven_complete, late_manifests
from streams.rules.month.exact import Counts, Flags
from streams.rules.month.failures import is_bad
from streams.rules.month.inputs import ServiceCounts, TrafficCounts
from streams.rules.month.reading import SpanContext
from streams.rules.month.settled import out_of_scope
from streams.rules.month.states import MinuteReading, MinuteStates, TrafficReading


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNumbers:
    """Sums over the minutes of a span, requests and messages together; Python's integers, of any size."""

    conflicts: int
    collisions: int
    missing_records: int
    """Known to be missing, the estimate in holes left out (B3)."""
    unknown_records: int
    """Unknown, claimed without a window that vouches, and pending, in scope."""
    corrected_in_our_favour: int
    """Requests, messages, probes and manifests (I4)."""
    unnamed_records: int
    mended_records: Mapping[str, int]
    """By field; fields without any are left out."""
    out_of_scope_ok: int
    out_of_scope_failed: int
    out_of_scope_down_minutes: int
    """Minutes not bad, nor pending, that would be bad if what is out of scope counted too (C5)."""
    late_manifests: int
    proven_complete: bool


def numbers_of(service: Service, reading: MinuteReading, states: MinuteStates, context: SpanContext) -> ServiceNumbers:
    """All that is counted of a service; `reading` and `states` are those of the minutes judged."""
    frame, counts = context.frame, context.inputs.services[service]
    span = slice(frame.start - frame.first, frame.end - frame.first)
    ok, failed = _out_of_scope(counts, span, context.waited[span])
    return ServiceNumbers(
        conflicts=total(counts.conflicts[span]),
        collisions=total(counts.requests.collisions[span]),
        missing_records=sum(total(one.known_missing[-frame.minutes :]) for one in reading.traffic),
        unknown_records=sum(_unknown(one, frame.minutes) for one in reading.traffic),
        corrected_in_our_favour=_corrected(counts, span) + corrected_manifests(service, context.inputs),
        unnamed_records=total(counts.unnamed[span]),
        mended_records=_mended(counts, span),
        out_of_scope_ok=ok,
        out_of_scope_failed=failed,
        out_of_scope_down_minutes=int(down_with_all(counts, reading, states, context)[-frame.minutes :].sum()),
        late_manifests=late_manifests(service, context.inputs, context.policy),
        proven_complete=is_proven_complete(service, context.inputs, context.policy),
    )


def down_with_all(counts: ServiceCounts, reading: MinuteReading, states: MinuteStates, context: SpanContext) -> Flags:
    """(t,): minutes neither bad nor pending that would be bad if what is out of scope counted too (C5)."""
    requests = _bad_with_all(counts.requests, reading.requests, context)
    messages = _bad_with_all(counts.messages, reading.messages, context)
    return (requests | messages) & ~states.bad & ~reading.pending


def total(counts: Counts) -> int:
    """The sum of counts."""
    return int(counts.sum())


def _bad_with_all(traffic: TrafficCounts, reading: TrafficReading, context: SpanContext) -> Flags:
    """Whether minutes are bad by requests, or messages, in scope and out of it; none where nothing is out of it."""
    ok, failed, _ = out_of_scope(traffic.out_of_scope, context.part, context.waited[context.part])
    settled = reading.settled
    if not (ok.any() or failed.any()):
        return np.zeros(ok.size, dtype=np.bool_)
    return is_bad(settled.failed + failed, settled.valid + ok + failed, context.policy)


def _out_of_scope(counts: ServiceCounts, span: slice, waited: Flags) -> tuple[int, int]:
    requests = out_of_scope(counts.requests.out_of_scope, span, waited)
    messages = out_of_scope(counts.messages.out_of_scope, span, waited)
    return total(requests[0]) + total(messages[0]), total(requests[2]) + total(messages[2])


def _unknown(reading: TrafficReading, minutes: int) -> int:
    return total(reading.settled.unknown[-minutes:]) + total(reading.settled.pending[-minutes:])


def _corrected(counts: ServiceCounts, span: slice) -> int:
    corrected = (counts.requests.corrected, counts.messages.corrected, counts.probes_corrected)
    return sum(total(one[span]) for one in corrected)


def _mended(counts: ServiceCounts, span: slice) -> dict[str, int]:
    sums = ((name, total(records[span])) for name, records in sorted(counts.mended.items()))
    return {name: records for name, records in sums if records}
