"""Minutes by state, uptime, its bounds and the credit, of a service or of the platform (V4, M1, M2, X5)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from streams.audit.platform import Standing
from streams.audit.policy import AuditPolicy
from streams.audit.records import KINDS
from streams.audit.verdicts import BLIND, DOWN, EXCLUDED, GOOD, IDLE, PENDING


def figures(minutes: Sequence[Standing], policy: AuditPolicy, *, in_force: bool, unobserved: bool) -> dict[str, Any]:
    """What `month --json` has from `total_minutes` to `credit_percent`; of an unobserved service no percentages."""
    states = Counter(minute.state for minute in minutes)
    kinds = Counter(minute.kind for minute in minutes)
    shares = _shares(minutes, states, policy)
    credited = shares["credit_uptime"]
    return {
        "total_minutes": len(minutes),
        "good_minutes": states[GOOD],
        "down_minutes": states[DOWN],
        "down_minutes_low": _number(minute.down_low for minute in minutes),
        "down_minutes_high": _number(minute.down_high for minute in minutes),
        "down_minutes_high_lost": _number(minute.down_lost for minute in minutes),
        "excluded_minutes": {kind: kinds[kind] for kind in KINDS if kinds[kind]},
        "idle_minutes": states[IDLE],
        "blind_minutes": states[BLIND],
        "pending_minutes": states[PENDING],
        "unobserved": unobserved,
        **{name: None if unobserved else percent(share) for name, share in shares.items()},
        "credit_percent": None if unobserved else credit_percent(credited, policy) if in_force else 0,
    }


def _shares(minutes: Sequence[Standing], states: Counter[str], policy: AuditPolicy) -> dict[str, Fraction]:
    """Uptimes as exact rationals; where excluded minutes are taken out of T, each by its own case (X5)."""

    def up(down: int, excluded: int) -> Fraction:
        base = len(minutes) - (excluded if policy.excluded_removed else 0)
        return Fraction(base - down, base) if base else Fraction(1)

    def of(case: str) -> Fraction:
        down = _number(getattr(minute, f"down_{case}") for minute in minutes)
        return up(down, _number(getattr(minute, f"excluded_{case}") for minute in minutes))

    return {
        "uptime": up(states[DOWN], states[EXCLUDED]),
        "uptime_low": of("high"),
        "uptime_low_lost": of("lost"),
        "uptime_high": of("low"),
        "credit_uptime": up(states[DOWN] + states[BLIND], states[EXCLUDED]),
    }


def percent(share: Fraction) -> str:
    """Percent with four decimals, rounded down (M1)."""
    shown = share.numerator * 1_000_000 // share.denominator
    return f"{shown // 10_000}.{shown % 10_000:04d}"


def credit_percent(credited: Fraction, policy: AuditPolicy) -> int:
    """The tier of an uptime (M2)."""
    return next(percent for uptime, percent in policy.tiers if credited >= uptime)


def _number(flags: Iterable[bool]) -> int:
    return sum(flags)
