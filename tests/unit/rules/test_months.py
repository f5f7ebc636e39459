"""M1, M2, M5, X5: uptime, tier and credit of a month."""

from dataclasses import replace
from fractions import Fraction

import pytest

from schemas.policies import Tier
from schemas.reference import policies
from streams.rules.months import MonthMinutes, evaluate_month, guaranteed_uptime, percent

ZECTO = policies()[0]
REMOVED = replace(ZECTO, excluded="removed")
T = 43_200


def credit_of(**minutes: int) -> int:
    return evaluate_month(MonthMinutes(total=T, **minutes), ZECTO, in_force=True).credit_percent


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


@pytest.mark.parametrize(
    ("down", "expected"),
    [(0, 0), (43, 0), (44, 10), (432, 10), (433, 25), (2160, 25), (2161, 50), (T, 50)],
)
def test_m2_tiers_of_a_month_of_30_days(down: int, expected: int) -> None:
    assert credit_of(down=down) == expected


def test_m2_the_guaranteed_uptime_is_the_policys() -> None:
    assert guaranteed_uptime(ZECTO) == Fraction(999, 1000)
    stricter = replace(ZECTO, tiers=(Tier(9999, 10_000, 0), *(tier for tier in ZECTO.tiers if tier.credit_percent)))
    assert guaranteed_uptime(stricter) == Fraction(9999, 10_000)
    assert guaranteed_uptime(replace(ZECTO, tiers=(Tier(0, 1, 50),))) == 1


@pytest.mark.parametrize(("total", "down"), [(40_000, 40), (43_000, 43)])
def test_m2_exactly_99_9_percent_meets_the_guarantee(total: int, down: int) -> None:
    met = evaluate_month(MonthMinutes(total=total, down=down), ZECTO, in_force=True)
    assert (met.uptime, percent(met.uptime), met.credit_percent) == (Fraction(999, 1000), "99.9000", 0)
    missed = evaluate_month(MonthMinutes(total=total, down=down + 1), ZECTO, in_force=True)
    assert missed.credit_percent == 10
    assert percent(missed.uptime) < "99.9000"


def test_m2_between_98_9_and_99_the_customer_is_favoured() -> None:
    assert evaluate_month(MonthMinutes(total=10_000, down=105), ZECTO, in_force=True).credit_percent == 25


def test_m2_blind_minutes_beyond_a_thousandth_count_as_down() -> None:
    tolerated = evaluate_month(MonthMinutes(total=40_000, down=40, blind=40), ZECTO, in_force=True)
    assert (tolerated.credit, tolerated.credit_percent) == (tolerated.uptime, 0)
    blinded = evaluate_month(MonthMinutes(total=40_000, down=40, blind=41), ZECTO, in_force=True)
    assert blinded.uptime == tolerated.uptime
    assert (blinded.credit, blinded.credit_percent) == (Fraction(40_000 - 81, 40_000), 10)


def test_m2_the_example_of_the_record_formats_comes_out() -> None:
    sms = MonthMinutes(total=T, down=678, down_low=678, down_high=3271, excluded=96, blind=15)
    month = evaluate_month(sms, ZECTO, in_force=True)
    shown = [percent(share) for share in (month.uptime, month.uptime_low, month.uptime_high, month.credit)]
    assert shown == ["98.4305", "92.4282", "98.4305", "98.4305"]
    assert month.credit_percent == 25


def test_m5_a_month_not_in_force_credits_nothing() -> None:
    month = evaluate_month(MonthMinutes(total=T, down=T), ZECTO, in_force=False)
    assert (month.uptime, month.credit_percent) == (Fraction(0), 0)


def test_x5_excluded_minutes_are_up_or_removed_by_policy() -> None:
    minutes = MonthMinutes(total=1000, down=1, down_low=1, down_high=1, excluded=100)
    assert evaluate_month(minutes, ZECTO, in_force=True).uptime == Fraction(999, 1000)
    removed = evaluate_month(minutes, REMOVED, in_force=True)
    assert (removed.uptime, removed.credit_percent) == (Fraction(899, 900), 10)
    all_removed = evaluate_month(MonthMinutes(total=1000, excluded=1000), REMOVED, in_force=True)
    assert (percent(all_removed.uptime), all_removed.credit_percent) == ("100.0000", 0)
