"""M1, M2: how uptime is shown, and which uptime is guaranteed."""

from dataclasses import replace
from fractions import Fraction

import pytest

from schemas.policies import Tier
from schemas.reference import policies
from streams.rules.months import guaranteed_uptime, percent

ZECTO = policies()[0]
T = 43_200


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (Fraction(1), "100.0000"),
        (Fraction(0), "0.0000"),
        (Fraction(T - 1, T), "99.9976"),
        (Fraction(999, 1000), "99.9000"),
        (Fraction(9_990_000_000 - 1, 10_000_000_000), "99.8999"),
        (Fraction(999_999_999, 1_000_000_000), "99.9999"),
        (Fraction(42_522, T), "98.4305"),
        (Fraction(1, 1_000_000), "0.0001"),
        (Fraction(1, 1_000_001), "0.0000"),
        (Fraction(1, 20), "5.0000"),
    ],
)
def test_m1_percent_has_four_decimals_rounded_down(share: Fraction, shown: str) -> None:
    assert percent(share) == shown


def test_m2_the_guaranteed_uptime_is_the_policys() -> None:
    assert guaranteed_uptime(ZECTO) == Fraction(999, 1000)
    stricter = replace(ZECTO, tiers=(Tier(9999, 10_000, 0), *(tier for tier in ZECTO.tiers if tier.credit_percent)))
    assert guaranteed_uptime(stricter) == Fraction(9999, 10_000)
    assert guaranteed_uptime(replace(ZECTO, tiers=(Tier(0, 1, 50),))) == 1
