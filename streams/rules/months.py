"""The uptime that is guaranteed, and how a share is shown in percent (contract M1, M2)."""

from fractions import Fraction
from typing import Final

from schemas.policies import Policy

_MILLIONTHS: Final = 1_000_000
_DECIMALS: Final = 10_000


def guaranteed_uptime(policy: Policy) -> Fraction:
    """The uptime that is guaranteed, as a share of 1: the least that credits nothing, else all of it (§2.1, M2)."""
    uncredited = (Fraction(tier.numerator, tier.denominator) for tier in policy.tiers if not tier.credit_percent)
    return min(uncredited, default=Fraction(1))


def percent(share: Fraction) -> str:
    """A share of 1 as percent with four decimals, rounded down (M1): it never shows a target that was missed."""
    millionths = share.numerator * _MILLIONTHS // share.denominator
    return f"{millionths // _DECIMALS}.{millionths % _DECIMALS:04d}"
