"""What each minute of a service is, and what it is at best and at worst (contract V1-V3, B4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from schemas.fields import Service
from streams.simulate.accounting import Minute
from streams.simulate.facts import MinuteSide, SimulatedMinutes
from streams.simulate.missing import TOPICS, MissingRecords
from streams.simulate.silences import QuietMinutes
from streams.simulate.windows import KINDS, MAINTENANCE, THIRD_PARTIES, VOUCHING, PlainWindow

WINDOW_MINUTES: Final = 10
_RATIO: Final = 100
_FAILURES_AT_LEAST: Final = 4
_COMPANY: Final = 2
_WITNESSES: Final = 2
_NOBODY: Final = SimulatedMinutes()


class Failures(NamedTuple):
    """F and V of requests or messages."""

    failed: int
    valid: int


_NO_FAILURES: Final = Failures(0, 0)


@dataclass(slots=True)
class Excuses:
    """By service-minute: the kinds of windows that may excuse it, and whether maintenance does by proven notice."""

    kinds: dict[Minute, set[str]] = field(default_factory=dict)
    proven: set[Minute] = field(default_factory=set)

    @classmethod
    def of(cls, windows: Iterable[PlainWindow]) -> "Excuses":
        """Of all current windows."""
        found = cls()
        for window in windows:
            for at, proven in window.granted.items():
                found.kinds.setdefault(at, set()).add(window.current.kind)
                if proven and window.current.kind in MAINTENANCE:
                    found.proven.add(at)
        return found

    def vouches(self, at: Minute) -> bool:
        """Whether a window vouches for claimed failures of a minute (C7)."""
        return not VOUCHING.isdisjoint(self.kinds.get(at, ()))


class JudgedMinute(NamedTuple):
    """The state of a minute and its kind, and what it is in other cases."""

    state: str
    kind: str
    bad_at_best: bool
    bad_at_worst: bool
    bad_if_lost: bool
    lifted: bool
    """Bad at worst, and excluded there by maintenance with proven notice."""
    lifted_if_lost: bool
    excluded_at_worst: bool
    """Excluded, and so in every case."""
    down_with_all: bool
    """Not bad, but so if what is out of scope counted too (C5)."""


_IDLE: Final = JudgedMinute("idle", "", *[False] * 7)
"""A minute of which nothing at all speaks."""


@dataclass(slots=True, kw_only=True)
class ServiceKnowledge:
    """What is known of a service beside its counts; sets hold minutes."""

    service: Service
    facts: Mapping[Minute, SimulatedMinutes]
    missing: MissingRecords
    excuses: Excuses
    gaps: set[Minute]
    holes: set[int]
    quiet: QuietMinutes
    busy: set[int] = field(init=False)
    """The minutes of which anything was recorded or is missing."""

    def __post_init__(self) -> None:
        lost = (at for at in (*self.missing.known_at_worst, *self.missing.estimated_at_worst))
        self.busy = {minute for service, minute in self.facts if service == self.service}
        self.busy |= {minute for _, service, minute in lost if service == self.service}

    def speaks_of(self, minute: int) -> bool:
        """Whether anything was recorded, is missing, in doubt or in a gap."""
        at = self.service, minute
        quiet = minute in self.quiet.silent or minute in self.quiet.in_doubt
        return minute in self.busy or quiet or minute in self.holes or at in self.gaps

    def fact(self, minute: int) -> SimulatedMinutes:
        """The counts of a minute, none where nothing was recorded."""
        return self.facts.get((self.service, minute), _NOBODY)

    def missing_total(self, minute: int) -> int:
        """Requests and messages missing in a minute."""
        return sum(self.missing.total(topic, self.service, minute) for topic in TOPICS)


def judge_minutes(known: ServiceKnowledge, month: range) -> list[JudgedMinute]:
    """Every minute of a month; the minutes before it decide by their sums alone (V1)."""
    judged = range(month.start - WINDOW_MINUTES + 1, month.stop)
    cases = {name: _is_bad_by_traffic(known, judged, name) if known.busy else [False] * len(judged) for name in _CASES}
    first = WINDOW_MINUTES - 1
    return [
        _judge(known, minute, {name: flags[at] for name, flags in cases.items()}) if known.speaks_of(minute) else _IDLE
        for at, minute in enumerate(month, start=first)
    ]


def is_bad(sides: Sequence[Failures]) -> list[bool]:
    """V1, over consecutive minutes."""
    flags = [False] * len(sides)
    for at in [place for place, one in enumerate(sides) if one.failed]:
        failed, valid = sides[at]
        window = sides[max(0, at - WINDOW_MINUTES + 1) : at + 1]
        lately, asked = sum(one.failed for one in window), sum(one.valid for one in window)
        often = failed * _RATIO > valid and lately >= _FAILURES_AT_LEAST and lately * _RATIO > asked
        whole = failed == valid and (lately >= _COMPANY or asked == valid)
        flags[at] = often or whole
    return flags


def _is_bad_by_traffic(known: ServiceKnowledge, judged: range, case: str) -> list[bool]:
    count = _CASES[case]
    requests, messages = (
        is_bad(
            [
                count(known, minute, topic, _side(known, minute, topic)) if minute in known.busy else _NO_FAILURES
                for minute in judged
            ]
        )
        for topic in TOPICS
    )
    return [one or other for one, other in zip(requests, messages, strict=True)]


def _side(known: ServiceKnowledge, minute: int, topic: str) -> MinuteSide:
    fact = known.fact(minute)
    return fact.requests if topic == TOPICS[0] else fact.messages


def unknown_of(known: ServiceKnowledge, minute: int, side: MinuteSide) -> int:
    """Unknown records, those among them that only we call an operator's (C7)."""
    return side.unknown + (0 if known.excuses.vouches((known.service, minute)) else side.claimed)


