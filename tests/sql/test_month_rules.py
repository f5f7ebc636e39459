"""M1, M2, M5: uptime, tier and credit of a month at their edges."""

import pytest
from clickhouse_connect.driver.client import Client

from schemas.policies import Ratio
from tests.sql.scenario import Scenario

pytestmark = [pytest.mark.engine, pytest.mark.deep]


def _down(month: Scenario, minutes: int) -> Scenario:
    for number in range(minutes):
        month.minute(number).requests(platform=1)
    return month


@pytest.mark.parametrize(
    ("down", "uptime"), [(0, "100.0000"), (1, "99.9976"), (2, "99.9953"), (43, "99.9004"), (44, "99.8981")]
)
def test_m1_uptime_is_shown_with_four_decimals_rounded_down(month: Scenario, down: int, uptime: str) -> None:
    assert _down(month, down).service()["uptime"] == uptime


def test_m1_a_month_just_below_the_target_never_shows_it(month: Scenario) -> None:
    # 43 of 42,999 minutes: 99.8999976 %, which rounding to nearest would show as 99.9000.
    month.window("ddos", 43, 244, evidence="ticket 7")
    found = _down(month, 244).rule(excluded="removed").service()
    assert (found["counted_minutes_"], found["down_minutes"]) == (42_999, 43)
    assert (found["uptime"], found["credit_percent"]) == ("99.8999", 10)


def test_m2_exactly_the_guarantee_meets_it(month: Scenario) -> None:
    month.window("ddos", 43, 243, evidence="ticket 7")
    found = _down(month, 243).rule(excluded="removed").service()
    assert (found["counted_minutes_"], found["down_minutes"]) == (43_000, 43)
    assert (found["uptime"], found["credit_percent"]) == ("99.9000", 0)


@pytest.mark.parametrize(
    ("down", "credit"), [(43, 0), (44, 10), (432, 10), (433, 25), (453, 25), (2_160, 25), (2_161, 50)]
)
def test_m2_every_tier_begins_exactly_at_its_uptime(month: Scenario, down: int, credit: int) -> None:
    assert _down(month, down).service()["credit_percent"] == credit


def test_m2_what_the_sla_leaves_open_is_25_percent(month: Scenario) -> None:
    found = _down(month, 453).service()
    assert (found["uptime"], found["credit_percent"]) == ("98.9513", 25)


@pytest.mark.parametrize(("blind", "credit_uptime", "credit"), [(43, "100.0000", 0), (44, "99.8981", 10)])
def test_m2_blind_minutes_beyond_a_thousandth_count_as_down(
    month: Scenario, blind: int, credit_uptime: str, credit: int
) -> None:
    found = month.window("telemetry_gap", 0, blind).service()
    assert (found["blind_minutes"], found["uptime"]) == (blind, "100.0000")
    assert (found["credit_uptime"], found["credit_percent"]) == (credit_uptime, credit)


@pytest.mark.parametrize(("blind", "credit"), [(432, 0), (433, 25)])
def test_m2_exactly_the_tolerance_is_tolerated(month: Scenario, blind: int, credit: int) -> None:
    month.rule(blind_tolerance=Ratio(1, 100))
    assert month.window("telemetry_gap", 0, blind).service()["credit_percent"] == credit


def test_m2_blind_minutes_add_to_those_that_were_down(month: Scenario) -> None:
    found = _down(month, 400).window("telemetry_gap", 1_000, 1_044).service()
    assert (found["uptime"], found["credit_uptime"], found["credit_percent"]) == ("99.0740", "98.9722", 25)


@pytest.mark.parametrize(
    ("name", "in_force", "credit"), [("2025-10", False, 0), ("2025-11", True, 50), ("2025-12", True, 50)]
)
def test_m5_before_its_first_month_in_force_nothing_is_credited(
    empty: Client, name: str, in_force: bool, credit: int
) -> None:
    month = Scenario(empty, name)
    month.window("telemetry_gap", 0, 4_000)
    found = month.result()
    assert (found.in_force, found.services["sms"].credit_percent) == (in_force, credit)
    assert found.services["sms"].blind_minutes == 4_000


@pytest.mark.parametrize(("before_the_end_ms", "credit"), [(1, 50), (0, 0)])
def test_m5_a_policy_starting_at_the_end_has_no_force(month: Scenario, before_the_end_ms: int, credit: int) -> None:
    month.rule(effective_from_ms=month.span.end_ms - before_the_end_ms).window("telemetry_gap", 0, 4_000)
    assert month.service()["credit_percent"] == credit
