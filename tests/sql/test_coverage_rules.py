"""What the union of `blocks` proves, and what it says was lost: every edge of a span by name."""

from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from streams.months.notes import month_notes
from streams.rules.policy import apply_policy
from tests.sql.loading import insert
from tests.sql.scenario import Scenario

pytestmark = pytest.mark.engine

HOUR_MS = 3_600_000
TOPIC = "api.requests"


def put(
    client: Client,
    first: int,
    following: int,
    state: str = "evaluated",
    *,
    topic_id: str = "a",
    partition: int = 0,
    from_ms: int = 0,
    to_ms: int = 0,
    records: int | None = None,
) -> None:
    row = {
        "topic": TOPIC,
        "topic_id": topic_id,
        "partition": partition,
        "first": first,
        "next": following,
        "state": state,
        "records": (0 if state == "lost" else following - first) if records is None else records,
        "first_recorded_at": from_ms,
        "last_recorded_at": to_ms,
    }
    insert(client, "blocks", [row])


def covered(client: Client, partition: int = 0, topic_id: str = "a") -> dict[str, Any]:
    query = "SELECT * FROM coverage WHERE partition = {partition:UInt32} AND topic_id = {topic_id:String}"
    [row] = client.query(query, {"partition": partition, "topic_id": topic_id}).named_results()
    return dict(row)


def reached(client: Client) -> tuple[int, int]:
    row = covered(client)
    return row["stored_next"], row["evaluated_next"]


def lost(client: Client) -> list[tuple[Any, ...]]:
    query = (
        "SELECT topic_id, partition, first, next, cause, toUnixTimestamp64Milli(from_at), toUnixTimestamp64Milli(to_at)"
        " FROM lost_spans ORDER BY ALL"
    )
    return [tuple(row) for row in client.query(query).result_rows]


def test_spans_that_touch_leave_nothing_out(empty: Client) -> None:
    put(empty, 10, 20)
    put(empty, 0, 10)
    assert reached(empty) == (20, 20)
    assert covered(empty)["gaps"] == []


def test_one_offset_between_spans_is_a_gap(empty: Client) -> None:
    put(empty, 0, 10)
    put(empty, 11, 20)
    row = covered(empty)
    assert (row["stored_next"], row["evaluated_next"], row["furthest_next"], row["gaps"]) == (10, 10, 20, [(10, 11)])


def test_what_precedes_the_first_span_is_a_gap_too(empty: Client) -> None:
    put(empty, 1, 10)
    assert (reached(empty), covered(empty)["gaps"]) == ((0, 0), [(0, 1)])


def test_a_long_span_closes_the_gaps_within_it(empty: Client) -> None:
    put(empty, 0, 30)
    put(empty, 0, 5)
    put(empty, 7, 9)
    put(empty, 30, 31)
    assert (reached(empty), covered(empty)["gaps"]) == ((31, 31), [])


def test_every_gap_is_told_and_the_first_one_decides(empty: Client) -> None:
    for first, following in ((0, 5), (8, 10), (12, 20)):
        put(empty, first, following)
    assert (reached(empty), covered(empty)["gaps"]) == ((5, 5), [(5, 8), (10, 12)])


def test_a_block_that_is_owed_is_stored_and_not_evaluated(empty: Client) -> None:
    put(empty, 0, 10)
    put(empty, 10, 20, "stored", to_ms=7 * HOUR_MS)
    put(empty, 20, 30)
    row = covered(empty)
    assert (row["stored_next"], row["evaluated_next"], row["owed"], row["records"]) == (30, 10, 1, 30)
    assert row["oldest_owed_at"].timestamp() == 7 * HOUR_MS / 1000
    put(empty, 10, 20)
    assert (reached(empty), covered(empty)["owed"]) == ((30, 30), 0)


def test_what_is_known_to_be_lost_is_no_gap(empty: Client) -> None:
    put(empty, 0, 7, "lost", from_ms=1_000, to_ms=2_000)
    put(empty, 7, 9)
    row = covered(empty)
    assert (row["stored_next"], row["evaluated_next"], row["lost"], row["gaps"]) == (9, 9, [(0, 7)], [])
    assert lost(empty) == [("a", 0, 0, 7, "taken", 1_000, 2_000)]


def test_partitions_and_lives_of_a_topic_are_covered_apart(empty: Client) -> None:
    put(empty, 0, 5)
    put(empty, 5, 9, partition=1)
    put(empty, 0, 3, topic_id="b")
    assert [covered(empty, *of)["stored_next"] for of in ((0, "a"), (1, "a"), (0, "b"))] == [5, 0, 3]


