"""The numbers of a span: minutes by state (V4), uptime and its bounds, credit uptime and tier (M1, M2, X5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from schemas.policies import credit_percent
from streams.rules.month.bounds import MinuteBounds
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.states import KINDS, Codes, code_of
from streams.rules.verdict import MinuteState


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteTotals:
    """Minutes by state, which add up to `total` (V4), and by what they are at best and at worst (B4)."""

    total: int
    by_state: Mapping[MinuteState, int]
    """Every state has a number."""
    excluded: Mapping[str, int]
    """By kind of window; kinds without a minute are left out."""
    down_at_best: int
    down_at_worst: int
    down_if_lost: int
    excluded_at_worst: int
    excluded_if_lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanUptime:
    """Uptime as exact shares of 1, with its bounds: low <= low_lost, low <= credit <= uptime <= high (H1)."""

    uptime: Fraction
    uptime_low: Fraction
    uptime_low_lost: Fraction
    uptime_high: Fraction
    credit_uptime: Fraction
    """Blind minutes count as down (M2)."""
    credit_percent: int


def total_minutes(state: Codes, kind: Codes, bounds: MinuteBounds) -> MinuteTotals:
    """How many minutes are what (V4, B4)."""
    states = np.bincount(state, minlength=len(MinuteState))
    kinds = np.bincount(kind, minlength=len(KINDS))
    return MinuteTotals(
        total=state.size,
        by_state={name: int(states[code_of(name)]) for name in MinuteState},
        excluded={name: int(minutes) for name, minutes in zip(KINDS, kinds, strict=True) if name and minutes},
        down_at_best=int(bounds.bad_at_best.sum()),
        down_at_worst=int(bounds.bad_at_worst.sum()),
        down_if_lost=int(bounds.bad_if_lost.sum()),
        excluded_at_worst=int(bounds.excluded_at_worst.sum()),
        excluded_if_lost=int(bounds.excluded_if_lost.sum()),
    )


def uptime_of(minutes: MinuteTotals, policy: MonthPolicy, *, in_force: bool) -> SpanUptime:
    """Uptime, bounds and tier (M1, M2, X5); a policy that is not in force credits nothing (M5)."""
    excluded = minutes.by_state[MinuteState.EXCLUDED]
    down, blind = minutes.by_state[MinuteState.DOWN], minutes.by_state[MinuteState.BLIND]
    credit = _share_up(minutes, policy, down=down + blind, excluded=excluded)
    return SpanUptime(
        uptime=_share_up(minutes, policy, down=down, excluded=excluded),
        uptime_low=_share_up(minutes, policy, down=minutes.down_at_worst, excluded=minutes.excluded_at_worst),
        uptime_low_lost=_share_up(minutes, policy, down=minutes.down_if_lost, excluded=minutes.excluded_if_lost),
        uptime_high=_share_up(minutes, policy, down=minutes.down_at_best, excluded=excluded),
        credit_uptime=credit,
        credit_percent=credit_percent(policy.tiers, credit.numerator, credit.denominator) if in_force else 0,
    )


def _share_up(minutes: MinuteTotals, policy: MonthPolicy, *, down: int, excluded: int) -> Fraction:
    base = minutes.total - excluded if policy.excluded == "removed" else minutes.total
    # A span that is excluded as a whole, with excluded minutes removed, has nothing left that could be down.
    return Fraction(base - down, base) if base else Fraction(1)
