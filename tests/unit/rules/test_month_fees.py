"""M4, M6: the fee of a month is the sum over its minutes of the fee in force then, by T."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.fields import Plan
from schemas.instants import MINUTE_MS
from streams.rules.accounts import AccountRecord, AccountVersion, effective_at, history
from streams.rules.month_fees import MonthFees, fees_of_month, never_lower
from tests.unit.rules.crediting import NEXT, SPAN, at, record

T = 43_200
TEN = {"sms": "10000"}


def sms(*records: AccountRecord) -> Fraction:
    return fees_of_month(history(records), SPAN).get("sms", {}).get("PKR", Fraction())


def test_m4_a_fee_all_month_is_the_fee() -> None:
    assert sms(record(fees=TEN)) == 10_000


@pytest.mark.parametrize(
    ("from_ms", "minutes"),
    [
        (SPAN.start_ms, T),
        (SPAN.start_ms + 1, T - 1),  # what begins within a minute is not in force at its start
        (at(1), T - 1),
        (at(1_440), T - 1_440),  # from the second day on
        (SPAN.end_ms - MINUTE_MS, 1),
        (SPAN.end_ms - MINUTE_MS + 1, 0),
        (SPAN.end_ms, 0),
    ],
)
def test_m4_who_joins_pays_for_the_minutes_since(from_ms: int, minutes: int) -> None:
    assert sms(record(from_ms=from_ms, fees=TEN)) == Fraction(10_000 * minutes, T)


def test_m4_a_fee_that_changes_counts_by_its_minutes() -> None:
    grew = sms(record(fees={"sms": "100"}), record(from_ms=at(1_440), fees=TEN))
    assert grew == Fraction(100 + 29 * 10_000, 30)


def test_m4_a_fee_that_is_added_counts_from_then_on() -> None:
    added = [record(fees={"voice": "500"}), record(from_ms=at(T // 2), fees={"voice": "500", "sms": "10000"})]
    assert fees_of_month(history(added), SPAN) == {"voice": {"PKR": 500}, "sms": {"PKR": 5_000}}


@pytest.mark.parametrize("plan", ["trial", "promotional"])
def test_m4_minutes_on_trial_or_promotion_count_nothing(plan: Plan) -> None:
    assert sms(record(fees=TEN, plan=plan), record(from_ms=at(T // 4), fees=TEN)) == 7_500


def test_m4_minutes_while_suspended_count_nothing() -> None:
    suspended = record(from_ms=at(T // 4), fees=TEN, suspended=True)
    assert sms(record(fees=TEN), suspended, record(from_ms=at(T // 2), fees=TEN)) == 7_500


def test_m4_who_leaves_pays_until_then() -> None:
    assert sms(record(fees=TEN), record(from_ms=at(T // 4), fees={})) == 2_500


def test_m4_a_fee_of_nothing_is_no_fee() -> None:
    assert fees_of_month(history([record(fees={"sms": "0.000"})]), SPAN) == {}
    assert fees_of_month([], SPAN) == {}


def test_m4_a_months_currencies_are_kept_apart() -> None:
    moved = [record(fees=TEN), record(from_ms=at(T // 2), fees={"sms": "40"}, currency="USD")]
    assert fees_of_month(history(moved), SPAN) == {"sms": {"PKR": 5_000, "USD": 20}}


def test_m4_the_month_before_does_not_matter() -> None:
    records = [record(fees={"sms": "1"}), record(from_ms=SPAN.start_ms - 1, fees=TEN)]
    assert sms(*records) == 10_000
    assert fees_of_month(history(records), NEXT) == {"sms": {"PKR": 10_000}}


_RECORDS = st.lists(
    st.builds(
        lambda minute, ms, plan, off, fee: record(
            from_ms=at(minute) + ms, plan=plan, suspended=off, fees={"sms": fee}, content=minute
        ),
        st.integers(-100, T + 100),
        st.sampled_from([0, 1, 59_999]),
        st.sampled_from(["paid", "trial"]),
        st.booleans(),
        st.sampled_from(["0", "0.000000001", "10000", "999999999999999.999999999"]),
    ),
    max_size=6,
)


@given(_RECORDS)
def test_m4_every_minute_has_the_fee_of_its_start(records: list[AccountRecord]) -> None:
    known = history(records)
    total = sum((fee_at(known, first) * ((end - first) // MINUTE_MS) for first, end in stretches(known)), Fraction())
    assert sms(*records) == total / T


def fee_at(known: Sequence[AccountVersion], at_ms: int) -> Fraction:
    account = effective_at(known, at_ms)
    if account is None or account.plan != "paid" or account.suspended:
        return Fraction()
    return Fraction(account.fees["sms"])


def stretches(known: Sequence[AccountVersion]) -> list[tuple[int, int]]:
    """The month cut at the first minute that begins under each version."""
    cuts = {-(-version.effective_from_ms // MINUTE_MS) * MINUTE_MS for version in known}
    inner = sorted(at_ms for at_ms in cuts if SPAN.start_ms < at_ms < SPAN.end_ms)
    edges = [SPAN.start_ms, *inner, SPAN.end_ms]
    return [*pairwise(edges)]


def test_m6_a_later_record_raises_a_fee_never_lowers() -> None:
    low: MonthFees = {"sms": {"PKR": Fraction(1)}}
    high: MonthFees = {"sms": {"PKR": Fraction(2)}}
    assert never_lower(low, high) == high
    assert never_lower(high, low) == high
    assert never_lower(high, {}) == high
    assert never_lower({}, high) == high


def test_m6_a_later_currency_is_not_owed_beside_the_first() -> None:
    pkr: MonthFees = {"sms": {"PKR": Fraction(1)}}
    usd: MonthFees = {"sms": {"USD": Fraction(1)}}
    assert never_lower(pkr, usd) == pkr
    assert never_lower(pkr, {"voice": {"USD": Fraction(3)}}) == {**pkr, "voice": {"USD": 3}}


@given(_RECORDS, _RECORDS)
def test_m6_no_later_record_makes_a_fee_less(before: list[AccountRecord], after: list[AccountRecord]) -> None:
    late = [replace(one, recorded_ms=1, content=one.content + 1_000) for one in after]
    known = fees_of_month(history([*before, *late], before_ms=1), SPAN)
    assert known == fees_of_month(history(before), SPAN)
    merged = never_lower(known, fees_of_month(history([*before, *late]), SPAN))
    assert all(merged[fee][currency] >= amount for fee, found in known.items() for currency, amount in found.items())
