"""M1, M2, M5, K1, K2, T3: shares, tiers, incidents, and local time of minutes."""

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from streams.rules.month.incident_runs import incident_runs, states_for_claims
from streams.rules.month.judging import judge_span
from streams.rules.month.span import DAY, holiday_flags, local_minutes, month_borders
from streams.rules.month.states import STATES, code_of
from streams.rules.month.uptime import SpanUptime
from streams.rules.verdict import MinuteState
from tests.unit.rules.month.spans import START, Span

DOWN, BLIND, GOOD, PENDING = (
    code_of(state) for state in (MinuteState.DOWN, MinuteState.BLIND, MinuteState.GOOD, MinuteState.PENDING)
)


def uptime(span: Span) -> SpanUptime:
    found = span.judged().services["sms"].verdict.uptime
    assert found is not None
    return found


def served(minutes: int, *, down: int = 0, blind: int = 0) -> Span:
    """Every minute is good, but for the first ones."""
    span = Span(minutes).requests(range(down, minutes), ok=9).requests(range(down), platform=9)
    return span.window("telemetry_gap", down, down + blind) if blind else span


@pytest.mark.parametrize(
    ("down", "blind", "percent"),
    [(1, 0, 0), (0, 1, 0), (2, 0, 10), (1, 1, 10), (10, 0, 10), (6, 5, 25), (50, 0, 25), (51, 0, 50)],
)
def test_m2_down_and_blind_decide_the_tier(down: int, blind: int, percent: int) -> None:
    found = uptime(served(1000, down=down, blind=blind))
    assert found.uptime == Fraction(1000 - down, 1000)
    assert found.credit_uptime == Fraction(1000 - down - blind, 1000)
    assert found.credit_percent == percent


def test_m1_bounds_are_exact_shares() -> None:
    found = uptime(served(999, down=3, blind=4))
    assert (found.uptime_low, found.uptime_high) == (Fraction(992, 999), Fraction(996, 999))


def test_m5_a_policy_not_in_force_credits_nothing() -> None:
    span = served(100, down=90)
    judged = judge_span(span.inputs, span.policy, in_force=False)
    assert judged.platform.uptime is not None
    assert (judged.platform.uptime.credit_percent, judged.platform.uptime.uptime) == (0, Fraction(1, 10))


def test_k1_incidents_are_runs_of_down_or_blind_minutes() -> None:
    state = np.array([DOWN, BLIND, GOOD, BLIND, PENDING, DOWN], dtype=np.int8)
    assert incident_runs(state, START) == ((START, START + 2), (START + 3, START + 4), (START + 5, START + 6))
    assert served(20, down=3, blind=2).judged().platform.incidents == ((START, START + 5),)


def test_k2_ten_days_after_its_end_pending_is_blind() -> None:
    state = np.array([GOOD, PENDING], dtype=np.int8)
    waits_ms = 10 * DAY * 60_000
    assert [STATES[code].value for code in states_for_claims(state, 0, waits_ms, waits_ms)] == ["good", "blind"]
    assert states_for_claims(state, 0, waits_ms - 1, waits_ms).tolist() == state.tolist()


@pytest.mark.parametrize("zone", ["Asia/Karachi", "America/New_York", "Australia/Lord_Howe", "Asia/Gaza"])
@pytest.mark.parametrize("year", [2002, 2008, 2009, 2015])
def test_t3_local_minutes_follow_the_tz_database(zone: str, year: int) -> None:
    first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) // 60
    found = local_minutes(first, first + 366 * DAY, zone)
    asked = np.random.default_rng(year).integers(0, 366 * DAY, 500)
    for minute in asked:
        local = datetime.fromtimestamp((first + int(minute)) * 60, ZoneInfo(zone))
        assert found[minute] == local.hour * 60 + local.minute


def test_t3_months_and_holidays_begin_at_local_midnight() -> None:
    assert datetime.fromtimestamp(month_borders(START, START + 1, "Asia/Karachi")[0] * 60, UTC).isoformat() == (
        "2027-02-28T19:00:00+00:00"
    )
    assert len(month_borders(START, START + 1, "Asia/Karachi")) == 2
    day = datetime.fromtimestamp(START * 60, ZoneInfo("Asia/Karachi")).date()
    flags = holiday_flags(START - 61, 24 * 60 + 2, "Asia/Karachi", [day])
    assert (flags.sum(), flags[0], flags[1], flags[-2], flags[-1]) == (24 * 60, False, True, True, False)
