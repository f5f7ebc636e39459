"""One random change of a span (H1), and what must hold of it: see tests/fairness/properties.py."""

from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.random import Generator

from schemas.fields import Service
from streams.rules.month.exact import Counts, Flags, Indices
from streams.rules.month.inputs import ManifestSeries, TrafficCounts
from streams.rules.month.judging import SpanJudgement
from tests.fairness.spans import random_window
from tests.unit.rules.month.spans import Span

Chosen = TypeVar("Chosen")

_BETTER: Final = ("ok", "customer", "operator", "claimed", "unknown", "out_of_scope")
_CARRIED: Final = ("ok", "platform", "customer", "claimed", "unknown", "accepted", "enroute")


@dataclass(frozen=True, kw_only=True)
class JudgedSpan:
    """A span, judged once."""

    span: Span

    @cached_property
    def judged(self) -> SpanJudgement:
        """What the rules make of it."""
        return self.span.judged()


@dataclass(frozen=True, kw_only=True)
class SpanChange:
    """A span before and after one change."""

    before: JudgedSpan
    after: JudgedSpan
    service: Service
    minutes: slice = field(default_factory=lambda: slice(None))
    """Of which minutes of the span numbers are compared: all, or some."""
    taken: Counts | None = None
    """(n,): records taken away."""
    declaration_id: str = ""


Change = Callable[[JudgedSpan, Generator], SpanChange | None]


