"""State and counts, minute by minute, as columns of a judged span and as `minutes --json` gives them."""

from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from schemas.fields import Service
from schemas.instants import MINUTE_MS, format_instant
from streams.rules.month.exact import Counts, Flags
from streams.rules.month.inputs import OutcomeCounts, TrafficCounts
from streams.rules.month.judging import ServiceJudgement, SpanVerdict
from streams.rules.month.reading import SpanContext
from streams.rules.month.states import KINDS, STATES, Codes, TrafficReading

Column = Counts | Codes | Flags
Columns = Mapping[str, Column]
"""(t,) each, by name: a number a minute of the span."""

OUTCOMES: Final = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown", "claimed")
REQUEST_COUNTS: Final = (*OUTCOMES, "missing", "corrected", "out_of_scope")
MESSAGE_COUNTS: Final = (*REQUEST_COUNTS, "pending")


class MinuteRequests(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of a minute by outcome (C1, C7), missing (B3), corrected in our favour (I4), out of scope (C5)."""

    ok: int
    platform: int
    operator: int
    customer: int
    content: int
    recipient: int
    unknown: int
    claimed: int
    missing: int
    corrected: int
    out_of_scope: int


class MinuteMessages(MinuteRequests, frozen=True, kw_only=True):
    """Messages and calls likewise; `pending` have no final receipt yet (C3)."""

    pending: int


class MinuteVantages(msgspec.Struct, frozen=True, kw_only=True):
    """Vantages that probed in the minute: those with a success, and those all of whose probes failed (V2)."""

    ok: int
    failed: int


class MinuteVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One service-minute; `kind` is the window's where the state is `excluded`, else null."""

    minute: str
    state: str
    kind: str | None
    requests: MinuteRequests
    messages: MinuteMessages
    vantages: MinuteVantages


def verdict_columns(verdict: SpanVerdict) -> dict[str, Column]:
    """State and kind by their codes, and whether minutes are bad at best, for what was lost alone, at worst (B4)."""
    bounds = verdict.bounds
    return {
        "state": verdict.state,
        "kind": verdict.kind,
        "down_low": bounds.bad_at_best,
        "down_lost": bounds.bad_if_lost,
        "down_high": bounds.bad_at_worst,
    }


def minute_columns(service: Service, judged: ServiceJudgement, context: SpanContext) -> dict[str, Column]:
    """Everything that is told of a service's minutes, beside its verdict; `context` is what it was judged from.

    Messages that no carrier ever took count as the platform's, those that one had as unknown (C3).
    """
    frame, counts = context.frame, context.inputs.services[service]
    span = slice(frame.start - frame.first, frame.end - frame.first)
    requests = _traffic_columns(counts.requests, judged.reading.requests, span, context)
    messages = _traffic_columns(counts.messages, judged.reading.messages, span, context)
    return {
        **verdict_columns(judged.verdict),
        **{f"requests_{name}": requests[name] for name in REQUEST_COUNTS},
        **{f"messages_{name}": messages[name] for name in MESSAGE_COUNTS},
        "vantages_ok": judged.reading.vantages_ok,
        "vantages_failed": judged.reading.vantages_failed,
    }


def minute_verdicts(columns: Columns, first: int, start: int, end: int) -> list[MinuteVerdict]:
    """The minutes [start, end) since the epoch, of columns that begin with minute `first`."""
    return [_verdict(columns, at, first + at) for at in range(start - first, end - first)]


def format_minute(minute: int) -> str:
    """A minute since the epoch as an instant without a fraction, `2026-09-01T10:00:00Z`."""
    return format_instant(minute * MINUTE_MS)[:19] + "Z"


def _traffic_columns(
    traffic: TrafficCounts, reading: TrafficReading, span: slice, context: SpanContext
) -> dict[str, Column]:
    counts = traffic.in_scope
    return {
        **{name: getattr(counts, name)[span] for name in OUTCOMES},
        "platform": reading.settled.failed,
        "unknown": counts.unknown[span] + np.where(context.waited[span], counts.enroute[span], 0),
        "missing": reading.missing,
        "corrected": traffic.corrected[span],
        "out_of_scope": sum(getattr(traffic.out_of_scope, name)[span] for name in OutcomeCounts.__slots__),
        "pending": reading.settled.pending,
    }


def _verdict(columns: Columns, at: int, minute: int) -> MinuteVerdict:
    return MinuteVerdict(
        minute=format_minute(minute),
        state=STATES[columns["state"][at]],
        kind=KINDS[columns["kind"][at]] or None,
        requests=MinuteRequests(**_numbers(columns, "requests_", REQUEST_COUNTS, at)),
        messages=MinuteMessages(**_numbers(columns, "messages_", MESSAGE_COUNTS, at)),
        vantages=MinuteVantages(ok=int(columns["vantages_ok"][at]), failed=int(columns["vantages_failed"][at])),
    )


def _numbers(columns: Columns, prefix: str, names: tuple[str, ...], at: int) -> dict[str, int]:
    return {name: int(columns[prefix + name][at]) for name in names}
