"""M3: fee times tier, half-up, under the cap, in decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.fields import SERVICES
from streams.rules.accounts import fee_of, services_of
from streams.rules.amounts_due import credit_amount, total_left

_FEES = st.decimals(min_value=0, max_value=10**15 - 1, places=9)
_PERCENTS = st.sampled_from([0, 10, 25, 50])


@pytest.mark.parametrize(
    ("fee", "percent", "amount"),
    [
        ("50000", 10, "5000.00"),
        ("0.05", 10, "0.01"),  # 0.005: half-up
        ("0.049", 10, "0.00"),
        ("0.02", 25, "0.01"),
        ("0.01", 10, "0.00"),
        ("0.01", 50, "0.00"),  # half of it is 0.005: 0.01 would be above the cap
        ("0.03", 50, "0.01"),
        ("999999999999999.999999999", 50, "499999999999999.99"),
    ],
)
def test_m3_a_credit_is_rounded_half_up_below_the_cap(fee: str, percent: int, amount: str) -> None:
    assert str(credit_amount(Decimal(fee), percent, cap_percent=50)) == amount


@given(_FEES, _PERCENTS)
def test_m3_no_credit_is_above_half_the_fee(fee: Decimal, percent: int) -> None:
    amount = credit_amount(fee, percent, cap_percent=50)
    assert 0 <= amount * 2 <= fee
    assert amount == amount.quantize(Decimal("0.01"))


@given(st.lists(_FEES, max_size=5), _PERCENTS)
def test_m3_a_months_credits_stay_under_the_cap_together(fees: list[Decimal], percent: int) -> None:
    credited = [credit_amount(fee, percent, cap_percent=50) for fee in fees]
    assert total_left(fees, credited, cap_percent=50) >= 0
    assert sum(credited) * 2 <= sum(fees)


def test_m3_what_is_left_is_cap_less_credits() -> None:
    assert total_left([Decimal(100), Decimal("0.01")], [Decimal("20.00")], cap_percent=50) == Decimal("30.00")
    assert total_left([Decimal(10)], [Decimal("7.00")], cap_percent=50) == Decimal("0.00")


def test_m3_a_service_without_a_fee_uses_the_bundle() -> None:
    assert fee_of("sms", {"sms": "1", "platform": "2"}) == "sms"
    assert fee_of("voice", {"sms": "1", "platform": "2"}) == "platform"
    assert fee_of("voice", {"sms": "1"}) is None


def test_m3_a_bundle_covers_all_four_services() -> None:
    assert services_of("platform", SERVICES) == list(SERVICES)
    assert services_of("voice", SERVICES) == ["voice"]
