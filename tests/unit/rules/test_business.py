"""K3, P6: business days and hours in Pakistan, its holidays and its clock changes."""

from datetime import date, time
from itertools import pairwise

import pytest

from schemas.instants import parse_instant
from streams.rules.business import BusinessDays, BusinessHours

KARACHI = BusinessDays(zone="Asia/Karachi")
SUPPORT = BusinessHours(days=KARACHI, opens=time(9), closes=time(18))
_HOUR_MS = 3_600_000


def ms(local: str, offset: str = "+05:00") -> int:
    return parse_instant(f"{local}{offset}")


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-09-02T10:00:00", "2026-09-09T10:00:00"),  # Wednesday
        ("2026-09-04T17:59:00", "2026-09-11T17:59:00"),  # Friday
        ("2026-09-05T00:00:00", "2026-09-14T00:00:00"),  # Saturday: as if on Monday's midnight
        ("2026-09-06T23:59:59", "2026-09-14T00:00:00"),  # Sunday
        ("2026-09-07T00:00:00", "2026-09-14T00:00:00"),  # Monday's midnight itself is on Monday
    ],
)
def test_k3_the_answer_is_due_five_business_days_after_submission(submitted: str, due: str) -> None:
    assert KARACHI.due_ms(ms(submitted), 5) == ms(due)


def test_k3_milliseconds_are_kept() -> None:
    assert KARACHI.due_ms(ms("2026-09-02T10:00:00.123"), 5) == ms("2026-09-09T10:00:00.123")


def test_k3_a_holiday_moved_by_the_moon_moves_the_deadline() -> None:
    expected = BusinessDays(zone="Asia/Karachi", holidays=frozenset({date(2026, 5, 27), date(2026, 5, 28)}))
    sighted = BusinessDays(zone="Asia/Karachi", holidays=frozenset({date(2026, 5, 28), date(2026, 5, 29)}))
    submitted_ms = ms("2026-05-20T12:00:00")  # a Wednesday
    assert expected.due_ms(submitted_ms, 5) == ms("2026-05-29T12:00:00")
    assert sighted.due_ms(submitted_ms, 5) == ms("2026-05-27T12:00:00")


def test_k3_submitted_on_a_holiday_counts_from_the_next_day() -> None:
    days = BusinessDays(zone="Asia/Karachi", holidays=frozenset({date(2026, 9, 2)}))
    assert days.due_ms(ms("2026-09-02T10:00:00"), 5) == ms("2026-09-10T00:00:00")


def test_k3_the_time_is_local_across_the_2008_clock_change() -> None:
    """Pakistan put its clocks forward at the end of Saturday 31 May 2008."""
    assert KARACHI.due_ms(ms("2008-05-29T10:00:00"), 5) == ms("2008-06-05T10:00:00", "+06:00")


def test_p6_friday_17_59_has_one_minute_before_monday() -> None:
    opened_ms = ms("2026-09-04T17:59:00")
    assert SUPPORT.passed_ms(opened_ms, ms("2026-09-07T09:00:00")) == 60_000
    assert SUPPORT.passed_ms(opened_ms, ms("2026-09-07T10:58:59.999")) == 2 * _HOUR_MS - 1


def test_p6_nothing_passes_at_night_or_on_a_weekend() -> None:
    assert SUPPORT.passed_ms(ms("2026-09-04T18:00:00"), ms("2026-09-07T09:00:00")) == 0
    assert SUPPORT.passed_ms(ms("2026-09-03T18:00:00"), ms("2026-09-04T08:59:59.999")) == 0


def test_p6_a_whole_week_has_45_business_hours() -> None:
    assert SUPPORT.passed_ms(ms("2026-09-07T00:00:00"), ms("2026-09-14T00:00:00")) == 45 * _HOUR_MS


def test_p6_a_week_of_a_clock_change_has_as_many() -> None:
    assert SUPPORT.passed_ms(ms("2008-05-26T00:00:00"), ms("2008-06-07T00:00:00", "+06:00")) == 90 * _HOUR_MS


def test_p6_backwards_nothing_passes() -> None:
    assert SUPPORT.passed_ms(ms("2026-09-07T12:00:00"), ms("2026-09-07T11:00:00")) == 0


def test_p6_a_century_of_business_hours_is_counted_exactly() -> None:
    hours = BusinessHours(days=BusinessDays(zone="Asia/Karachi"), opens=time(9), closes=time(18))
    first_ms, last_ms = parse_instant("2000-05-03T07:30:00Z"), parse_instant("2004-02-11T08:15:00Z")
    pieces = [*range(first_ms, last_ms, 200 * 86_400_000), last_ms]
    in_pieces = sum(hours.passed_ms(one, other) for one, other in pairwise(pieces))
    assert hours.passed_ms(first_ms, last_ms) == in_pieces
