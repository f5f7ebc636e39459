"""Stored months: served while they are of today's inputs, never by an older view, and plain to ask in SQL."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from schemas.instants import MINUTE_MS
from schemas.reference import policies
from streams.judge import task
from streams.judge.fingerprints import read_fingerprint
from streams.judge.judged_month import judge_month, judge_seen
from streams.judge.seen import look_at
from streams.judge.stored import look_of, read_current, store_judgement, store_look
from streams.judge.summary import summary_of
from streams.judge.task import MonthJudge
from tests.sql.scenario import Scenario

pytestmark = pytest.mark.engine

_JUDGED_AT_MS = 1_790_000_000_000
_MONTHS = "SELECT * FROM months WHERE month >= '2026-01'"


def _store(month: Scenario) -> None:
    """Judge and store a month as a worker does it."""
    month.settle()
    seen = look_at(month.client, month.choice)
    fingerprint = read_fingerprint(month.client, seen)
    store_look(month.client, look_of(seen, fingerprint), _JUDGED_AT_MS)
    store_judgement(month.client, judge_seen(month.client, seen, fingerprint), _JUDGED_AT_MS)


def _down(client: Client) -> list[int]:
    rows = client.query("SELECT down_minutes FROM months WHERE service = 'sms'").result_rows
    return [int(row[0]) for row in rows]


def test_nothing_is_served_before_a_worker_has_judged(month: Scenario) -> None:
    month.minute(1).requests(platform=2)
    month.settle()
    assert read_current(month.client, month.choice) is None
    assert month.result().services["sms"].down_minutes == 1


def test_a_current_month_is_served_as_it_would_be_judged(month: Scenario) -> None:
    month.minute(1).requests(ok=3, platform=2, source="gw").manifest(9)
    month.window("ddos", 5, 9, evidence="ticket 7").minute(700, "voice").probes(failed=3)
    _store(month)
    found = read_current(month.client, month.choice)
    assert found is not None
    assert msgspec.json.encode(found) == msgspec.json.encode(summary_of(month.judged()))


@pytest.mark.parametrize(
    "change",
    [
        lambda month: month.minute(7).requests(platform=2),
        lambda month: month.minute(7).manifest(3),
        lambda month: month.minute(7).dead_letter(),
        lambda month: month.window("telemetry_gap", 7, 8),
        lambda month: month.minute(-60).requests(platform=1),
        lambda month: month.lost(7, 8),
        lambda month: month.frontier(month.ms(3)),
    ],
    ids=["record", "manifest", "dead letter", "declaration", "the month before", "lost offsets", "frontier"],
)
def test_a_month_whose_inputs_changed_is_never_served(month: Scenario, change: Callable[[Scenario], object]) -> None:
    month.minute(1).requests(ok=3, platform=2)
    _store(month)
    assert read_current(month.client, month.choice) is not None
    change(month)
    month.settle()
    assert read_current(month.client, month.choice) is None


def test_a_replay_changes_nothing(month: Scenario) -> None:
    month.minute(1).requests(ok=3, platform=2)
    _store(month)
    month.replay()
    assert read_current(month.client, month.choice) is not None


def test_an_older_view_that_lands_late_never_wins(month: Scenario) -> None:
    month.minute(1).requests(platform=2)
    older = month.judged()
    month.minute(7).requests(platform=2)
    newer = month.judged()
    assert older.version < newer.version
    store_judgement(month.client, newer, _JUDGED_AT_MS)
    store_judgement(month.client, older, _JUDGED_AT_MS + 1)
    assert _down(month.client) == [2]


def test_an_older_frontier_that_lands_late_never_wins(month: Scenario) -> None:
    month.minute(1).requests(platform=2)
    month.listing(month.ms(1))
    older = month.judged()
    month.listing(month.ms(9))
    newer = month.judged()
    store_judgement(month.client, newer, _JUDGED_AT_MS)
    store_judgement(month.client, older, _JUDGED_AT_MS + 1)
    assert _down(month.client) == [1]


def test_a_finished_month_is_not_judged_anew_as_time_goes(month: Scenario) -> None:
    month.minute(1).requests(platform=2)
    month.listing(month.span.end_ms + 40 * 1_440 * MINUTE_MS)
    before = month.judged().fingerprint
    month.listing(month.span.end_ms + 90 * 1_440 * MINUTE_MS)
    assert month.judged().fingerprint == before


def test_plain_sql_asks_for_a_year_of_months(month: Scenario) -> None:
    month.minute(1).requests(platform=2)
    _store(month)
    rows = {row["service"]: row for row in month.client.query(_MONTHS).named_results()}
    assert list(rows) == ["email", "platform", "sms", "voice", "whatsapp"]
    assert (rows["sms"]["uptime"], rows["voice"]["uptime"]) == (Decimal("99.9976"), None)
    assert rows["platform"]["down_minutes"] == 1
    assert rows["sms"]["judged_at"].replace(tzinfo=UTC) == datetime.fromtimestamp(_JUDGED_AT_MS / 1000, UTC)
    assert rows["sms"]["is_current"] is True


def test_plain_sql_says_when_a_month_is_no_longer_current(month: Scenario) -> None:
    month.minute(1).requests(platform=2)
    _store(month)
    month.minute(7).requests(platform=2)
    month.settle()
    seen = look_at(month.client, month.choice)
    store_look(month.client, look_of(seen, read_fingerprint(month.client, seen)), _JUDGED_AT_MS + 1)
    assert {row["is_current"] for row in month.client.query(_MONTHS).named_results()} == {False}


@pytest.mark.parametrize("view", ["months", "verdicts"])
def test_every_column_of_a_view_is_commented(view: str, month: Scenario) -> None:
    query = (
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {view:String} AND comment = ''"
    )
    assert month.client.query(query, parameters={"view": view}).result_rows == []


def test_verdicts_have_a_row_a_minute_and_service(month: Scenario) -> None:
    month.minute(2).requests(ok=1, platform=4)
    _store(month)
    query = "SELECT state, requests_failed, requests_valid, bad_low FROM verdicts WHERE service = 'sms' AND minute = "
    minute = f"toDateTime({month.ms(2) // 1000}, 'UTC')"
    assert month.client.query(query + minute).result_rows == [("down", 4, 5, True)]
    [(rows,)] = month.client.query("SELECT count() FROM verdicts").result_rows
    assert rows == 5 * month.span.total_minutes


def test_incidents_and_declarations_can_be_asked_in_sql(month: Scenario) -> None:
    month.minute(2).requests(platform=2)
    month.minute(3).requests(platform=2)
    month.window("telemetry_gap", 9, 11, services=["voice"])
    _store(month)
    runs = month.client.query("SELECT service, minutes FROM incidents ORDER BY ALL").result_rows
    assert runs == [("platform", 2), ("platform", 2), ("sms", 2), ("voice", 2)]
    outcomes = month.client.query("SELECT declaration_id, kind, reason, minutes FROM declaration_outcomes").result_rows
    assert outcomes == [("w", "telemetry_gap", "telemetry_gap", 2)]


def test_a_worker_judges_each_changed_month_once(month: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    # A round has room for all, however busy the machine is.
    monkeypatch.setattr(task, "_MOST_S", math.inf)
    month.minute(1).requests(platform=2)
    month.settle()
    judge = MonthJudge(client=month.client, policies=policies(), now_ms=lambda: _JUDGED_AT_MS)
    judge.judge_changed()
    assert read_current(month.client, month.choice) is not None
    assert judge.judge(month.name) is False
    month.minute(7).requests(platform=2)
    month.settle()
    judge.judge_changed()
    found = read_current(month.client, month.choice)
    assert found is not None
    assert found.services["sms"].down_minutes == 2
    assert msgspec.json.encode(found) == msgspec.json.encode(summary_of(judge_month(month.client, month.choice)))
