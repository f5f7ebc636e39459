"""T1-T3: where minutes and months begin and end, as the tables and views have it."""

import pytest
from clickhouse_connect.driver.client import Client

from schemas.instants import parse_instant
from tests.sql.scenario import REQUESTS, Scenario

pytestmark = [pytest.mark.engine, pytest.mark.deep]

A_MS = 1 / 60_000


def _request(month: Scenario, time: str, request_id: str = "r") -> None:
    month.record(REQUESTS, request_id=request_id, time=time, service="sms", account_id="a-1", status=500)


def test_t1_digits_beyond_the_millisecond_never_move_a_request(month: Scenario) -> None:
    _request(month, "2026-09-01T00:07:59.999999999+05:00")
    assert month.states([7, 8]) == ["down", "idle"]


def test_t1_an_offset_says_which_minute_is_meant(month: Scenario) -> None:
    _request(month, "2026-09-01T00:07:00+05:00", "a")
    _request(month, "2026-08-31T19:08:00Z", "b")
    _request(month, "2026-08-31T12:09:00.5-07:00", "c")
    assert month.states([6, 7, 8, 9, 10]) == ["idle", "down", "down", "down", "idle"]


def test_t2_a_minute_is_half_open(month: Scenario) -> None:
    month.minute(7).request("a", status=500, second=0).request("b", status=500, second=59.999)
    month.minute(8).request("c", second=0)
    assert month.counts(7)["requests_platform"] == 2
    assert month.states([7, 8]) == ["down", "good"]


def test_t2_a_window_that_covers_half_a_minute_excludes_nothing(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.minute(8).requests(platform=1)
    month.window("ddos", 7.5, 8.5, evidence="ticket 7")
    assert month.states([7, 8]) == ["down", "down"]


def test_t2_two_windows_do_not_cover_a_minute_together(month: Scenario) -> None:
    month.minute(7).requests(platform=1)
    month.window("ddos", 7, 7.5, id="a", evidence="ticket 7").window("ddos", 7.5, 8, id="b", evidence="ticket 7")
    assert month.verdict(7).state == "down"


def test_t2_a_window_excludes_whole_minutes_to_the_millisecond(month: Scenario) -> None:
    for number in (6, 7, 8, 9):
        month.minute(number).requests(platform=1)
    month.window("ddos", 6 + A_MS, 8, id="a", evidence="ticket 7")
    month.window("ddos", 8, 9, id="b", evidence="ticket 7")
    month.window("ddos", 9, 10 - A_MS, id="c", evidence="ticket 7")
    assert month.states([6, 7, 8, 9]) == ["down", "excluded", "excluded", "down"]


def test_t2_a_gap_covers_every_minute_that_it_touches(month: Scenario) -> None:
    month.window("telemetry_gap", 7.5, 8.5, id="a")
    month.window("telemetry_gap", 12 - A_MS, 12, id="b")
    month.window("telemetry_gap", 15, 15 + A_MS, id="c")
    assert month.states(range(6, 17)) == [
        *("idle", "blind", "blind", "idle"),
        *("idle", "blind", "idle", "idle"),
        *("idle", "blind", "idle"),
    ]


def test_t3_a_months_border_is_karachis_midnight_to_the_millisecond(empty: Client) -> None:
    before, after = Scenario(empty, "2026-08"), Scenario(empty, "2026-09")
    _request(before, "2026-08-31T23:59:59.999+05:00", "a")
    _request(before, "2026-09-01T00:00:00.000+05:00", "b")
    assert (before.service()["down_minutes"], before.verdict(44_639).state) == (1, "down")
    assert (after.service()["down_minutes"], after.verdict(0).state) == (1, "down")


# Pakistan's summer times: 7 April to 6 October 2002, 1 June to 1 November 2008, 15 April to 1 November 2009.
@pytest.mark.parametrize(
    ("name", "start", "total_minutes"),
    [
        ("2002-04", "2002-03-31T19:00:00Z", 43_140),
        ("2002-05", "2002-04-30T18:00:00Z", 44_640),
        ("2002-10", "2002-09-30T18:00:00Z", 44_700),
        ("2002-11", "2002-10-31T19:00:00Z", 43_200),
        ("2008-05", "2008-04-30T19:00:00Z", 44_640),
        ("2008-06", "2008-05-31T19:00:00Z", 43_140),
        ("2008-10", "2008-09-30T18:00:00Z", 44_700),
        ("2008-11", "2008-10-31T19:00:00Z", 43_200),
        ("2009-04", "2009-03-31T19:00:00Z", 43_140),
        ("2009-10", "2009-09-30T18:00:00Z", 44_700),
        ("2026-02", "2026-01-31T19:00:00Z", 40_320),
        ("2028-02", "2028-01-31T19:00:00Z", 41_760),
        ("2026-12", "2026-11-30T19:00:00Z", 44_640),
    ],
)
def test_t3_the_calendar_knows_where_karachis_months_begin(
    empty: Client, name: str, start: str, total_minutes: int
) -> None:
    rows = empty.query(
        "SELECT toUInt32(start), toUInt32(`end`), total_minutes FROM calendar FINAL WHERE month = {month:String}",
        parameters={"month": name},
    ).result_rows
    start_s = parse_instant(start) // 1000
    assert rows == [(start_s, start_s + 60 * total_minutes, total_minutes)]


def test_t3_the_calendars_months_follow_without_a_hole(empty: Client) -> None:
    rows = empty.query("SELECT toUInt32(start), toUInt32(`end`) FROM calendar FINAL ORDER BY month").result_rows
    assert len(rows) == 1202
    assert [end for _, end in rows[:-1]] == [start for start, _ in rows[1:]]


def test_t3_a_clock_change_makes_a_month_shorter_or_longer(
    empty: Client,
) -> None:
    june, october, november = (Scenario(empty, name) for name in ("2008-06", "2008-10", "2008-11"))
    june.minute(-1).requests(platform=1)
    june.minute(0).requests(platform=1)
    october.minute(44_699).requests(platform=1)
    november.minute(0).requests(platform=1)
    november.store()
    october.store()
    assert (june.service()["total_minutes"], june.service()["down_minutes"]) == (43_140, 1)
    assert (october.service()["total_minutes"], october.service()["down_minutes"]) == (44_700, 1)
    assert (november.service()["total_minutes"], november.service()["down_minutes"]) == (43_200, 1)
    assert (june.verdict(0).state, october.verdict(44_699).state, november.verdict(0).state) == ("down",) * 3
