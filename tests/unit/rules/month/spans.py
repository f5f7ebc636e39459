"""Spans of minutes to be judged: built by what is said of single minutes, or drawn at random."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np

from schemas.declaration import Kind
from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, parse_instant
from schemas.manifest import CountedTopic
from schemas.reference import policies
from streams.rules.month.inputs import (
    DeadLetterSeries,
    DeclarationRevision,
    LostOffsets,
    ManifestSeries,
    OutcomeCounts,
    ReadPartition,
    RefusedDeclaration,
    ServiceCounts,
    SpanInputs,
    TrafficCounts,
)
from streams.rules.month.judging import SpanJudgement, judge_span
from streams.rules.month.policy import MonthPolicy, month_policy
from streams.rules.month.span import DAY, HOUR, MinuteFrame
from streams.rules.month.states import KINDS, STATES

DAY_MS: Final = DAY * MINUTE_MS
HOUR_MS: Final = HOUR * MINUTE_MS
TOPICS: Final[tuple[CountedTopic, ...]] = ("api.requests", "carrier.receipts")
INPUT_TOPICS: Final = (*TOPICS, "probes", "telemetry.manifests", "sla.declarations")

ZECTO: Final = month_policy(policies()[0])
START: Final = parse_instant("2027-03-09T20:00:00Z") // MINUTE_MS
"""01:00 on a Wednesday in Karachi."""


class Span:
    """A span of `minutes` from `start`, with as many before it as asked for, all read, and nothing in it yet.

    Minutes are numbered from the span's start; those before it are negative. Whatever is said without naming a service
    is said of `sms`.
    """

    def __init__(
        self,
        minutes: int = 60,
        *,
        before: int = 20,
        after: int = 0,
        policy: MonthPolicy = ZECTO,
        start: int = START,
    ) -> None:
        self.frame = MinuteFrame(first=start - before, start=start, end=start + minutes, stop=start + minutes + after)
        self.policy = policy
        self.services = {service: _empty(self.frame.size) for service in SERVICES}
        self.manifests: list[ManifestSeries] = []
        self.dead_letters: list[DeadLetterSeries] = []
        self.declarations: list[DeclarationRevision] = []
        self.lost: list[LostOffsets] = []
        self.refused: list[RefusedDeclaration] = []
        self.extra: dict[str, Any] = {}
        self.frontier(self.frame.stop + 30 * DAY)

    def frontier(self, minute: int, *, receipts: int | None = None, as_of: int | None = None) -> "Span":
        """All is read to the start of a minute since the epoch; receipts perhaps to another."""
        self.partitions = tuple(
            ReadPartition(
                topic=topic,
                partition=0,
                frontier_ms=MINUTE_MS * (receipts if receipts and topic == "carrier.receipts" else minute),
            )
            for topic in INPUT_TOPICS
        )
        self.as_of_ms = (as_of or minute) * MINUTE_MS
        return self

    def requests(self, minutes: int | Iterable[int], *, service: Service = "sms", **counts: int) -> "Span":
        """Requests by outcome, or by another count, in each of these minutes; `ok` and `platform` are heard of too."""
        return self._traffic("requests", minutes, service, counts)

    def messages(self, minutes: int | Iterable[int], *, service: Service = "sms", **counts: int) -> "Span":
        """The same of messages."""
        return self._traffic("messages", minutes, service, counts)

    def beyond(self, minutes: int | Iterable[int], *, service: Service = "sms", **counts: int) -> "Span":
        """Requests out of scope."""
        for name, count in counts.items():
            getattr(self.services[service].requests.out_of_scope, name)[self._at(minutes)] += count
        return self

    def probes(self, minutes: int | Iterable[int], *, ok: int = 0, failed: int = 0, service: Service = "sms") -> "Span":
        """Vantages that succeed and that fail."""
        self.services[service].vantages_ok[self._at(minutes)] += ok
        self.services[service].vantages_failed[self._at(minutes)] += failed
        return self

    def manifest(
        self,
        counts: dict[int, int],
        *,
        topic: CountedTopic = "api.requests",
        source: str = "lb",
        service: Service = "sms",
        final: Iterable[int] = (),
        greatest: dict[int, int] | None = None,
        seen: dict[int, int] | None = None,
        late_ms: int = 0,
    ) -> "Span":
        """A source's counts by minute; `greatest` of any revision where that was another."""
        numbers = sorted(counts)
        most = {**counts, **(greatest or {})}
        carried = np.zeros(self.frame.size, dtype=np.int64)
        for number, identities in (seen or {}).items():
            carried[self._at(number)] = identities
        minutes = np.array(numbers, dtype=np.int64) + self.frame.start
        self.manifests.append(
            ManifestSeries(
                topic=topic,
                source=source,
                service=service,
                minutes=minutes,
                counts=np.array([counts[number] for number in numbers], dtype=np.int64),
                greatest=np.array([most[number] for number in numbers], dtype=np.int64),
                final=np.isin(numbers, list(final)),
                corrected=np.array([most[number] > counts[number] for number in numbers], dtype=np.bool_),
                recorded_ms=(minutes + 1) * MINUTE_MS + late_ms,
                seen=carried,
            )
        )
        return self

    def dead(
        self,
        counts: dict[int, int],
        *,
        topic: CountedTopic = "api.requests",
        source: str = "",
        service: Service | None = "sms",
    ) -> "Span":
        """Dead letters by minute; `service=None` if it cannot be read."""
        numbers = sorted(counts)
        self.dead_letters.append(
            DeadLetterSeries(
                topic=topic,
                source=source,
                service=service,
                minutes=np.array(numbers, dtype=np.int64) + self.frame.start,
                counts=np.array([counts[number] for number in numbers], dtype=np.int64),
            )
        )
        return self

    def window(self, kind: Kind, start: float, end: float, *, had: float | None = None, **fields_: object) -> "Span":
        """A revision of a declaration over [start, end), which the broker had at `had`; all in minutes.

        Unless said otherwise it was had in time: maintenance three days before, another's fault when it ended.
        """
        beforehand = kind in ("scheduled_maintenance", "emergency_maintenance")
        at = had if had is not None else start - 3 * DAY if beforehand else end
        recorded_at_ms = self.ms(at)
        self.declarations.append(
            DeclarationRevision(
                **{  # type: ignore[arg-type]
                    "declaration_id": "d",
                    "revision": 0,
                    "content": len(self.declarations),
                    "kind": kind,
                    "services": frozenset(["sms"]),
                    "start_ms": self.ms(start),
                    "end_ms": self.ms(end),
                    "announced_at_ms": recorded_at_ms,
                    "recorded_at_ms": recorded_at_ms,
                    "evidence": "ticket 7",
                    **fields_,
                }
            )
        )
        return self

    def ms(self, minute: float) -> int:
        """The instant of a minute, in milliseconds."""
        return self.frame.start * MINUTE_MS + round(minute * MINUTE_MS)

    @property
    def inputs(self) -> SpanInputs:
        """What the rules are given."""
        return SpanInputs(
            frame=self.frame,
            services=self.services,
            partitions=self.partitions,
            as_of_ms=self.as_of_ms,
            manifests=tuple(self.manifests),
            dead_letters=tuple(self.dead_letters),
            lost=tuple(self.lost),
            declarations=tuple(self.declarations),
            refused=tuple(self.refused),
            **self.extra,
        )

    def judged(self) -> SpanJudgement:
        """What the rules make of it."""
        return judge_span(self.inputs, self.policy)

    def states(self, *minutes: int, service: Service = "sms") -> list[str]:
        """The states of some minutes, the kind behind where excluded."""
        verdict = self.judged().services[service].verdict
        found = ((STATES[verdict.state[minute]].value, KINDS[verdict.kind[minute]]) for minute in minutes)
        return [f"{state} {kind}".rstrip() for state, kind in found]

    def bounds(self, *minutes: int, service: Service = "sms") -> list[tuple[int, int, int]]:
        """Whether minutes are bad at best, as received and unexcused, and at worst."""
        verdict = self.judged().services[service].verdict
        down = verdict.state == STATES.index(next(state for state in STATES if state.value == "down"))
        bounds = verdict.bounds
        return [(int(bounds.bad_at_best[i]), int(down[i]), int(bounds.bad_at_worst[i])) for i in minutes]

    def lost_bound(self, *minutes: int) -> list[int]:
        """Whether minutes are bad at worst for what was lost alone."""
        found = self.judged().services["sms"].verdict.bounds.bad_if_lost
        return [int(found[minute]) for minute in minutes]

    def listed(self) -> list[tuple[str, int]]:
        """The reasons of listings with their minutes."""
        return [(row.reason.value, row.minutes) for row in self.judged().listings]

    def _traffic(self, of: str, minutes: int | Iterable[int], service: Service, counts: dict[str, int]) -> "Span":
        traffic: TrafficCounts = getattr(self.services[service], of)
        at = self._at(minutes)
        for name, count in counts.items():
            holder = traffic.in_scope if name in OutcomeCounts.__slots__ else traffic
            getattr(holder, name)[at] += count
        traffic.heard[at] += counts.get("ok", 0) + counts.get("platform", 0)
        return self

    def _at(self, minutes: int | Iterable[int]) -> list[int]:
        numbers = [minutes] if isinstance(minutes, int) else minutes
        return [number + self.frame.start - self.frame.first for number in numbers]


def ms(minute: float) -> int:
    """The instant of a minute of a span from `START`, in milliseconds."""
    return START * MINUTE_MS + round(minute * MINUTE_MS)


def _empty(size: int) -> ServiceCounts:
    """Counts that can be written to."""
    counts = ServiceCounts.none(size)
    names = [each.name for each in fields(counts) if isinstance(getattr(counts, each.name), np.ndarray)]
    return replace(counts, requests=_no_traffic(size), messages=_no_traffic(size), **_zeros(names, size))


def _no_traffic(size: int) -> TrafficCounts:
    names = [each.name for each in fields(TrafficCounts)][2:]
    return TrafficCounts(in_scope=_no_outcomes(size), out_of_scope=_no_outcomes(size), **_zeros(names, size))


def _no_outcomes(size: int) -> OutcomeCounts:
    return OutcomeCounts(**_zeros([each.name for each in fields(OutcomeCounts)], size))


def _zeros(names: list[str], size: int) -> dict[str, Any]:
    return {name: np.zeros(size, dtype=np.int64) for name in names}