def remove_told_records(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """Records go of which a manifest tells, some or all of some minutes."""
    span = drawn.span
    series = _pick([one for one in span.manifests if one.minutes.size and one.service in span.services], rng)
    if series is None:
        return None
    found = np.flatnonzero(_told(span, series))
    if not found.size:
        return None
    after = forked(span, series.service)
    changed = _own(after, series)
    traffic, taken = _traffic(after, series), np.zeros(span.frame.size, dtype=np.int64)
    for at in found[_some(found, span, rng)]:
        taken[at] = _take(traffic, changed, int(at), rng)
    return (
        SpanChange(before=drawn, after=JudgedSpan(span=after), service=series.service, taken=taken)
        if taken.any()
        else None
    )


def correct_failures(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """Later revisions, or other final receipts, make failures of ours something else (I4)."""
    span = drawn.span
    service = any_service(span, rng)
    of = str(rng.choice(["requests", "messages"]))
    inside = _inside(span) & (getattr(span.services[service], of).in_scope.platform > 0)
    found = np.flatnonzero(inside)
    if not found.size:
        return None
    after = forked(span, service)
    traffic: TrafficCounts = getattr(after.services[service], of)
    goal = str(rng.choice(_BETTER))
    for at in rng.choice(found, min(found.size, int(rng.integers(1, 40))), replace=False):
        _correct(traffic, goal, int(at), int(rng.integers(1, traffic.in_scope.platform[at] + 1)))
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service=service)


def bring_into_scope(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """Another stage or plan makes records count as ok that were out of scope (I4)."""
    span = drawn.span
    service = any_service(span, rng)
    of = str(rng.choice(["requests", "messages"]))
    name = str(rng.choice(["ok", "platform", "customer"]))
    outside = getattr(getattr(span.services[service], of).out_of_scope, name)
    found = np.flatnonzero(_inside(span) & (outside > 0))
    if not found.size:
        return None
    after = forked(span, service)
    traffic: TrafficCounts = getattr(after.services[service], of)
    for at in rng.choice(found, min(found.size, int(rng.integers(1, 40))), replace=False):
        count = int(outside[at])
        getattr(traffic.out_of_scope, name)[at] -= count
        for counts in (traffic.in_scope.ok, traffic.heard, traffic.corrected, traffic.corrected_valid):
            counts[at] += count
        if name == "platform":
            traffic.corrected_settled[at] += count
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service=service)


def revise_manifest(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """Later revisions of manifests count less, or are final (I4)."""
    span = drawn.span
    series = _pick([one for one in span.manifests if _in_span(one, span).any()], rng)
    if series is None:
        return None
    after = forked(span)
    own = np.flatnonzero(_in_span(series, span))
    chosen = rng.choice(own, min(own.size, int(rng.integers(1, 40))), replace=False)
    changed = _own(after, series)
    if rng.random() < 0.3:
        chosen = own[-1:]
        changed.final[chosen] = True
    else:
        changed.counts[chosen] = changed.counts[chosen] // 2
    changed.corrected[chosen] |= (changed.counts < series.counts)[chosen] | (changed.final != series.final)[chosen]
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service=series.service)


def revise_probes(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """Later revisions of probes that had failed succeed (I4)."""
    span = drawn.span
    service = any_service(span, rng)
    found = np.flatnonzero(_inside(span) & (span.services[service].vantages_failed > 0))
    if not found.size:
        return None
    after = forked(span, service)
    counts = after.services[service]
    chosen = rng.choice(found, min(found.size, int(rng.integers(1, 40))), replace=False)
    counts.vantages_failed[chosen] -= 1
    counts.vantages_ok[chosen] += 1
    counts.probes_corrected[chosen] += 1
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service=service)


def name_another_source(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """Requests come again, the same but for the source that they name (I3)."""
    span = drawn.span
    series = _pick([one for one in span.manifests if one.topic == "api.requests"], rng)
    if series is None:
        return None
    requests = span.services[series.service].requests
    ours = requests.in_scope.ok + requests.in_scope.platform
    found = np.flatnonzero(_inside(span) & (ours > series.seen))
    if not found.size:
        return None
    after = forked(span, series.service)
    chosen = rng.choice(found, min(found.size, int(rng.integers(1, 40))), replace=False)
    _own(after, series).seen[chosen] += 1
    after.services[series.service].conflicts[chosen] += 1
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service=series.service)


def declare(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """Another declaration, or a later revision or retraction of one (X4)."""
    span = drawn.span
    after = forked(span)
    random_window(after, rng, f"d{rng.integers(0, 5)}")
    declared = after.declarations[-1].declaration_id
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service="sms", declaration_id=declared)


def retract(drawn: JudgedSpan, rng: Generator) -> SpanChange | None:
    """A retraction, or a revision that moves a window's end, of a declaration that is there (X4)."""
    span = drawn.span
    current = _pick(span.declarations, rng)
    if current is None:
        return None
    later = replace(
        current,
        revision=max(one.revision for one in span.declarations if one.declaration_id == current.declaration_id) + 1,
        recorded_at_ms=max(current.recorded_at_ms, span.ms(float(rng.integers(0, span.frame.minutes)))),
        retracted=bool(rng.random() < 0.5),
        end_ms=current.end_ms + 60_000 * int(rng.integers(0, 30)),
    )
    after = forked(span)
    after.declarations.append(later)
    return SpanChange(before=drawn, after=JudgedSpan(span=after), service="sms", declaration_id=current.declaration_id)


def forked(span: Span, *services: Service) -> Span:
    """A copy of a span in which lists, and the counts of some services, can be changed."""
    after = copy(span)
    after.services = {name: deepcopy(of) if name in services else of for name, of in span.services.items()}
    after.manifests, after.declarations = list(span.manifests), list(span.declarations)
    return after


def _own(after: Span, series: ManifestSeries) -> ManifestSeries:
    """A series of a fork's own, in the place of one that it shares."""
    own = deepcopy(series)
    after.manifests[next(at for at, one in enumerate(after.manifests) if one is series)] = own
    return own


def _told(span: Span, series: ManifestSeries) -> Flags:
    """(n,): minutes whose records of this source its manifest tells of, no collision among them."""
    traffic, counted = _traffic(span, series), np.full(span.frame.size, -1, dtype=np.int64)
    inside = (series.minutes >= span.frame.first) & (series.minutes < span.frame.stop)
    counted[series.minutes[inside] - span.frame.first] = series.counts[inside]
    told: Flags = (series.seen > 0) & (counted >= series.seen) & (traffic.collisions == 0)
    return told


def _some(found: Indices, span: Span, rng: Generator) -> Indices:
    """Neighbours among places in a frame: in the span and just before it, or anywhere; often before a pause."""
    inside = np.flatnonzero(found >= span.frame.start - span.frame.first - 15)
    places = inside if inside.size and rng.random() < 0.7 else np.arange(found.size)
    before_a_pause = places[np.flatnonzero(np.diff(found[places], append=found[places][-1] + 99) > 15)]
    if before_a_pause.size and rng.random() < 0.4:
        last = int(before_a_pause[rng.integers(before_a_pause.size)])
        return np.arange(max(0, last + 1 - int(rng.integers(1, 20))), last + 1)
    first = int(places[rng.integers(places.size)])
    return np.arange(first, min(found.size, first + int(rng.integers(1, 40))))


def _take(traffic: TrafficCounts, series: ManifestSeries, at: int, rng: Generator) -> int:
    """Take identities of a source out of a minute, each with all its revisions; how many."""
    gone = 0
    wanted = int(series.seen[at]) if rng.random() < 0.6 else int(rng.integers(1, series.seen[at] + 1))
    for name in rng.permutation(_CARRIED):
        counts = getattr(traffic.in_scope, name)
        count = min(wanted - gone, int(counts[at]))
        gone += count
        counts[at] -= count
        _forget_corrections(traffic, str(name), at)
        if name in ("ok", "platform"):
            traffic.heard[at] -= count
    traffic.heard[at] = max(traffic.heard[at], traffic.in_scope.ok[at] + traffic.in_scope.platform[at])
    series.seen[at] -= gone
    return gone


def _forget_corrections(traffic: TrafficCounts, name: str, at: int) -> None:
    """No more identities of an outcome are corrected than are left; as few as must be go."""
    left = getattr(traffic.in_scope, name)[at]
    if name == "ok":
        excess = max(0, traffic.corrected_valid[at] - left)
        traffic.corrected_valid[at] -= excess
        traffic.corrected_settled[at] = max(0, traffic.corrected_settled[at] - excess)
    elif name == "claimed":
        excess = max(0, traffic.corrected_claimed[at] - left)
        traffic.corrected_claimed[at] -= excess
        traffic.heard[at] -= excess
    else:
        return
    traffic.corrected[at] -= excess


def _correct(traffic: TrafficCounts, goal: str, at: int, count: int) -> None:
    """Failures of ours become something else, and are counted as corrected (I4)."""
    traffic.in_scope.platform[at] -= count
    traffic.corrected[at] += count
    target = traffic.out_of_scope.platform if goal == "out_of_scope" else getattr(traffic.in_scope, goal)
    target[at] += count
    if goal == "claimed":
        traffic.corrected_claimed[at] += count
    elif goal != "unknown":
        traffic.corrected_settled[at] += count
    if goal == "ok":
        traffic.corrected_valid[at] += count


def _inside(span: Span) -> Flags:
    at = np.arange(span.frame.size) + span.frame.first
    inside: Flags = (at >= span.frame.start) & (at < span.frame.end)
    return inside


def _in_span(series: ManifestSeries, span: Span) -> Flags:
    inside: Flags = (series.minutes >= span.frame.start) & (series.minutes < span.frame.end)
    return inside


def _traffic(span: Span, series: ManifestSeries) -> TrafficCounts:
    counts = span.services[series.service]
    return counts.requests if series.topic == "api.requests" else counts.messages


def any_service(span: Span, rng: Generator) -> Service:
    names = tuple(span.services)
    return names[rng.integers(len(names))]


def _pick(choices: Sequence[Chosen], rng: Generator) -> Chosen | None:
    return choices[int(rng.integers(len(choices)))] if choices else None
