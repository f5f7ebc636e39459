"""P1-P4: days counted in SQL are what the plain rules make of the same records."""

import asyncio
import json
from datetime import UTC, date, datetime

import pytest
from clickhouse_connect.driver.client import Client

from schemas.reference import input_topics, policies
from streams.guarantees.performance.days import count_days, edges_of, uncounted_days
from streams.guarantees.performance.month import performance_of
from streams.rules.policy import policy_of_month
from tests.integration.ledger_world import digest, in_blocks

pytestmark = pytest.mark.engine

ZONE = policies()[-1].zone
EDGES = edges_of(policies())
DAY = date(2026, 9, 2)


def request(name: str, duration_ms: float | None, *, time: str = "2026-09-02T10:00:00Z", **more: object) -> bytes:
    told = {"request_id": name, "time": time, "service": "sms", "account_id": "a", "status": 200, **more}
    return json.dumps({**told, **({} if duration_ms is None else {"duration_ms": duration_ms})}).encode()


def receipt(name: str, taken_s: float, state: str = "delivered", *, service: str = "sms", **more: object) -> bytes:
    told: dict[str, object] = {
        "message_id": name,
        "service": service,
        "account_id": "a",
        "submitted_at": "2026-09-02T10:00:00Z",
        "time": f"2026-09-02T10:00:{taken_s:06.3f}Z",
        "state": state,
        "operator": "jazz",
        **more,
    }
    return json.dumps(told).encode()


def store(client: Client, topic: str, values: list[bytes]) -> None:
    asyncio.run(digest(client, list(in_blocks(topic, values, []))))


def count(client: Client) -> int:
    days = uncounted_days(client, EDGES, ZONE, first=date(2026, 9, 1), end=date(2026, 10, 1))
    count_days(client, EDGES, ZONE, days)
    return len(days)


def told(client: Client, column: str, service: str = "sms") -> object:
    query = f"""
        SELECT {column} FROM performance_days FINAL
        WHERE (service, day, version) IN (SELECT service, day, version FROM performance_counted FINAL)
            AND service = '{service}'
    """
    return client.query(query).result_rows


def test_p1_durations_count_up_to_their_limit_to_the_microsecond(client: Client) -> None:
    values = [request("r-1", 200), request("r-2", 200.001), request("r-3", 29_999), request("r-4", 30_000)]
    store(client, "api.requests", values)
    assert count(client) == 1
    assert told(client, "response_times, total_times, response_failed") == [
        ({200: 1, 300: 1, 30_000: 1}, {}, 1)  # what came after 30 s is no answer (C2)
    ]


def test_p1_without_duration_the_last_byte_is_counted(client: Client) -> None:
    values = [
        request("r-1", None, total_ms=200),
        request("r-2", None, total_ms=200.5),
        request("r-3", None),
        request("r-4", 5, status=503, total_ms=5),
        request("r-5", 5, status=404),
    ]
    store(client, "api.requests", values)
    count(client)
    assert told(client, "response_times, total_times, untimed, response_failed") == [({}, {200: 1, 300: 1}, 1, 1)]


def test_c5_what_is_out_of_scope_is_not_counted(client: Client) -> None:
    store(client, "api.requests", [request("r-1", 5, stage="beta"), request("r-2", 5, plan="trial"), request("r-3", 5)])
    count(client)
    assert told(client, "response_times, account_id, region") == [({5: 1}, "a", "")]


def test_p2_p3_messages_are_counted_by_delivery_and_time(client: Client) -> None:
    values = [
        receipt("m-1", 4.999),
        receipt("m-2", 5.001),
        receipt("m-3", 3.0, resolution_ms=60_000),
        receipt("m-4", 1.0, "accepted"),
        receipt("m-5", 1.0, "enroute"),
        receipt("m-6", 0.0, submitted_at="2026-09-02T10:00:00.001Z"),
    ]
    store(client, "carrier.receipts", values)
    count(client)
    assert told(client, "delivery_times, delivery_earliest, unmeasured, impossible_times, operator") == [
        ({5_000: 1, 7_000: 1, 70_000: 1}, {3_000: 1, 5_000: 1, 7_000: 1}, 1, 1, "jazz")
    ]
    assert told(client, "delivered, failed, accepted, enroute, unknown") == [(4, 0, 1, 1, 0)]


