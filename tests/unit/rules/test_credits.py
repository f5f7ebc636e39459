"""M3: fee times tier, half-up, under the cap, in decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.fields import SERVICES
from streams.rules.credits import credit_amount, fee_of, services_of, total_left

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
def test_m3_a_credit_is_half_up_to_a_hundredth_and_never_above_the_cap(fee: str, percent: int, amount: str) -> None:
    assert str(credit_amount(Decimal(fee), percent, cap_percent=50)) == amount


@given(_FEES, _PERCENTS)
def test_m3_no_credit_is_above_half_the_fee(fee: Decimal, percent: int) -> None:
    amount = credit_amount(fee, percent, cap_percent=50)
    assert 0 <= amount * 2 <= fee
    assert amount == amount.quantize(Decimal("0.01"))


@given(st.lists(_FEES, max_size=5), _PERCENTS)
def test_m3_all_credits_of_a_month_together_stay_under_the_cap_of_all_fees(fees: list[Decimal], percent: int) -> None:
    credited = [credit_amount(fee, percent, cap_percent=50) for fee in fees]
    assert total_left(fees, credited, cap_percent=50) >= 0
    assert sum(credited) * 2 <= sum(fees)


def test_m3_what_is_left_is_the_cap_of_all_fees_less_what_was_credited() -> None:
    assert total_left([Decimal(100), Decimal("0.01")], [Decimal("20.00")], cap_percent=50) == Decimal("30.00")
    assert total_left([Decimal(10)], [Decimal("7.00")], cap_percent=50) == Decimal("0.00")


def test_m3_a_service_without_a_fee_of_its_own_is_covered_by_the_bundle() -> None:
    assert fee_of("sms", {"sms": "1", "platform": "2"}) == "sms"
    assert fee_of("voice", {"sms": "1", "platform": "2"}) == "platform"
    assert fee_of("voice", {"sms": "1"}) is None


def test_m3_a_bundle_covers_all_four_services_and_a_fee_of_a_service_that_alone() -> None:
    assert services_of("platform", SERVICES) == list(SERVICES)
    assert services_of("voice", SERVICES) == ["voice"]
