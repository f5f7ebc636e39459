"""An outage or a silence that lasts a minute longer at its end (H1)."""

from copy import deepcopy

import numpy as np
from numpy.random import Generator

from schemas.fields import Service
from streams.rules.month.exact import Flags, runs
from streams.rules.month.inputs import OutcomeCounts
from streams.rules.month.states import code_of
from streams.rules.verdict import MinuteState
from tests.fairness.changes import JudgedSpan, SpanChange, any_service, forked


def lengthen_outage(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """The minute after an outage fails like its last one."""
    span = drawn.span
    service = any_service(span, rng)
    run = _run_before_a_quiet_minute(drawn, service, rng, MinuteState.DOWN)
    if run is None:
        return None
    after = forked(span, service)
    counts, at = after.services[service], run.stop - 1 + span.frame.start - span.frame.first
    for traffic in (counts.requests, counts.messages):
        traffic.in_scope.platform[at] += traffic.in_scope.ok[at]
        traffic.in_scope.ok[at] = 0
    counts.vantages_failed[at] = counts.vantages_ok[at] if counts.vantages_failed[at - 1] else 0
    counts.vantages_ok[at] -= counts.vantages_failed[at]
    if counts.requests.heard[at] + counts.messages.heard[at] + counts.vantages_failed[at] == 0:
        return None
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service=service, minutes=run)


def lengthen_silence(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """The minute after a silence is silent too; what sources counted of it, they perhaps did not."""
    span = drawn.span
    service = any_service(span, rng)
    run = _run_before_a_quiet_minute(drawn, service, rng, MinuteState.BLIND)
    if run is None:
        return None
    after = forked(span, service)
    counts, at = after.services[service], run.stop - 1 + span.frame.start - span.frame.first
    counted_too = rng.random() < 0.5
    for of in (counts.requests, counts.messages):
        for outcomes in (of.in_scope, of.out_of_scope):
            for name in OutcomeCounts.__slots__:
                getattr(outcomes, name)[at] = 0
        for each in (of.heard, of.corrected, of.corrected_settled, of.corrected_claimed, of.corrected_valid):
            each[at] = 0
    after.manifests = [deepcopy(series) if series.service == service else series for series in after.manifests]
    for series in after.manifests:
        if series.service == service:
            if counted_too:
                here = series.minutes == at + span.frame.first
                series.counts[here] -= np.minimum(series.seen[at], series.counts[here])
            series.seen[at] = 0
    counts.vantages_ok[at] = counts.vantages_ok[at - 1]
    counts.vantages_failed[at] = counts.vantages_failed[at - 1]
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service=service, minutes=run)


def _run_before_a_quiet_minute(drawn: JudgedSpan, service: Service, rng: Generator, state: MinuteState) -> slice | None:
    """A run of minutes in a state, and the minute after it: good or idle, and nothing in it failed."""
    judged = drawn.judged.services[service]
    found = judged.verdict.state
    in_state = found == code_of(state)
    if state == MinuteState.BLIND:
        in_state &= judged.reading.silent
    quiet = np.isin(found, [code_of(MinuteState.GOOD), code_of(MinuteState.IDLE)]) & ~_failed(drawn, service)
    starts, ends = runs(in_state)
    chosen = [(a, b) for a, b in zip(starts, ends, strict=True) if b < found.size and quiet[b]]
    if not chosen:
        return None
    start, end = chosen[rng.integers(len(chosen))]
    return slice(int(start), int(end) + 1)


def _failed(drawn: JudgedSpan, service: Service) -> Flags:
    """Whether anything of a service failed, was corrected, or is missing, in minutes of the span."""
    span, reading = drawn.span, drawn.judged.services[service].reading
    counts = span.services[service]
    part = slice(span.frame.start - span.frame.first, span.frame.end - span.frame.first)
    good = ("ok", "accepted", "enroute")
    names = [name for name in OutcomeCounts.__slots__ if name not in good]
    both = (counts.requests, counts.messages)
    failures = np.sum([getattr(one.in_scope, name) for one in both for name in names], axis=0)
    corrected = counts.requests.corrected + counts.messages.corrected
    failed: Flags = (failures + corrected + counts.vantages_failed)[part] + reading.missing > 0
    return failed