def test_p3_what_was_held_has_failed_and_was_late(client: Client) -> None:
    store(client, "carrier.receipts", [receipt("m-1", 0, time="2026-09-02T10:10:01Z")])
    count(client)
    assert told(client, "delivered, failed, delivery_earliest") == [(0, 1, {700_000: 1})]


def test_p4_calls_are_counted_by_connection_and_quality(client: Client) -> None:
    values = [
        receipt("c-1", 1.0, service="voice", connect_ms=10_000, duration_ms=1_000, hd_ms=1_200),
        receipt("c-2", 1.0, service="voice", connect_ms=10_000.001, duration_ms=500),
        receipt("c-3", 1.0, "failed", service="voice", code_system="platform", code="internal_error"),
        receipt("c-4", 1.0, service="voice"),
    ]
    store(client, "carrier.receipts", values)
    count(client)
    columns = "connect_times, connect_failed, connect_untold, hd_us, call_us, call_untold_us"
    assert told(client, columns, "voice") == [({10_000: 1, 20_000: 1}, 1, 1, 1_000_000, 1_000_000, 500_000)]


def test_requests_and_messages_of_one_account_make_one_row(client: Client) -> None:
    store(client, "api.requests", [request("r-1", 5, region="north")])
    store(client, "carrier.receipts", [receipt("m-1", 1.0, operator=None, region="north"), receipt("m-2", 1.0)])
    count(client)
    rows = told(client, "account_id, operator, region, response_times, delivered")
    assert sorted(rows) == [("a", "", "north", {5: 1}, 1), ("a", "jazz", "", {}, 1)]  # type: ignore[call-overload]


def test_a_day_is_counted_again_only_after_a_late_record(client: Client) -> None:
    # 19:00 UTC is midnight in Karachi
    early, late = "2026-09-01T18:59:59Z", "2026-09-01T19:00:00Z"
    store(client, "api.requests", [request("r-1", 5, time=early), request("r-2", 5, time=late)])
    assert [count(client), count(client)] == [2, 0]
    store(client, "api.requests", [request("r-3", 7, time=late)])
    assert [count(client), count(client)] == [1, 0]
    assert told(client, "toString(day), response_times") == [("2026-09-01", {5: 1}), ("2026-09-02", {5: 1, 7: 1})]


def test_other_edges_count_every_day_again(client: Client) -> None:
    store(client, "api.requests", [request("r-1", 250)])
    count(client)
    finer = sorted({*EDGES, 250})
    days = uncounted_days(client, finer, ZONE, first=DAY, end=date(2026, 9, 3))
    count_days(client, finer, ZONE, days)
    assert (len(days), told(client, "response_times")) == (1, [({250: 1},)])


def test_a_month_is_read_by_service_and_operator(
    client: Client,
) -> None:
    store(client, "carrier.receipts", [receipt("m-1", 4.9), receipt("m-2", 5.001), receipt("m-3", 1.0, "accepted")])
    choice = policy_of_month("2026-09", policies())
    seen = choice.span.end_ms + choice.policy.pending_for_ms
    topics = [topic.name for topic in input_topics()]
    listed = [[topic, topic, 1, datetime.fromtimestamp(seen // 1000, UTC)] for topic in topics]
    client.insert("listings", listed, ["topic", "topic_id", "partitions", "listed_at"])

    def see(at_ms: int) -> None:
        at = datetime.fromtimestamp(at_ms // 1000, UTC)
        columns = ["topic", "topic_id", "partition", "stored_next", "evaluated_next", "frontier"]
        client.insert("frontiers", [[topic, topic, 0, 0, 0, at] for topic in topics], columns)

    see(seen - 1000)
    early = performance_of(client, choice, policies(), by="service", now_ms=seen)
    assert (early.complete, early.pending_messages) == (False, 1)
    see(seen)
    told = performance_of(client, choice, policies(), by="operator", now_ms=seen)
    assert (told.complete, told.pending_messages) == (True, 0)
    assert [(one.rule, one.of, one.within, one.counted, one.met) for one in told.guarantees] == [
        ("P2", "jazz", 1, 2, False),
        ("P3", "jazz", 2, 3, False),
    ]
