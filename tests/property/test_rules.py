"""What holds of months and minutes whatever the instants: T2, T3, M1."""

import datetime as dt
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import MINUTE_MS
from streams.rules.calendar import minutes_covered, minutes_touched, month_bounds, month_of
from streams.rules.months import percent

zones = st.sampled_from(["Asia/Karachi", "UTC", "Europe/London", "Asia/Kathmandu", "America/St_Johns"])
months = st.builds("{:04d}-{:02d}".format, st.integers(2001, 2098), st.integers(1, 12))


@given(months, zones)
def test_t3_a_month_is_the_instants_of_its_local_dates(month: str, zone: str) -> None:
    span = month_bounds(month, zone)
    local = [
        dt.datetime.fromtimestamp(instant_ms / 1000, tz=dt.UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m")
        for instant_ms in (span.start_ms - 1000, span.start_ms, span.end_ms - 1000, span.end_ms)
    ]
    assert local[0] < local[1] == month == local[2] < local[3]
    assert span.start_ms % MINUTE_MS == span.end_ms % MINUTE_MS == 0
    assert month_of(span.start_ms, zone) == month == month_of(span.end_ms - 1, zone)


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_t2_what_is_covered_is_also_touched(start_ms: int, length_ms: int) -> None:
    covered, touched = (
        set(minutes_covered(start_ms, start_ms + length_ms)),
        set(minutes_touched(start_ms, start_ms + length_ms)),
    )
    assert covered <= touched
    assert len(touched - covered) <= 2
    assert all(start_ms <= minute and minute + MINUTE_MS <= start_ms + length_ms for minute in covered)


@given(st.integers(1, 44_700), st.data())
def test_m1_what_is_shown_never_flatters(total: int, data: st.DataObject) -> None:
    share = Fraction(total - data.draw(st.integers(0, total)), total)
    assert Fraction(percent(share)) / 100 <= share < Fraction(percent(share)) / 100 + Fraction(1, 1_000_000)
