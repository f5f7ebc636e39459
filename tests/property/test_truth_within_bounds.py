"""B4: where manifests are sent, what truly was lies between the bounds, whatever was lost, garbled or never understood.

The auditor judges both: all that happened, and what arrived of it. Its bounds are those that the views publish: they
are held against each other minute by minute elsewhere (`tests/simulation`, `tests/chaos`).
"""

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

import pytest

from schemas.instants import MINUTE_MS, format_instant
from streams.audit.codes import read_codes
from streams.audit.collecting import collect
from streams.audit.counting import know
from streams.audit.judging import judge
from streams.audit.policy import AuditSpan, choose_span, read_policies
from streams.audit.reading import Raw, Source
from streams.audit.records import DECLARATIONS, MANIFESTS, PROBES, RECEIPTS, REQUESTS
from streams.audit.seen import Seen
from streams.audit.silences import Doubt
from streams.audit.verdicts import BLIND, DOWN, GOOD, AuditVerdict

CODES: Final = read_codes()
SERVICE: Final = "sms"
_WHOLE: Final = choose_span("2026-09", None, read_policies())
_FIRST: Final = _WHOLE.first + 10_000
# Long after the minutes, and before a receipt has been waited for long enough (C3).
_SEEN_MS: Final = (_FIRST + 60 * 24) * MINUTE_MS
SEEN: Final = Seen(clock_ms=_SEEN_MS)
_MINUTES: Final = 60
_RATIOS: Final = (Fraction(0), Fraction(1, 100), Fraction(1, 4), Fraction(1, 2))

Records = list[tuple[str, bytes]]


class Outcome(StrEnum):
    """What truly became of it."""

    OK = "ok"
    PLATFORM = "platform"
    OPERATOR = "operator"
    CUSTOMER = "customer"
    OUT_OF_SCOPE = "out of scope"


class ExpectedOutcome(StrEnum):
    """What became of its record."""

    ARRIVES = "arrives"
    TWICE = "twice"
    LOST = "lost"
    GARBLED = "garbled"
    DAMAGED = "damaged: its source and minute can be read"
    NOT_UNDERSTOOD = "of no known code"
    NOT_FINAL = "the last receipt is lost"


@dataclass(frozen=True)
class One:
    """A request or a message."""

    is_message: bool
    source: str
    outcome: Outcome
    fate: ExpectedOutcome


@dataclass(frozen=True)
class Told:
    """A minute: what happened in it, and what probes and people said."""

    ones: Sequence[One]
    probes: Sequence[bool]
    window: bool


def draw(dice: random.Random) -> list[Told]:
    """Minutes in each of which little happens: much would hide what a single record does."""
    return [
        Told(
            ones=[_one(dice) for _ in range(dice.choice((0, 1, 1, 2, 3, 6)))],
            probes=[dice.random() < 0.5 for _ in range(dice.choice((0, 0, 1, 2)))],
            window=dice.random() < 0.2,
        )
        for _ in range(_MINUTES)
    ]


def _one(dice: random.Random) -> One:
    outcome = dice.choice((Outcome.OK, Outcome.PLATFORM, *Outcome))
    fate = dice.choice((ExpectedOutcome.ARRIVES, ExpectedOutcome.ARRIVES, *ExpectedOutcome))
    return One(is_message=dice.random() < 0.5, source=dice.choice("ab"), outcome=outcome, fate=fate)


_STATUS: Final = {Outcome.OK: 200, Outcome.PLATFORM: 500, Outcome.OPERATOR: 503, Outcome.CUSTOMER: 404}
_CODE: Final = {
    Outcome.PLATFORM: "internal_error",
    Outcome.OPERATOR: "operator_timeout",
    Outcome.CUSTOMER: "invalid_number",
}


@dataclass(frozen=True)
class Sent:
    """A record as it was meant, and what of it arrived."""

    topic: str
    meant: bytes
    arrived: Sequence[bytes]


def sent(one: One, number: int, minute: int) -> Sent:
    meant = _receipt(one, number, minute) if one.is_message else _request(one, number, minute)
    arrived: list[dict[str, Any] | str]
    match one.fate:
        case ExpectedOutcome.ARRIVES:
            arrived = [meant]
        case ExpectedOutcome.TWICE:
            arrived = [meant, meant]
        case ExpectedOutcome.GARBLED:
            arrived = [f"{number}?"]
        case ExpectedOutcome.DAMAGED:
            arrived = [meant | {"account_id": 7}]
        case ExpectedOutcome.NOT_UNDERSTOOD if one.is_message:
            arrived = [meant | {"state": "failed", "code_system": "platform", "code": "no_such_code"}]
        case ExpectedOutcome.NOT_UNDERSTOOD:
            arrived = [{name: value for name, value in meant.items() if name != "error"} | {"status": 418}]
        case ExpectedOutcome.NOT_FINAL if one.is_message:
            left = {name: value for name, value in meant.items() if name not in ("code", "code_system")}
            arrived = [left | {"state": "enroute", "time": meant["submitted_at"]}]
        case _:
            arrived = []
    topic = RECEIPTS if one.is_message else REQUESTS
    return Sent(topic, json.dumps(meant).encode(), [json.dumps(value).encode() for value in arrived])


def _request(one: One, number: int, minute: int) -> dict[str, Any]:
    told: dict[str, Any] = {"request_id": f"r{number}", "time": _at(minute, 1), "service": SERVICE, "account_id": "a"}
    told |= {"status": _STATUS.get(one.outcome, 500), "source": one.source}
    if one.outcome is Outcome.OPERATOR:
        told["error"] = "operator_unavailable"
    return told | ({"stage": "beta"} if one.outcome is Outcome.OUT_OF_SCOPE else {})


