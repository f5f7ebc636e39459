"""The rule and the clauses that settled a minute's state, with the numbers that were compared (V1-V3, X1-X4, B1-B5)."""

from dataclasses import dataclass
from typing import Final

from schemas.declaration import Kind
from schemas.fields import Service
from streams.months.explanation import Arithmetic, MeasureSide
from streams.rules.month.exact import Counts
from streams.rules.month.failures import is_bad
from streams.rules.month.gaps import COUNTED_TOPICS, PROBES, declared_gaps, lost_minutes
from streams.rules.month.judging import ServiceJudgement
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.reading import SpanContext, read_service
from streams.rules.month.settled import SettledCounts
from streams.rules.month.states import KINDS, STATES, MinuteReading
from streams.rules.verdict import MinuteState

DECLARED_GAP: Final = "telemetry_gap"
"""How a gap is named that was declared (B1); one by lost offsets by its topic behind `lost_offsets:` (B3)."""

_RULES: Final[dict[str, str]] = {
    "scheduled_maintenance": "X1",
    "emergency_maintenance": "X2",
    "telemetry_gap": "B1",
}
_CLAUSES: Final = {MinuteState.DOWN: ["§2.3"], MinuteState.EXCLUDED: ["§2.3", "§2.4"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGrounds:
    """A service's span as it was judged, and what it was judged from; ready to be asked of single minutes.

    Minutes are whole minutes since the epoch, within the span.
    """

    service: Service
    context: SpanContext
    judged: ServiceJudgement
    whole: MinuteReading
    """With the minutes before the span that V1 sums over."""

    @classmethod
    def of(cls, service: Service, judged: ServiceJudgement, context: SpanContext) -> "ServiceGrounds":
        """The grounds of a service; `context` is what it was judged from."""
        return cls(service=service, context=context, judged=judged, whole=read_service(service, context))

    @property
    def policy(self) -> MonthPolicy:
        """The numbers that it was judged by."""
        return self.context.policy

    def at(self, minute: int) -> int:
        """Where a minute lies in the arrays of the span."""
        return minute - self.context.frame.start

    def at_whole(self, minute: int) -> int:
        """Where it lies in `whole`."""
        return minute - self.context.first

    def state(self, minute: int) -> MinuteState:
        """What it counts as."""
        return STATES[int(self.judged.verdict.state[self.at(minute)])]

    def kind(self, minute: int) -> str:
        """The kind of window where it is excluded, else nothing."""
        return KINDS[int(self.judged.verdict.kind[self.at(minute)])]

    def valid(self, minute: int) -> int:
        """V, of requests and messages together (C6)."""
        return int(self.whole.valid[self.at_whole(minute)])


def window_rule(kind: Kind | str) -> str:
    """The rule by which a window of this kind excludes, or blinds."""
    return _RULES.get(kind, "X3")


def clauses_of(state: MinuteState) -> list[str]:
    """The clauses that a state follows from: §2.3 makes a minute down, §2.4 takes it out."""
    return _CLAUSES.get(state, [])


def arithmetic(grounds: ServiceGrounds, minute: int) -> Arithmetic:
    """What was compared (V1), and whether the vantages decided instead (V2)."""
    policy = grounds.policy
    return Arithmetic(
        numerator=policy.failure_ratio.numerator,
        denominator=policy.failure_ratio.denominator,
        failures_at_least=policy.failures_at_least,
        window_minutes=policy.failures_window_minutes,
        requests=_side(grounds.whole.requests.settled, grounds.at_whole(minute), policy),
        messages=_side(grounds.whole.messages.settled, grounds.at_whole(minute), policy),
        vantages_decide=grounds.valid(minute) == 0,
    )


def gaps_at(grounds: ServiceGrounds, minute: int) -> list[str]:
    """What makes a minute lie in a gap (B1, B3), by name; none: it lies in none."""
    context = grounds.context
    declared = bool(declared_gaps(context.windows.current, grounds.service, minute, 1)[0])
    unread = {
        f"lost_offsets:{one.topic}"
        for one in context.inputs.lost
        if one.topic in COUNTED_TOPICS or (one.topic == PROBES and not grounds.valid(minute))
        for first, end in (lost_minutes(one, grounds.policy),)
        if first <= minute < end
    }
    return [*([DECLARED_GAP] if declared else []), *sorted(unread)]


def decided_by(grounds: ServiceGrounds, minute: int) -> tuple[str, str]:
    """The rule that settled the state of a minute, and the same in words."""
    kind = grounds.kind(minute)
    match grounds.state(minute):
        case MinuteState.PENDING:
            return "B5", "records of this minute may still be unread"
        case MinuteState.EXCLUDED:
            rule, words = _bad_or_unknown(grounds, minute)
            return f"{rule}, {window_rule(kind)}", f"{words}; excused by {kind.replace('_', ' ')}"
        case MinuteState.DOWN | MinuteState.BLIND:
            return _bad_or_unknown(grounds, minute)
        case MinuteState.GOOD:
            return "V3", "valid traffic was answered" if grounds.valid(minute) else "probes succeeded"
        case MinuteState.IDLE:
            return "V3", "nothing valid was asked of the service"


def _side(settled: SettledCounts, at: int, policy: MonthPolicy) -> MeasureSide:
    window = slice(max(0, at - policy.failures_window_minutes + 1), at + 1)
    failed, valid = settled.failed[window], settled.valid[window]
    return MeasureSide(
        failed=int(failed[-1]),
        valid=int(valid[-1]),
        failed_lately=_sum(failed),
        valid_lately=_sum(valid),
        bad=bool(is_bad(failed, valid, policy)[-1]),
    )


def _sum(counts: Counts) -> int:
    return int(counts.sum())


def _bad_or_unknown(grounds: ServiceGrounds, minute: int) -> tuple[str, str]:
    if grounds.judged.states.bad[grounds.at(minute)]:
        return _bad_by(grounds, minute)
    return _unknown_by(grounds, minute)


def _bad_by(grounds: ServiceGrounds, minute: int) -> tuple[str, str]:
    compared = arithmetic(grounds, minute)
    window = compared.window_minutes
    bad = [
        f"{side.failed:,} of {side.valid:,} valid {of} failed by our fault, "
        f"{side.failed_lately:,} of {side.valid_lately:,} in {window} minutes"
        for of, side in (("requests", compared.requests), ("messages", compared.messages))
        if side.bad
    ]
    if bad:
        return "V1", " and ".join(bad)
    reading, at = grounds.judged.reading, grounds.at(minute)
    failed, ok = int(reading.vantages_failed[at]), int(reading.vantages_ok[at])
    return "V2", f"nothing valid was counted, and {failed:,} of {failed + ok:,} vantages failed"


def _unknown_by(grounds: ServiceGrounds, minute: int) -> tuple[str, str]:
    gaps = gaps_at(grounds, minute)
    if gaps:
        return "B1" if DECLARED_GAP in gaps else "B3", f"records are known to be lost ({', '.join(gaps)})"
    if grounds.judged.states.bad_with_missing[grounds.at(minute)]:
        return "B3", f"{grounds.judged.reading.missing[grounds.at(minute)]:,} records are missing: it would be bad"
    return "B2", "nothing valid was recorded where traffic was to be expected"
