"""T2, T3, M4, M5: minutes, months and the policy that applies to them."""

from dataclasses import replace

import pytest

from schemas.instants import END_MS, FIRST_MS, MINUTE_MS, format_instant, parse_instant, parse_instant_of_month
from schemas.reference import policies
from streams.rules.calendar import (
    MonthError,
    clip,
    minutes_covered,
    minutes_touched,
    month_bounds,
    month_of,
    months_between,
)
from streams.rules.policy import apply_policy, policy_of_month

KARACHI = "Asia/Karachi"
ZECTO = policies()[0]
M = MINUTE_MS


@pytest.mark.parametrize(
    ("month", "start", "total_minutes"),
    [
        ("2026-09", "2026-08-31T19:00:00Z", 43_200),
        ("2026-12", "2026-11-30T19:00:00Z", 44_640),
        ("2026-02", "2026-01-31T19:00:00Z", 40_320),
        ("2028-02", "2028-01-31T19:00:00Z", 41_760),
        ("2000-01", "1999-12-31T19:00:00Z", 44_640),
        ("2099-12", "2099-11-30T19:00:00Z", 44_640),
        ("2100-01", "2099-12-31T19:00:00Z", 44_640),
        # Pakistan's summer times: 7 April to 6 October 2002, 1 June to 1 November 2008, 15 April to 1 November 2009.
        ("2002-04", "2002-03-31T19:00:00Z", 43_140),
        ("2002-05", "2002-04-30T18:00:00Z", 44_640),
        ("2002-10", "2002-09-30T18:00:00Z", 44_700),
        ("2008-06", "2008-05-31T19:00:00Z", 43_140),
        ("2008-10", "2008-09-30T18:00:00Z", 44_700),
        ("2008-11", "2008-10-31T19:00:00Z", 43_200),
        ("2009-04", "2009-03-31T19:00:00Z", 43_140),
        ("2009-10", "2009-09-30T18:00:00Z", 44_700),
    ],
)
def test_t3_a_month_is_karachis_calendar_month(month: str, start: str, total_minutes: int) -> None:
    span = month_bounds(month, KARACHI)
    assert format_instant(span.start_ms) == start
    assert span.total_minutes == total_minutes == len(span.minutes())


@pytest.mark.parametrize(
    "month", ["2026-9", "2026-13", "2026-00", "26-09", "1999-11", "2100-02", "2026-09 ", "", "202\u0666-09"]
)
def test_t3_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(MonthError, match="YYYY-MM"):
        month_bounds(month, KARACHI)


def test_t3_a_months_border_is_karachis_midnight_to_the_nanosecond() -> None:
    last = parse_instant("2026-08-31T23:59:59.999999999+05:00")
    first = parse_instant("2026-09-01T00:00:00.000+05:00")
    assert (month_of(last, KARACHI), month_of(first, KARACHI)) == ("2026-08", "2026-09")
    assert last // MINUTE_MS * MINUTE_MS in month_bounds("2026-08", KARACHI).minutes()
    assert first // MINUTE_MS * MINUTE_MS in month_bounds("2026-09", KARACHI).minutes()
    assert last // MINUTE_MS * MINUTE_MS not in month_bounds("2026-09", KARACHI).minutes()


def test_t3_months_run_over_a_years_end() -> None:
    first, last = parse_instant("2026-11-15T00:00:00Z"), parse_instant("2026-12-31T19:00:00Z")
    assert list(months_between(first, last, KARACHI)) == ["2026-11", "2026-12", "2027-01"]


@pytest.mark.parametrize("zone", ["Asia/Karachi", "UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_t3_every_valid_instant_lies_in_a_month(zone: str) -> None:
    for at_ms in (FIRST_MS, END_MS - 1):
        span = month_bounds(month_of(at_ms, zone), zone)
        assert span.start_ms <= at_ms < span.end_ms
        assert parse_instant_of_month(format_instant(span.start_ms)) == span.start_ms
        assert parse_instant_of_month(format_instant(span.end_ms)) == span.end_ms


@pytest.mark.parametrize(
    ("start", "end", "covered", "touched"),
    [
        (0, 2 * M, [0, M], [0, M]),
        (1, 2 * M, [M], [0, M]),
        (0, 2 * M - 1, [0], [0, M]),
        (M // 2, M // 2 + M, [], [0, M]),
        (M // 2, M // 2 + 1, [], [0]),
        (M, M, [], []),
    ],
)
def test_t2_a_window_covers_whole_minutes_a_gap_those_touched(
    start: int, end: int, covered: list[int], touched: list[int]
) -> None:
    assert list(minutes_covered(start, end)) == covered
    assert list(minutes_touched(start, end)) == touched


def test_t2_minutes_are_clipped_to_the_month() -> None:
    span = month_bounds("2026-09", KARACHI)
    assert list(clip(range(span.start_ms - 2 * M, span.start_ms + 2 * M, M), span)) == [
        span.start_ms,
        span.start_ms + M,
    ]
    assert not clip(range(span.end_ms, span.end_ms + 9 * M, M), span)


@pytest.mark.parametrize(
    ("month", "in_force"),
    [("2025-10", False), ("2025-11", False), ("2025-12", True), ("2026-09", True), ("2000-01", False)],
)
def test_m5_december_2025_is_the_first_month_in_force(month: str, in_force: bool) -> None:
    choice = policy_of_month(month, policies())
    assert (choice.policy.policy_id, choice.in_force) == ("zecto-1.0", in_force)


def test_m5_a_month_in_force_begins_no_sooner() -> None:
    as_it_begins = replace(ZECTO, effective_from_ms=parse_instant("2025-12-01T00:00:00+05:00"))
    assert apply_policy("2025-12", as_it_begins).in_force
    just_after = replace(ZECTO, effective_from_ms=as_it_begins.effective_from_ms + 1)
    assert not apply_policy("2025-12", just_after).in_force


@pytest.mark.parametrize(
    ("effective_from", "expected"),
    [
        ("2026-09-01T00:00:00+05:00", "zecto-1.1"),
        ("2026-09-01T00:00:00.001+05:00", "zecto-1.0"),
        ("2026-08-15T00:00:00+05:00", "zecto-1.1"),
    ],
)
def test_m5_the_version_at_the_months_start_applies(effective_from: str, expected: str) -> None:
    later = replace(ZECTO, policy_id="zecto-1.1", effective_from_ms=parse_instant(effective_from))
    choice = policy_of_month("2026-09", (ZECTO, later))
    assert (choice.policy.policy_id, choice.in_force) == (expected, True)
    assert policy_of_month("2026-10", (ZECTO, later)).policy is later
