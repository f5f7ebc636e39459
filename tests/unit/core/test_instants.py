"""Instants to `datetime` and back, to the millisecond."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import END_MS, FIRST_MS
from streams.core.instants import to_datetime, to_ms


@given(instant_ms=st.integers(FIRST_MS, END_MS - 1))
def test_an_instant_comes_back_to_the_millisecond(instant_ms: int) -> None:
    assert to_ms(to_datetime(instant_ms)) == instant_ms


def test_without_a_zone_it_is_utc() -> None:
    assert to_ms(datetime(2026, 9, 1)) == to_ms(datetime(2026, 9, 1, tzinfo=UTC))  # noqa: DTZ001  as a client gives it


def test_finer_digits_are_cut_off() -> None:
    assert to_ms(datetime(2026, 9, 1, 0, 0, 0, 999_999, tzinfo=UTC)) % 1000 == 999


def test_a_zone_with_seconds_is_no_obstacle() -> None:
    karachi_1906 = timezone(timedelta(hours=4, minutes=28, seconds=12))
    assert to_ms(datetime(1970, 1, 1, 4, 28, 12, tzinfo=karachi_1906)) == 0
