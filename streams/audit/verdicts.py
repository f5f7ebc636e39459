"""The state of one service-minute, and whether it is bad at best, at worst, and for what was lost alone (V3, B4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from streams.audit.known import AuditCounts
from streams.audit.settling import SettledSide
from streams.audit.silences import Doubt
from streams.audit.windows import MAINTENANCE, THIRD_PARTIES, kinds_in_order

GOOD: Final = "good"
DOWN: Final = "down"
EXCLUDED: Final = "excluded"
IDLE: Final = "idle"
BLIND: Final = "blind"
PENDING: Final = "pending"

_TWO_VANTAGES: Final = 2


class V1Readings(NamedTuple):
    """Whether a minute is bad by V1, for requests or for messages, in each reading of its counts."""

    as_received: bool
    with_missing: bool
    with_outside: bool
    at_worst: bool
    if_lost: bool
    at_best: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """What one service-minute is; `kind` is empty unless it is excluded."""

    state: str
    kind: str = ""
    down_low: bool = False
    down_high: bool = False
    down_lost: bool = False
    excluded_high: bool = False
    """Whether it is excluded at worst, too (B4)."""
    excluded_lost: bool = False
    lifted: bool = False
    """Whether proven maintenance lifts its worst case (B4, X4)."""
    bad_outside: bool = False
    """Not bad, but so if what is out of scope counted (C5)."""
    vouched: bool = False
    bad: bool = False
    """As received, excused or not (V1, V2)."""
    bad_with_missing: bool = False
    """By V1 with what is missing as failures (V3)."""
    counts: AuditCounts
    requests: SettledSide
    messages: SettledSide
    doubt: Doubt = Doubt.NONE
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteCase:
    """All that decides one minute. `excuses`: kinds of the windows that cover it; true: one of them is proven (X)."""

    counts: AuditCounts
    requests: SettledSide
    messages: SettledSide
    v1: V1Readings
    excuses: Mapping[str, bool]
    gap: bool
    in_hole: bool
    doubt: Doubt
    pending: bool
    over: bool
    vouched: bool

    def verdict(self) -> AuditVerdict:
        """The minute's verdict."""
        state, kind = self._state()
        bad = self._is_bad()
        low, (high, lifted), (lost, lifted_lost) = (
            self._low(state),
            *(self._high(state, bad_by_v1=v1) for v1 in (self.v1.at_worst, self.v1.if_lost)),
        )
        is_proven = state == EXCLUDED and self._is_proven()
        return AuditVerdict(
            state=state,
            kind=kind,
            down_low=low,
            down_high=high,
            down_lost=lost,
            excluded_high=is_proven or lifted,
            excluded_lost=is_proven or lifted_lost,
            lifted=lifted,
            bad_outside=state != PENDING and not bad and self._is_bad(with_outside=True),
            vouched=self.vouched,
            bad=bad,
            bad_with_missing=self.v1.with_missing,
            counts=self.counts,
            requests=self.requests,
            messages=self.messages,
            doubt=self.doubt,
            gap=self.gap,
        )

    def _state(self) -> tuple[str, str]:
        """V3, in its order."""
        if self.pending:
            return PENDING, ""
        if self._is_bad():
            kind = self._excuse(of_anothers=self._valid == 0 and self._missing == 0)
            return (EXCLUDED, kind) if kind else (DOWN, "")
        if self._is_unknown():
            kind = self._excuse(of_anothers=False)
            return (EXCLUDED, kind) if kind else (BLIND, "")
        return (GOOD if self._valid > 0 or self._succeeds() else IDLE), ""

    def _is_bad(self, *, with_outside: bool = False) -> bool:
        """V1, or V2 where nothing valid was asked."""
        if with_outside:
            outside = sum(side.outside_ok + side.outside_failed for side in (self.requests, self.messages))
            return self.v1.with_outside or (self._valid + outside == 0 and self._fails())
        return self.v1.as_received or (self._valid == 0 and self._fails())

    def _is_unknown(self) -> bool:
        """Whether nothing is known of a minute that is not bad (V3)."""
        return self.gap or self.v1.with_missing or (self.doubt == Doubt.SILENT and not self._succeeds())

    def _low(self, state: str) -> bool:
        """Whether it is down at best."""
        if state in (PENDING, EXCLUDED) or self.gap:
            return False
        if self._is_doubtful() and not self._is_bad():
            return False
        probed = self.counts.vantages_failed > 0 and self.counts.vantages_ok == 0
        return self.v1.at_best or (probed and self._valid + self._doubtful == 0)

    def _high(self, state: str, *, bad_by_v1: bool) -> tuple[bool, bool]:
        """Whether it is down at worst, and whether it would be but for proven maintenance."""
        if state == PENDING:
            return self.over, False
        if state == EXCLUDED:
            return not self._is_proven(), False
        bad = self.gap or self._is_doubtful() or self._is_bad() or bad_by_v1 or self._may_fail()
        lifted = bad and state != DOWN and self._is_proven()
        return bad and not lifted, lifted

    def _is_doubtful(self) -> bool:
        """Whether it is bad at worst, whatever came of it."""
        return self.in_hole or self.doubt > Doubt.NONE or self.v1.with_missing

    def _may_fail(self) -> bool:
        """V2 at worst."""
        failed, ok = self.counts.vantages_failed, self.counts.vantages_ok
        return failed > 0 if self._valid == 0 else failed >= _TWO_VANTAGES and ok == 0

    def _fails(self) -> bool:
        return self.counts.vantages_failed > self.counts.vantages_ok

    def _succeeds(self) -> bool:
        return self.counts.vantages_ok > self.counts.vantages_failed

    def _is_proven(self) -> bool:
        return any(self.excuses.get(kind, False) for kind in MAINTENANCE)

    def _excuse(self, *, of_anothers: bool) -> str:
        """The kind that claims the minute, the first by X4."""
        kinds = kinds_in_order(self.excuses)
        return next((kind for kind in kinds if of_anothers or kind not in THIRD_PARTIES), "")

    @property
    def _valid(self) -> int:
        return self.requests.valid + self.messages.valid

    @property
    def _missing(self) -> int:
        return self.requests.missing + self.messages.missing

    @property
    def _doubtful(self) -> int:
        """At best: u of B4."""
        return sum(side.unknown + side.pending + side.missing for side in (self.requests, self.messages))