def _receipt(one: One, number: int, minute: int) -> dict[str, Any]:
    told: dict[str, Any] = {"message_id": f"m{number}", "service": SERVICE, "account_id": "a", "source": one.source}
    told |= {"submitted_at": _at(minute, 1), "time": _at(minute, 2), "state": "delivered"}
    if one.outcome in _CODE:
        told |= {"state": "failed", "code_system": "platform", "code": _CODE[one.outcome]}
    return told | ({"plan": "trial"} if one.outcome is Outcome.OUT_OF_SCOPE else {})


def beside(minutes: Sequence[Told], everything: Sequence[Sequence[Sent]]) -> Iterator[tuple[str, bytes]]:
    """What always arrives: manifests with the true counts, zeros included, probes, and windows that exclude."""
    for number, (told, of) in enumerate(zip(minutes, everything, strict=True)):
        sources = Counter((it.topic, one.source) for one, it in zip(told.ones, of, strict=True))
        for topic, source in itertools.product((REQUESTS, RECEIPTS), "ab"):
            manifest = {"source": source, "service": SERVICE, "minute": _at(number), "topic": topic}
            yield MANIFESTS, json.dumps(manifest | {"count": sources[topic, source]}).encode()
        for probe, ok in enumerate(told.probes):
            asked = {"probe_id": f"p{probe}", "time": _at(number), "service": SERVICE, "vantage": "khi", "ok": ok}
            yield PROBES, json.dumps(asked).encode()
        if told.window:
            window = {
                "declaration_id": f"d{number}",
                "kind": "ddos",
                "services": ["*"],
                "announced_at": _at(number + 1),
            }
            window |= {"start": _at(number), "end": _at(number + 1), "evidence": "seen at the edge"}
            yield DECLARATIONS, json.dumps(window).encode()


def _at(minute: int, second: int = 0) -> str:
    return format_instant((_FIRST + minute) * MINUTE_MS + second * 1000)


def happened(minutes: Sequence[Told]) -> tuple[list[list[Sent]], Records]:
    """What was to be sent, minute by minute, and what always arrives."""
    everything = [[sent(one, 100 * at + n, at) for n, one in enumerate(told.ones)] for at, told in enumerate(minutes)]
    return everything, list(beside(minutes, everything))


def arrivals(everything: list[list[Sent]]) -> Records:
    return [(it.topic, value) for of in everything for it in of for value in it.arrived]


def judged(records: Records, minutes: int, ratio: Fraction) -> list[AuditVerdict]:
    raws = [Raw(topic, 0, offset, _FIRST * MINUTE_MS + 7, value) for offset, (topic, value) in enumerate(records)]
    span = AuditSpan(
        month=_WHOLE.month, policy=replace(_WHOLE.policy, failure_ratio=ratio), first=_FIRST, end=_FIRST + minutes
    )
    source = Source(records=lambda: iter(raws), starts={})
    records_of_month = collect(source, span.policy, CODES, as_of_ms=_SEEN_MS, progress=lambda _topic, _read: None)
    return judge(know(records_of_month, span, SEEN), span.policy, span.first, span.end).verdicts[SERVICE]


@pytest.mark.parametrize("seed", range(100))
def test_b4_the_truth_lies_within_the_bounds_of_what_arrived(seed: int) -> None:
    dice = random.Random(seed)
    minutes, ratio = draw(dice), dice.choice(_RATIOS)
    everything, always = happened(minutes)
    truth = judged(always + [(it.topic, it.meant) for of in everything for it in of], len(minutes), ratio)
    known = judged(always + arrivals(everything), len(minutes), ratio)
    wrong = [
        (told, true.state, seen)
        for told, true, seen in zip(minutes, truth, known, strict=True)
        if not seen.down_low <= (true.state == DOWN) <= seen.down_high
    ]
    assert wrong == []


@pytest.mark.parametrize("seed", range(20))
def test_b4_with_nothing_in_doubt_the_bounds_have_no_width(seed: int) -> None:
    """Nothing is lost, no operator's failure is told by us alone (C7), no window is had on trust (X3)."""
    dice = random.Random(seed)
    minutes = [
        replace(
            told,
            ones=[
                replace(one, fate=dice.choice((ExpectedOutcome.ARRIVES, ExpectedOutcome.TWICE)))
                for one in told.ones
                if one.outcome is not Outcome.OPERATOR
            ],
            window=False,
        )
        for told in draw(dice)
    ]
    everything, always = happened(minutes)
    for verdict in judged(always + arrivals(everything), len(minutes), dice.choice(_RATIOS)):
        # where probes were usual and have ceased, a minute is in doubt (B2)
        is_down = verdict.state == DOWN
        assert verdict.doubt > Doubt.NONE or verdict.down_low == verdict.down_high == is_down


def test_b4_lost_failures_that_matter_leave_a_minute_blind() -> None:
    arrived = [One(False, "a", Outcome.OK, ExpectedOutcome.ARRIVES)]
    lost = [One(False, "a", Outcome.PLATFORM, ExpectedOutcome.LOST)]
    found = []
    for number in (3, 4):
        everything, always = happened([Told(arrived + lost * number, [], window=False)])
        [verdict] = judged(always + arrivals(everything), 1, Fraction(1, 100))
        found.append((verdict.state, verdict.down_low, verdict.down_high))
    assert found == [(GOOD, False, False), (BLIND, False, True)]
