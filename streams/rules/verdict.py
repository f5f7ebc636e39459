"""The state of a service-minute and its bounds (contract V1-V3, B4), as one plain function over its counts.

The month's figures come from SQL views; this says what they must be, minute by minute, and tests hold them to it.
Everything is compared by cross-multiplying integers.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, NamedTuple, get_args

from schemas.declaration import Kind
from schemas.instants import MINUTE_MS
from schemas.policies import Policy

EXCLUDING_KINDS: Final[tuple[Kind, ...]] = tuple(kind for kind in get_args(Kind) if kind != "telemetry_gap")
"""The kinds of windows that exclude, in the order in which they claim a minute (X4)."""

OTHERS_OUTAGES: Final[frozenset[Kind]] = frozenset(("operator_outage", "internet_backbone", "dns"))
"""The kinds that excuse only minutes without valid traffic, bad by their probes (X3)."""


@unique
class MinuteState(StrEnum):
    """What a minute counts as (V3); every minute of a month has exactly one (V4)."""

    GOOD = "good"
    DOWN = "down"
    EXCLUDED = "excluded"
    IDLE = "idle"
    BLIND = "blind"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Valid requests or messages of a minute (C6), and those that might turn out valid failures (u of B4)."""

    ok: int = 0
    platform: int = 0
    unknown: int = 0
    pending: int = 0
    missing: int = 0

    @property
    def valid(self) -> int:
        """V: what the SLA promises to answer (C6)."""
        return self.ok + self.platform

    @property
    def doubtful(self) -> int:
        """u: what might have been a failure of ours (B4)."""
        return self.unknown + self.pending + self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteFacts:
    """All that decides a minute: counts, the kinds of the valid windows that cover all of it, what is not known."""

    requests: Tally = Tally()
    messages: Tally = Tally()
    probes_ok: int = 0
    probes_failed: int = 0
    windows: Collection[Kind] = ()
    gap: bool = False
    silence: bool = False
    pending: bool = False


class Verdict(NamedTuple):
    """A minute's state, the window's kind where it is excluded, and whether it is down at best and at worst (B4)."""

    state: MinuteState
    kind: Kind | None
    bad_low: bool
    bad_high: bool


class Settled(NamedTuple):
    """Messages without a final receipt, as the month counts them."""

    platform: int
    unknown: int
    pending: int


def settle_pending(*, accepted: int, enroute: int, waited: bool) -> Settled:
    """Pending messages once the wait is over: ours if no carrier ever took them (§2.3), else unknown (C3)."""
    if waited:
        return Settled(platform=accepted, unknown=enroute, pending=0)
    return Settled(platform=0, unknown=0, pending=accepted + enroute)


def has_passed(frontier_ms: int, minute_ms: int, wait_ms: int) -> bool:
    """Whether a frontier lies at least the wait beyond the end of a minute (B5: the grace; C3: 72 h)."""
    return frontier_ms >= minute_ms + MINUTE_MS + wait_ms


def judge_minute(facts: MinuteFacts, policy: Policy) -> Verdict:
    """The verdict of one minute (V1-V3) and its bounds (B4)."""
    if facts.pending:
        return Verdict(MinuteState.PENDING, None, bad_low=False, bad_high=False)
    valid = facts.requests.valid + facts.messages.valid
    unreachable = facts.probes_failed > 0 and facts.probes_ok == 0
    bad_by_probes = valid == 0 and unreachable
    bad = bad_by_probes or _any_bad(facts, policy, _bad)
    if bad:
        kind = _excusing_kind(facts.windows, by_probes=bad_by_probes)
        if kind is not None:
            return Verdict(MinuteState.EXCLUDED, kind, bad_low=False, bad_high=False)
    low, high = _bounds(facts, policy, bad_by_probes=bad_by_probes)
    if high and not bad and _excusing_kind(facts.windows, by_probes=False) is not None:
        high = False
    return Verdict(_state(facts, valid=valid, bad=bad), None, bad_low=low, bad_high=high)


def _state(facts: MinuteFacts, *, valid: int, bad: bool) -> MinuteState:
    if bad:
        return MinuteState.DOWN
    if facts.gap:
        return MinuteState.BLIND
    if valid > 0 or facts.probes_ok > 0:
        return MinuteState.GOOD
    return MinuteState.BLIND if facts.silence else MinuteState.IDLE


def _bounds(facts: MinuteFacts, policy: Policy, *, bad_by_probes: bool) -> tuple[bool, bool]:
    no_probe = facts.probes_ok + facts.probes_failed == 0
    if facts.gap or (facts.silence and no_probe):
        return False, True
    doubtful = facts.requests.doubtful + facts.messages.doubtful
    low = _any_bad(facts, policy, _bad_at_best) or (bad_by_probes and doubtful == 0)
    high = _any_bad(facts, policy, _bad_at_worst) or bad_by_probes
    return low, high


def _any_bad(facts: MinuteFacts, policy: Policy, test: Callable[[Tally, Policy], bool]) -> bool:
    return test(facts.requests, policy) or test(facts.messages, policy)


def _bad(tally: Tally, policy: Policy) -> bool:
    return _exceeds(tally.platform, tally.valid, policy)


def _bad_at_best(tally: Tally, policy: Policy) -> bool:
    return _exceeds(tally.platform, tally.valid + tally.doubtful, policy)


def _bad_at_worst(tally: Tally, policy: Policy) -> bool:
    return _exceeds(tally.platform + tally.doubtful, tally.valid + tally.doubtful, policy)


def _exceeds(failures: int, valid: int, policy: Policy) -> bool:
    """V1: enough failures, and more than the ratio r of the valid ones; exactly r is not bad."""
    ratio = policy.failure_ratio
    return failures >= policy.failures_at_least and failures * ratio.denominator > ratio.numerator * valid


def _excusing_kind(windows: Collection[Kind], *, by_probes: bool) -> Kind | None:
    for kind in EXCLUDING_KINDS:
        if kind in windows and (by_probes or kind not in OTHERS_OUTAGES):
            return kind
    return None
