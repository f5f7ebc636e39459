"""What a report says of a month's uptime (§2.1, §2.2, V4, B4, M1, M2, K1, T3)."""

from collections.abc import Iterable

import pytest

from schemas.fields import SERVICES
from streams.months.month import WINDOW_KINDS
from streams.reports.model import ReportDay
from streams.reports.uptime import CLAUSES, days_of
from streams.rules.calendar import month_bounds
from tests.unit.reports import making


@pytest.mark.parametrize(
    ("name", "days", "allowed"),
    [("2026-02", 28, "40.3"), ("2028-02", 29, "41.7"), ("2026-09", 30, "43.2"), ("2026-10", 31, "44.6")],
)
def test_the_downtime_allowed_is_clause_2_2_rounded_down(name: str, days: int, allowed: str) -> None:
    month = making.month(name)
    assert (month.total_minutes, month.allowed_minutes, month.target) == (days * 1440, allowed, "99.9000")
    assert [len(one.days) for one in month.services] == [days] * 4


@pytest.mark.parametrize(
    ("down", "doubt", "met", "certain"), [(43, 0, True, True), (43, 1, True, False), (44, 0, False, True)]
)
def test_the_guarantee_is_decided_on_integers_and_doubt_is_stated(
    down: int, doubt: int, met: bool, certain: bool
) -> None:
    sms = making.month(spans={"sms": {"down": [range(down)]}}, doubt={"sms": doubt}).services[0]
    assert (sms.is_met, sms.is_certain) == (met, certain)


def test_m2_what_was_not_observed_neither_kept_nor_missed_it() -> None:
    voice = making.month(unobserved=["voice"]).services[1]
    assert (voice.is_observed, voice.is_met, voice.uptime, voice.credit_percent) == (False, None, "", None)


def test_v5_the_platform_is_measured_like_a_service() -> None:
    platform = making.busy_month().platform
    assert (platform.service, platform.down_minutes, platform.is_met) == ("platform", 184 + 43, False)


def test_every_minute_of_a_month_is_in_one_run() -> None:
    month = making.busy_month()
    for one in month.measured:
        assert all(_is_whole(day) for day in one.days)
        for state in ("good", "down", "idle", "blind", "pending"):
            assert sum(day.minutes_in(state) for day in one.days) == getattr(one, f"{state}_minutes")
        assert sum(day.minutes_in("excluded") for day in one.days) == one.excluded_minutes


def _is_whole(day: ReportDay) -> bool:
    ends = [run.first + run.minutes for run in day.runs]
    return [run.first for run in day.runs] == [0, *ends[:-1]] and ends[-1] == 1440


@pytest.mark.parametrize(
    ("name", "changed", "minutes"),
    [("2008-06", "2008-06-01", 23 * 60), ("2008-10", "2008-10-31", 25 * 60), ("2009-10", "2009-10-31", 25 * 60)],
)
def test_a_day_with_a_clock_change_keeps_its_length(name: str, changed: str, minutes: int) -> None:
    span = month_bounds(name, "Asia/Karachi")
    lengths = {day.date: _length(day) for day in days_of([0] * span.total_minutes, span, "Asia/Karachi")}
    assert {date: length for date, length in lengths.items() if length != 1440} in ({changed: minutes}, {})
    assert sum(lengths.values()) == span.total_minutes


def _length(day: ReportDay) -> int:
    return sum(run.minutes for run in day.runs)


def test_downtime_from_before_the_month_counts_from_its_border() -> None:
    month = making.month(spans={"sms": {"down": [range(7), range(43_190, 43_200)]}}, before={"sms": 3})
    assert [(one.service, one.minutes) for one in month.incidents] == [("sms", 7), ("sms", 10)]
    assert month.incidents[0].start == "2026-08-31T18:57:00Z"
    assert month.incidents[1].end == "2026-09-30T19:00:00Z"


def test_every_kind_of_window_names_its_clause() -> None:
    assert list(CLAUSES) == list(WINDOW_KINDS)


def test_all_four_services_come_in_the_contracts_order() -> None:
    assert _names(making.month().services) == list(SERVICES)


def _names(services: Iterable[object]) -> list[str]:
    return [one.service for one in services]  # type: ignore[attr-defined]


def test_performance_of_a_running_month_is_counted_to_its_day() -> None:
    assert making.in_progress().month.whole_days_before == "2026-10-11"
    assert making.month("2026-10").whole_days_before == "2026-11-01"
