"""M3: fee times tier, half-up to the minor unit, under the cap, exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rules.amounts_due import credit_amount
from streams.rules.rounding import half_up, round_down

_FEES = st.fractions(min_value=0, max_value=10**15 - 1, max_denominator=44_640 * 10**9)
_PERCENTS = st.sampled_from([0, 10, 25, 50])
_PLACES = st.integers(0, 4)


@pytest.mark.parametrize(
    ("fee", "percent", "places", "amount"),
    [
        ("50000", 10, 2, "5000.00"),
        ("0.05", 10, 2, "0.01"),  # 0.005: half-up
        ("0.049", 10, 2, "0.00"),
        ("0.02", 25, 2, "0.01"),
        ("0.01", 10, 2, "0.00"),
        ("0.01", 50, 2, "0.00"),  # half of it is 0.005: 0.01 would be above the cap
        ("0.03", 50, 2, "0.01"),
        ("999999999999999.999999999", 50, 2, "499999999999999.99"),
        ("5", 10, 0, "1"),  # half a yen is one
        ("4.99", 10, 0, "0"),
        ("1.235", 10, 3, "0.124"),
        ("1.234999999", 10, 3, "0.123"),
        ("999999999999999.999999999", 50, 4, "499999999999999.9999"),
    ],
)
def test_m3_a_credit_is_rounded_half_up_below_the_cap(fee: str, percent: int, places: int, amount: str) -> None:
    assert str(credit_amount(Fraction(fee), percent, cap_percent=50, minor_unit=places)) == amount


def test_m3_a_fee_is_never_rounded_before_the_credit() -> None:
    """30 of 31 days of 10,000 at 25 %: 2,419.354…; a fee rounded first would give the same, 1/3 of 0.03 would not."""
    assert str(credit_amount(Fraction(10_000 * 30, 31), 25, cap_percent=50, minor_unit=2)) == "2419.35"
    assert str(credit_amount(Fraction("0.1") / 3 * 3, 25, cap_percent=50, minor_unit=2)) == "0.03"


@given(_FEES, _PERCENTS, _PLACES)
def test_m3_no_credit_is_above_half_the_fee(fee: Fraction, percent: int, places: int) -> None:
    amount = credit_amount(fee, percent, cap_percent=50, minor_unit=places)
    assert 0 <= Fraction(amount) * 2 <= fee
    assert amount.as_tuple().exponent == -places


@given(_FEES, _PLACES)
def test_m3_rounding_is_to_the_nearest_from_the_middle_up(amount: Fraction, places: int) -> None:
    unit = Fraction(1, 10**places)
    assert -unit / 2 < Fraction(half_up(amount, places)) - amount <= unit / 2
    assert 0 <= amount - Fraction(round_down(amount, places)) < unit


@given(st.lists(_FEES, max_size=5), _PERCENTS, _PLACES)
def test_m3_a_months_credits_stay_under_the_cap_together(fees: list[Fraction], percent: int, places: int) -> None:
    credited = [credit_amount(fee, percent, cap_percent=50, minor_unit=places) for fee in fees]
    assert sum(map(Fraction, credited)) * 2 <= sum(fees)
