"""A month's uptime, tier and credit in percent (contract M1, M2, X5), on integers."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from schemas.policies import Policy, credit_percent

_MILLIONTHS: Final = 1_000_000
_DECIMALS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthMinutes:
    """The minutes of a service's month by state, headline; `down_low` and `down_high` are the bounds (B4)."""

    total: int
    down: int = 0
    down_low: int = 0
    down_high: int = 0
    excluded: int = 0
    blind: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthUptime:
    """Uptime as exact fractions; `credit` is the one that the tier was decided by (M2)."""

    uptime: Fraction
    uptime_low: Fraction
    uptime_high: Fraction
    credit: Fraction
    credit_percent: int


def evaluate_month(minutes: MonthMinutes, policy: Policy, *, in_force: bool) -> MonthUptime:
    """Uptime, its bounds and the tier of a month (M1, M2); a month not in force credits nothing (M5)."""
    base = minutes.total - minutes.excluded if policy.excluded == "removed" else minutes.total
    uptime = _share_up(base, minutes.down)
    tolerance = policy.blind_tolerance
    blinded = minutes.blind * tolerance.denominator > tolerance.numerator * minutes.total
    credit = _share_up(base, minutes.down + minutes.blind) if blinded else uptime
    return MonthUptime(
        uptime=uptime,
        uptime_low=_share_up(base, minutes.down_high),
        uptime_high=_share_up(base, minutes.down_low),
        credit=credit,
        credit_percent=credit_percent(policy.tiers, credit.numerator, credit.denominator) if in_force else 0,
    )


def guaranteed_uptime(policy: Policy) -> Fraction:
    """The uptime that is guaranteed, as a share of 1: the least that credits nothing, else all of it (§2.1, M2)."""
    uncredited = (Fraction(tier.numerator, tier.denominator) for tier in policy.tiers if not tier.credit_percent)
    return min(uncredited, default=Fraction(1))


def percent(share: Fraction) -> str:
    """A share of 1 as percent with four decimals, rounded down (M1): it never shows a target that was missed."""
    millionths = share.numerator * _MILLIONTHS // share.denominator
    return f"{millionths // _DECIMALS}.{millionths % _DECIMALS:04d}"


def _share_up(base: int, down: int) -> Fraction:
    # A month that is excluded as a whole, with excluded minutes removed, has nothing left that could be down.
    return Fraction(base - down, base) if base else Fraction(1)
