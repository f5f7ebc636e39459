"""From what is known of a span of minutes to the verdict of each (V1-V3, B1-B4)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streams.audit.failing import AuditTally, failing
from streams.audit.gaps import Gaps, find_gaps
from streams.audit.instants import MINUTE_MS
from streams.audit.known import ACCEPTED, CLAIMED, AuditCounts, AuditTraffic, Known
from streams.audit.missing import Missing, find_missing
from streams.audit.policy import AuditPolicy
from streams.audit.records import RECEIPTS, REQUESTS, SERVICES
from streams.audit.settling import SettledSide, settle
from streams.audit.silences import AuditActivity, AuditMeasure, Doubt, SilenceListener
from streams.audit.verdicts import AuditVerdict, MinuteCase, V1Readings
from streams.audit.windows import VOUCHING, Ruling, by_declaration, rule

_NOTHING: Final = AuditCounts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The minutes [first, end), judged: by service a verdict a minute."""

    known: Known
    policy: AuditPolicy
    first: int
    end: int
    verdicts: Mapping[str, list[AuditVerdict]]
    rulings: list[Ruling]
    missing: Missing
    gaps: Gaps
    before: Mapping[str, list[tuple[AuditTally, AuditTally]]]
    """By service, the requests and messages of the nine minutes before the span, as received (V1)."""