def _received(_known: ServiceKnowledge, _minute: int, _topic: str, side: MinuteSide) -> Failures:
    return Failures(side.failed, side.valid)


def _with_missing(known: ServiceKnowledge, minute: int, topic: str, side: MinuteSide) -> Failures:
    missing = known.missing.total(topic, known.service, minute)
    return Failures(side.failed + missing, side.valid + missing)


def _if_lost(known: ServiceKnowledge, minute: int, topic: str, side: MinuteSide) -> Failures:
    missing = known.missing.total_at_worst(topic, known.service, minute)
    return Failures(side.failed + missing, side.valid + missing)


def _at_worst(known: ServiceKnowledge, minute: int, topic: str, side: MinuteSide) -> Failures:
    believed = known.excuses.vouches((known.service, minute))
    corrected = side.corrected_settled + (side.corrected_claimed if believed else 0)
    missing = known.missing.total_at_worst(topic, known.service, minute)
    doubtful = unknown_of(known, minute, side) + missing + corrected
    return Failures(side.failed + doubtful, side.valid + doubtful - side.corrected_valid)


def _at_best(known: ServiceKnowledge, minute: int, topic: str, side: MinuteSide) -> Failures:
    missing = known.missing.total(topic, known.service, minute)
    waited = side.never_handed_over
    excused = waited if (known.service, minute) in known.gaps else min(waited, missing)
    return Failures(side.failed - excused, side.valid + unknown_of(known, minute, side) + missing)


def _with_all(_known: ServiceKnowledge, _minute: int, _topic: str, side: MinuteSide) -> Failures:
    beyond = side.out_of_scope_platform
    return Failures(side.failed + beyond, side.valid + beyond + side.out_of_scope_ok)


_CASES: Final = {
    "received": _received, "missing": _with_missing, "lost": _if_lost, "worst": _at_worst, "best": _at_best,
    "all": _with_all,
}  # fmt: skip


def _judge(known: ServiceKnowledge, minute: int, by_traffic: Mapping[str, bool]) -> JudgedMinute:
    at, fact = (known.service, minute), known.fact(minute)
    up, failing = fact.vantages_ok, fact.vantages_failed
    valid = fact.requests.valid + fact.messages.valid
    bad = by_traffic["received"] or (valid == 0 and failing > up)
    with_missing = by_traffic["missing"] and not bad
    unseen = minute in known.quiet.silent and up <= failing
    unknown = at in known.gaps or with_missing or unseen
    state, kind = _state(known, minute, bad=bad, unknown=unknown, alive=valid > 0 or up > failing)
    whatever = bad or with_missing or _is_doubtful(known, minute) or _fails_by_vantages(fact, valid)
    worst, lost = whatever or by_traffic["worst"], whatever or by_traffic["lost"]
    excluded, proven = state == "excluded", at in known.excuses.proven
    lifting = not excluded and not bad and proven
    return JudgedMinute(
        state=state,
        kind=kind,
        bad_at_best=not excluded and _is_bad_at_best(known, minute, fact, by_traffic_alone=by_traffic["best"]),
        bad_at_worst=not proven if excluded else worst and not lifting,
        bad_if_lost=not proven if excluded else lost and not lifting,
        lifted=worst and lifting,
        lifted_if_lost=lost and lifting,
        excluded_at_worst=excluded and proven,
        down_with_all=by_traffic["all"] and not bad,
    )


def _state(known: ServiceKnowledge, minute: int, *, bad: bool, unknown: bool, alive: bool) -> tuple[str, str]:
    """V3, once nothing is pending."""
    kinds = known.excuses.kinds.get((known.service, minute), set())
    ours = [kind for kind in KINDS if kind in kinds and kind not in THIRD_PARTIES]
    fact = known.fact(minute)
    unasked = fact.requests.valid + fact.messages.valid == 0 and known.missing_total(minute) == 0
    excusing = [kind for kind in KINDS if kind in kinds] if bad and unasked else ours
    if (bad or unknown) and excusing:
        return "excluded", excusing[0]
    if bad:
        return "down", ""
    if unknown:
        return "blind", ""
    return ("good" if alive else "idle"), ""


def _is_doubtful(known: ServiceKnowledge, minute: int) -> bool:
    quiet = minute in known.quiet.silent or minute in known.quiet.in_doubt
    return quiet or minute in known.holes or (known.service, minute) in known.gaps


def _fails_by_vantages(fact: SimulatedMinutes, valid: int) -> bool:
    if valid == 0:
        return fact.vantages_failed > 0
    return fact.vantages_failed >= _WITNESSES and fact.vantages_ok == 0


def _is_bad_at_best(known: ServiceKnowledge, minute: int, fact: SimulatedMinutes, *, by_traffic_alone: bool) -> bool:
    if (known.service, minute) in known.gaps:
        return False
    asked = sum(
        _at_best(known, minute, topic, side).valid
        for topic, side in zip(TOPICS, (fact.requests, fact.messages), strict=True)
    )
    return by_traffic_alone or (asked == 0 and fact.vantages_failed > 0 and fact.vantages_ok == 0)