def test_b3_a_recreated_topic_lost_what_was_unread_before_it(
    empty: Client,
) -> None:
    put(empty, 0, 5, from_ms=0, to_ms=2 * HOUR_MS)
    put(empty, 0, 5, partition=1, from_ms=0, to_ms=3 * HOUR_MS)
    put(empty, 0, 5, topic_id="b", from_ms=5 * HOUR_MS, to_ms=6 * HOUR_MS)
    put(empty, 0, 5, topic_id="b", partition=1, from_ms=4 * HOUR_MS, to_ms=6 * HOUR_MS)
    assert lost(empty) == [("b", -1, 0, 0, "recreated", 2 * HOUR_MS, 4 * HOUR_MS)]


def test_b3_an_incarnation_without_records_is_a_hole_until_listed(empty: Client) -> None:
    put(empty, 0, 5, from_ms=0, to_ms=2 * HOUR_MS)
    put(empty, 0, 0, "lost", topic_id="b", from_ms=3 * HOUR_MS, to_ms=4 * HOUR_MS)
    assert lost(empty) == [("b", -1, 0, 0, "recreated", 2 * HOUR_MS, 4 * HOUR_MS)]
    empty.command(f"INSERT INTO listings VALUES ('{TOPIC}', 'b', 1, fromUnixTimestamp64Milli({5 * HOUR_MS}))")
    assert lost(empty) == [("b", -1, 0, 0, "recreated", 2 * HOUR_MS, 5 * HOUR_MS)]


def test_b3_an_earlier_incarnations_gap_begins_the_hole(empty: Client) -> None:
    put(empty, 0, 5, from_ms=0, to_ms=HOUR_MS)
    put(empty, 6, 9, from_ms=2 * HOUR_MS, to_ms=2 * HOUR_MS)
    put(empty, 0, 5, topic_id="b", from_ms=5 * HOUR_MS, to_ms=6 * HOUR_MS)
    assert [row[5:] for row in lost(empty)] == [(HOUR_MS, 5 * HOUR_MS)]


def test_b3_records_taken_for_the_old_topic_keep_the_hole(empty: Client) -> None:
    put(empty, 0, 5, from_ms=0, to_ms=HOUR_MS)
    put(empty, 5, 9, from_ms=5 * HOUR_MS, to_ms=6 * HOUR_MS)
    put(empty, 0, 9, topic_id="b", from_ms=4 * HOUR_MS, to_ms=6 * HOUR_MS)
    assert [row[5:] for row in lost(empty)] == [(HOUR_MS, 4 * HOUR_MS)]


def test_b3_a_partition_added_to_a_new_life_loses_nothing(empty: Client) -> None:
    put(empty, 0, 5, from_ms=0, to_ms=HOUR_MS)
    put(empty, 0, 5, topic_id="b", from_ms=2 * HOUR_MS, to_ms=3 * HOUR_MS)
    put(empty, 0, 0, "lost", topic_id="b", partition=1, from_ms=HOUR_MS, to_ms=9 * HOUR_MS)
    assert [row[5:] for row in lost(empty)] == [(HOUR_MS, 2 * HOUR_MS)]


def test_a_stored_gap_is_shown_while_the_topic_is_listed(month: Scenario) -> None:
    choice = apply_policy(month.name, month.policy)
    put(month.client, 0, 10)
    put(month.client, 11, 20)
    assert month_notes(month.client, choice) == []
    month.client.command(f"INSERT INTO listings VALUES ('{TOPIC}', 'a', 1, fromUnixTimestamp64Milli({HOUR_MS}))")
    [note] = month_notes(month.client, choice)
    assert note == "api.requests/0: 1 gaps in what was stored, in flight or a fault: zecto-sla doctor"


def test_b3_a_loss_is_shown_beside_the_months_it_blinds(month: Scenario) -> None:
    month.lost(-3, 7)
    [note] = month_notes(month.client, apply_policy("2026-09", month.policy))
    assert note.startswith("api.requests/9: records were lost unread between 2026-08-31T18:57:00Z and ")
    assert month_notes(month.client, apply_policy("2026-10", month.policy)) == []
    assert month.states([0, 7, 8]) == ["blind", "blind", "idle"]
    assert (month.service().blind_minutes, month.service().down_minutes_high) == (8, 8)