def judge(known: Known, policy: AuditPolicy, first: int, end: int) -> Judged:
    """Every minute of [first, end)."""
    before = first - policy.failures_window + 1
    declarations = by_declaration(known.windows)
    missing = find_missing(known, policy)
    gaps = find_gaps(declarations, known.lost, policy, range(before, end), range(first, end))
    # claimed failures of the minutes before the span enter the sums of V1 in it
    rulings = rule(declarations, policy, before, end)
    found = _Found(known, missing, gaps, rulings)
    judges = {service: _ServiceJudge(service, found, policy) for service in SERVICES}
    sides = {service: one.sides(before, end) for service, one in judges.items()}
    verdicts = {service: one.judge(sides[service], first, end) for service, one in judges.items()}
    earlier = {service: _received(of_service[: first - before]) for service, of_service in sides.items()}
    return Judged(
        known=known,
        policy=policy,
        first=first,
        end=end,
        verdicts=verdicts,
        rulings=rulings,
        missing=missing,
        gaps=gaps,
        before=earlier,
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    """A minute's two sides, and the kinds of the windows that cover it."""

    requests: SettledSide
    messages: SettledSide
    vouched: bool
    gap: bool


_NO_SIDE: Final = settle(AuditTraffic(), waited=False, claims_are_unknown=True, missing=0, missing_at_worst=0)
_NO_SIDES: Final = _Sides(_NO_SIDE, _NO_SIDE, vouched=False, gap=False)
_NO_TALLY: Final = AuditTally(0, 0)
"""Any reading of `_NO_SIDE`: nearly all minutes of a month in which a record or two is checked."""
_READINGS: Final[Sequence[Callable[[SettledSide, bool], AuditTally]]] = (
    lambda side, _: side.as_received(),
    lambda side, _: side.with_missing(),
    lambda side, _: side.with_outside(),
    lambda side, _: side.at_worst(),
    lambda side, _: side.if_lost(),
    lambda side, gap: side.at_best(gap=gap),
)
"""As in `V1Readings`, of a side and whether its minute lies in a gap."""
_NEVER: Final = V1Readings(*[False] * len(V1Readings._fields))


@dataclass(frozen=True, slots=True)
class _Found:
    """What is found out of all services together."""

    known: Known
    missing: Missing
    gaps: Gaps
    rulings: Sequence[Ruling]


class _ServiceJudge:
    """Judges one service."""

    def __init__(self, service: str, found: _Found, policy: AuditPolicy) -> None:
        self._service = service
        self._known = found.known
        self._policy = policy
        self._missing = found.missing
        self._gaps = found.gaps
        self._excuses = _excuses(found.rulings, service)
        self._decided_ms = found.known.frontier_ms - policy.grace_ms
        self._received_ms = found.known.receipts_frontier_ms - policy.pending_for_ms
        places = (*found.missing.standing, *found.missing.estimated)
        self._missed = {minute for _, of, minute in places if of == service}
        self._uneventful: dict[tuple[bool, bool], AuditVerdict] = {}

    def sides(self, first: int, end: int) -> list[_Sides]:
        return [self._sides(minute) for minute in range(first, end)]

    def judge(self, sides: Sequence[_Sides], first: int, end: int) -> list[AuditVerdict]:
        v1 = self._v1(sides)
        doubts = self._doubts(first, end)
        here = sides[self._policy.failures_window - 1 :]
        return [
            self._verdict(minute, side, readings, doubts.get(minute, Doubt.NONE))
            for minute, side, readings in zip(range(first, end), here, v1, strict=True)
        ]

    def _sides(self, minute: int) -> _Sides:
        counts = self._counts(minute)
        if counts is _NOTHING and minute not in self._missed and not self._gaps.touches(self._service, minute):
            return _NO_SIDES
        vouched = any(kind in self._excuses.get(minute, {}) for kind in VOUCHING)
        waited = self._received_ms >= (minute + 1) * MINUTE_MS
        requests, messages = (
            settle(
                traffic,
                waited=waited,
                claims_are_unknown=self._policy.claims_are_unknown and not vouched,
                missing=self._missing.of((topic, self._service, minute)),
                missing_at_worst=self._missing.at_worst((topic, self._service, minute)),
            )
            for topic, traffic in ((REQUESTS, counts.requests), (RECEIPTS, counts.messages))
        )
        claimed = sum(side.inside.get(CLAIMED, 0) for side in (counts.requests, counts.messages))
        return _Sides(
            requests=requests,
            messages=messages,
            vouched=vouched and claimed > 0,
            gap=self._gaps.has(self._service, minute, valid=requests.valid + messages.valid),
        )

    def _v1(self, sides: Sequence[_Sides]) -> list[V1Readings]:
        if all(one is _NO_SIDES for one in sides):
            return [_NEVER] * (len(sides) - self._policy.failures_window + 1)

        def bad(reading: Callable[[SettledSide, bool], AuditTally]) -> list[bool]:
            requests, messages = (
                [_NO_TALLY if one is _NO_SIDES else reading(getattr(one, of), one.gap) for one in sides]
                for of in ("requests", "messages")
            )
            both = zip(failing(requests, self._policy), failing(messages, self._policy), strict=True)
            return [one or other for one, other in both]

        found = [bad(reading) for reading in _READINGS]
        return [V1Readings(*readings) if any(readings) else _NEVER for readings in zip(*found, strict=True)]

    def _doubts(self, first: int, end: int) -> dict[int, Doubt]:
        listener = SilenceListener(
            activity=self._activity(),
            policy=self._policy,
            first=first,
            end=end,
            seen_to=self._known.frontier_ms // MINUTE_MS,
            holidays=self._known.holidays,
        )
        doubts = listener.doubts()
        for minute in listener.probe_doubts():
            side = self._sides(minute)
            if side.requests.valid + side.messages.valid == 0:
                doubts[minute] = max(doubts.get(minute, Doubt.NONE), Doubt.IN_DOUBT)
        return doubts

    def _activity(self) -> AuditActivity:
        """What can fall silent: valid records are those that were heard, and messages that nobody ever took (C3)."""
        requests: dict[int, int] = {}
        messages: dict[int, int] = {}
        probed: dict[int, int] = {}
        for (service, minute), counts in self._known.counts.items():
            if service == self._service:
                _note(requests, minute, counts.requests.heard)
                waited = self._received_ms >= (minute + 1) * MINUTE_MS
                never_handed = counts.messages.inside.get(ACCEPTED, 0) if waited else 0
                _note(messages, minute, counts.messages.heard + never_handed)
                _note(probed, minute, counts.vantages_ok + counts.vantages_failed)
        return self._activity_of(requests, messages, probed)

    def _activity_of(self, requests: dict[int, int], messages: dict[int, int], probed: dict[int, int]) -> AuditActivity:
        missing = self._missing_by_minute()
        either = AuditMeasure(_sum(requests, messages), _sum(missing[REQUESTS], missing[RECEIPTS]))
        return AuditActivity(
            requests=AuditMeasure(requests, missing[REQUESTS]),
            either=either,
            messages=AuditMeasure(messages, missing[RECEIPTS]),
            probed=AuditMeasure(probed, {}),
            first_record=either.first,
        )

    def _missing_by_minute(self) -> dict[str, dict[int, int]]:
        missing: dict[str, dict[int, int]] = {REQUESTS: {}, RECEIPTS: {}}
        for topic, service, minute in {*self._missing.standing, *self._missing.estimated}:
            if service == self._service:
                _note(missing[topic], minute, self._missing.of((topic, service, minute)))
        return missing

    def _verdict(self, minute: int, sides: _Sides, v1: V1Readings, doubt: Doubt) -> AuditVerdict:
        over_ms = (minute + 1) * MINUTE_MS
        pending, over = self._decided_ms < over_ms, over_ms <= self._known.as_of_ms
        in_hole = (self._service, minute) in self._missing.in_hole
        eventful = v1 is not _NEVER or doubt > Doubt.NONE or in_hole or minute in self._excuses
        if sides is _NO_SIDES and not eventful and (pending, over) in self._uneventful:
            return self._uneventful[pending, over]
        verdict = MinuteCase(
            counts=self._counts(minute),
            requests=sides.requests,
            messages=sides.messages,
            v1=v1,
            excuses=self._excuses.get(minute, {}),
            gap=sides.gap,
            in_hole=in_hole,
            doubt=doubt,
            pending=pending,
            over=over,
            vouched=sides.vouched,
        ).verdict()
        if sides is _NO_SIDES and not eventful:
            self._uneventful[pending, over] = verdict
        return verdict

    def _counts(self, minute: int) -> AuditCounts:
        return self._known.counts.get((self._service, minute), _NOTHING)


def _received(sides: Sequence[_Sides]) -> list[tuple[AuditTally, AuditTally]]:
    return [(one.requests.as_received(), one.messages.as_received()) for one in sides]


def _excuses(rulings: Sequence[Ruling], service: str) -> dict[int, dict[str, bool]]:
    """By minute the kinds of the windows that excuse it; true: one of that kind is proven."""
    excuses: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    for ruling in rulings:
        kind = ruling.window.kind
        for minute, is_proven in ruling.excuses.get(service, {}).items():
            excuses[minute][kind] = excuses[minute].get(kind, False) or is_proven
    return dict(excuses)


def _note(by_minute: dict[int, int], minute: int, number: int) -> None:
    if number:
        by_minute[minute] = number


def _sum(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    return {minute: one.get(minute, 0) + other.get(minute, 0) for minute in {*one, *other}}
