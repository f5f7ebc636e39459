"""The ledger on the real engine: rows as the tables want them, and the same minutes whatever happens on the way."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.ingest.pipeline import Pipeline
from streams.kafka.block import Listing
from streams.stack.engine_process import start_engine
from tests.integration.ledger_world import NEVER, TOPIC_ID, Broker, digest, feed, in_blocks, partition, running
from tests.unit.ingest.making import RECORDED_AT_MS, VALID, block, record

pytestmark = pytest.mark.engine

MINUTES = "SELECT * FROM minutes FINAL ORDER BY service, minute"


def rows(client: Client, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(query).result_rows]


def some_requests(count: int, seed: int = 7) -> list[bytes | None]:
    chosen = random.Random(seed)
    made: list[bytes | None] = []
    for number in range(count):
        made.append(
            record(
                "api.requests",
                request_id=f"r-{chosen.randrange(count // 2)}",
                time=f"2026-09-01T11:{chosen.randrange(50, 60)}:{chosen.randrange(60):02d}Z",
                service=chosen.choice(["sms", "voice"]),
                status=chosen.choice([200, 200, 200, 500, 429, 404]),
                revision=chosen.randrange(2),
                source=chosen.choice(["gw-1", "gw-2", None]),
            )
        )
        if number % 97 == 0:
            made.append(b"{")
    return made


@pytest.mark.parametrize("topic", VALID)
def test_a_record_of_every_topic_reaches_its_table(client: Client, topic: str) -> None:
    table = {"api.requests": "ledger_requests", "carrier.receipts": "ledger_receipts", "probes": "ledger_probes"}
    names = {"sla.declarations": "declarations", "telemetry.manifests": "manifests", "support.tickets": "tickets"}
    names |= {"whatsapp.templates": "templates", "sla.claims": "claims", "accounts": "accounts"}
    asyncio.run(digest(client, [block(topic, [record(topic), None, b"\xff"], topic_id=TOPIC_ID)]))

    found = client.query(f"SELECT * FROM {(table | names)[topic]}").first_row
    assert found is not None
    assert rows(client, "SELECT topic, reason, is_null FROM dead_letters ORDER BY offset") == [
        (topic, "null_value", True),
        (topic, "not_utf8", False),
    ]
    assert rows(client, "SELECT state, records, dead_letters FROM blocks FINAL") == [("evaluated", 3, 2)]


def test_what_a_record_says_is_what_its_row_says(client: Client) -> None:
    topics = {"accounts", "sla.declarations", "carrier.receipts", "sla.claims", "telemetry.manifests"}
    values = {topic: record(topic) for topic in topics}
    values["carrier.receipts"] = record("carrier.receipts", template=True, connect_ms=9, region="sindh", code="x")
    asyncio.run(digest(client, [block(topic, [value], topic_id=TOPIC_ID) for topic, value in values.items()]))

    assert rows(client, "SELECT fees, plan, toString(effective_from) FROM accounts") == [
        ({"sms": "1000.00", "platform": "50"}, "paid", "2025-12-31 19:00:00.000")
    ]
    assert rows(client, "SELECT services, toString(start), toString(end), retracted FROM declarations") == [
        (["sms", "voice"], "2026-09-02 21:00:00.000", "2026-09-02 22:00:00.000", False)
    ]
    assert rows(
        client,
        "SELECT service, toString(minute), submitted_ms, toString(time), state, outcome, template, connect_us, hd_us,"
        " region, message_id FROM ledger_receipts",
    ) == [
        (
            *("voice", "2026-09-01 11:58:00", 30_250, "2026-09-01 11:59:00.125", "delivered", "ok"),
            *(True, 9_000, None, "sindh", ""),
        )
    ]
    assert rows(client, "SELECT service, toString(`from`), evidence FROM claims") == [
        ("sms", "2026-09-01 10:00:00.000", [])
    ]
    assert rows(client, "SELECT topic, source, toString(minute), count FROM manifests") == [
        ("api.requests", "gw-1", "2026-09-01 11:59:00", 7)
    ]


def test_records_of_150_months_in_one_block_go_through(client: Client) -> None:
    months = [f"{2005 + month // 12}-{month % 12 + 1:02d}" for month in range(150)]
    values = [
        record("api.requests", time=f"{month}-15T00:00:00Z", request_id=f"{month}/{n}")
        for n in range(3)
        for month in months
    ]
    broker = asyncio.run(digest(client, [block("api.requests", values, topic_id=TOPIC_ID)]))

    assert rows(client, "SELECT count(), uniqExact(toYYYYMM(minute)) FROM ledger_requests") == [(450, 150)]
    assert rows(client, "SELECT count(), sum(requests_ok) FROM minutes FINAL") == [(150, 450)]
    assert len(broker.minutes) == 150


@pytest.mark.parametrize("seed", range(4))
def test_i2_reordered_repeated_and_regrouped_records_give_the_same_minutes(client: Client, seed: int) -> None:
    values = some_requests(600)
    asyncio.run(digest(client, in_blocks("api.requests", values, [])))
    once = rows(client, MINUTES)
    dead_letters = rows(client, "SELECT count() FROM dead_letters FINAL")
    assert rows(client, "SELECT sum(records) FROM minutes FINAL") == [(len(set(values) - {b"{"}),)]

    client.command("TRUNCATE TABLE ledger_requests")
    client.command("TRUNCATE TABLE minutes")
    client.command("TRUNCATE TABLE dead_letters")
    chosen = random.Random(seed)
    again = values * 2
    chosen.shuffle(again)
    sizes = [chosen.randrange(1, 200) for _ in range(6)]
    asyncio.run(digest(client, in_blocks("api.requests", again, sizes)))
    assert rows(client, MINUTES) == once
    assert rows(client, "SELECT count() FROM dead_letters FINAL") == dead_letters


def test_an_older_evaluation_that_lands_late_does_not_win(client: Client) -> None:
    values = some_requests(300)
    asyncio.run(digest(client, in_blocks("api.requests", values[:100], [])))
    client.command("CREATE TABLE older AS minutes")
    client.command("INSERT INTO older SELECT * FROM minutes FINAL")
    asyncio.run(digest(client, in_blocks("api.requests", values, [])))
    newest = rows(client, MINUTES)
    client.command("INSERT INTO minutes SELECT * FROM older")
    assert rows(client, MINUTES) == newest
    assert rows(client, "SELECT * FROM older ORDER BY service, minute") != newest


def test_letters_then_commit_then_minutes_and_never_otherwise(client: Client) -> None:
    broker = asyncio.run(digest(client, [block("api.requests", [b"{", record("api.requests")], topic_id=TOPIC_ID)]))
    assert broker.order == ["publish_letters", "commit", "publish_minutes"]
    assert broker.commits == {partition(): 2}
    assert [(dead_letter.value, dead_letter.reason, dead_letter.offset) for dead_letter in broker.dead_letters] == [
        (b"{", "not_json", 0)
    ]
    assert broker.held_bytes == len(b"{"), "a dead letter is held until it is published, and counts as read ahead"
    (row,) = broker.minutes
    assert (row["service"], row["requests_ok"], row["records"]) == ("sms", 1, 1)


@pytest.mark.parametrize("place", ["publish_letters", "commit", "publish_minutes"])
def test_what_a_crash_leaves_undone_the_next_one_does(client: Client, place: str) -> None:
    values = some_requests(200)
    blocks = in_blocks("api.requests", values, [80, 60])

    async def crash() -> None:
        broker = Broker(raises={place: ZectoError("crash")})
        async with running(client, broker) as ledger:
            with pytest.raises(ZectoError, match="crash"):
                await feed_and_close(ledger, broker)

    async def feed_and_close(ledger: Pipeline, broker: Broker) -> None:
        await feed(ledger, broker, blocks)
        await ledger.close()
        await ledger.store(blocks[0])

    async def recover() -> int:
        broker = Broker()
        async with running(client, broker) as ledger:
            start = (await ledger.recover([partition()]))[partition()]
            assert start in {0, 80, 140, len(values)}
            rest = (
                [block("api.requests", values[start:], first=start, topic_id=TOPIC_ID)] if start < len(values) else []
            )
            for one in rest:
                await ledger.store(one)
            await ledger.close()
        return start

    asyncio.run(crash())
    start = asyncio.run(recover())
    assert (start == 0) == (place == "publish_letters")
    assert rows(client, "SELECT DISTINCT state FROM blocks FINAL") == [("evaluated",)]
    survived = rows(client, MINUTES)
    for table in ("ledger_requests", "minutes", "blocks", "frontiers"):
        client.command(f"TRUNCATE TABLE {table}")
    asyncio.run(digest(client, blocks))
    assert rows(client, MINUTES) == survived


def test_reading_starts_at_the_end_of_the_gapless_prefix(client: Client) -> None:
    first, _, third = in_blocks("api.requests", some_requests(300), [100, 100])
    asyncio.run(digest(client, [first, third]))

    async def recovered() -> int:
        async with running(client, Broker()) as ledger:
            return (await ledger.recover([partition()]))[partition()]

    assert asyncio.run(recovered()) == 100
    assert rows(client, "SELECT count() FROM blocks FINAL WHERE state = 'lost'") == [(0,)]


def test_b3_offsets_that_retention_took_get_a_lost_row(client: Client) -> None:
    values = some_requests(300)
    before, _, after = in_blocks("api.requests", values, [100, 100])
    broker = Broker(starts={partition(): 200})
    asyncio.run(digest(client, [before, after], broker))
    assert rows(
        client,
        "SELECT first, next, toUnixTimestamp64Milli(first_recorded_at), toUnixTimestamp64Milli(last_recorded_at)"
        " FROM blocks FINAL WHERE state = 'lost'",
    ) == [(100, 200, RECORDED_AT_MS + 99, RECORDED_AT_MS + 200)]

    async def recovered() -> int:
        async with running(client, Broker()) as ledger:
            return (await ledger.recover([partition()]))[partition()]

    assert asyncio.run(recovered()) == after.next


def test_b3_a_hole_nothing_follows_ends_at_the_earlier_clock(client: Client) -> None:
    (before,) = in_blocks("api.requests", some_requests(50), [])

    async def scenario() -> None:
        broker = Broker()
        async with running(client, broker) as ledger:
            await feed(ledger, broker, [before])
            broker.starts[partition()] = broker.ends[partition()] = broker.positions[partition()] = 90
            await ledger.recover([partition()])
            await until(client, "SELECT count() FROM frontiers WHERE evaluated_next = 90")

    asyncio.run(scenario())
    assert rows(
        client,
        "SELECT first, next, toUnixTimestamp64Milli(first_recorded_at), toUnixTimestamp64Milli(last_recorded_at)"
        " FROM blocks FINAL WHERE state = 'lost'",
    ) == [(before.next, 90, before.timestamps_ms[-1], Broker().now_ms)]


def test_b5_the_clock_is_claimed_only_after_minutes_are_evaluated(client: Client) -> None:
    (only,) = in_blocks("api.requests", some_requests(50), [])
    reached = (
        "SELECT max(stored_next), max(evaluated_next), toUnixTimestamp64Milli(max(frontier)) FROM frontiers"
        " GROUP BY topic_id, partition"
    )

    async def scenario() -> None:
        broker = Broker(listed=[Listing(topic="api.requests", topic_id=TOPIC_ID, partitions=1, listed_at_ms=5_000)])
        async with running(client, broker, NEVER) as ledger:
            await ledger.recover([partition()])
            broker.ends[partition()] = broker.positions[partition()] = only.next
            await ledger.store(only)
            await until(client, f"SELECT count() FROM frontiers WHERE stored_next = {only.next}")
            assert rows(client, reached) == [(only.next, 0, 946_684_800_000)]
        async with running(client, broker) as ledger:
            await ledger.recover([partition()])
            await until(client, f"SELECT count() FROM frontiers WHERE evaluated_next = {only.next}")
            assert rows(client, reached) == [(only.next, only.next, broker.now_ms)]
            broker.ends[partition()] += 1  # a record more than was read: the clock stands still
            claimed_ms = broker.now_ms
            broker.now_ms += 60_000
            await asyncio.sleep(1.5)
            assert rows(client, reached) == [(only.next, only.next, claimed_ms)]

    asyncio.run(scenario())
    assert rows(client, "SELECT partitions, toUnixTimestamp64Milli(listed_at) FROM listings FINAL") == [(1, 5_000)]


def test_markers_without_records_leave_no_hole_and_lose_nothing(client: Client) -> None:
    values = some_requests(60)
    first = block("api.requests", values, topic_id=TOPIC_ID)
    markers = block("api.requests", [], first=first.next, topic_id=TOPIC_ID)
    markers = type(markers)(**{name: getattr(markers, name) for name in markers.__slots__} | {"next": first.next + 5})
    asyncio.run(digest(client, [first, markers]))
    assert rows(client, "SELECT first, next, state, records FROM blocks FINAL ORDER BY first") == [
        (0, first.next, "evaluated", len(values)),
        (first.next, first.next + 5, "evaluated", 0),
    ]
    assert rows(client, "SELECT max(evaluated_next) FROM blocks, frontiers") is not None


def test_what_waiting_cannot_cure_stops_the_worker_with_one_line(client: Client) -> None:
    client.command("DROP TABLE ledger_requests")

    async def scenario() -> None:
        broker = Broker()
        async with running(client, broker) as ledger:
            with pytest.raises(ZectoError, match="ClickHouse refuses") as raised:
                await feed(ledger, broker, [block("api.requests", [record("api.requests")], topic_id=TOPIC_ID)])
            assert "\n" not in str(raised.value)

    asyncio.run(scenario())


def test_while_the_engine_is_away_blocks_wait(tmp_path: Path) -> None:
    running_engine = start_engine(tmp_path / "clickhouse", log=tmp_path / "engine.log")
    port, password = running_engine.port, running_engine.password
    settings = Settings(kafka_bootstrap="127.0.0.1:1", clickhouse_url=running_engine.url, clickhouse_database="away")
    migrate_database(settings)
    values = some_requests(400)
    blocks = in_blocks("api.requests", values, [100, 100, 100])
    client = connect(settings)

    async def scenario() -> None:
        nonlocal running_engine
        broker = Broker()
        async with running(client, broker) as ledger:
            await feed(ledger, broker, blocks[:1])
            await asyncio.to_thread(running_engine.stop)
            storing = asyncio.create_task(feed_more(ledger))
            await asyncio.sleep(1)
            assert not storing.done()
            # What is decoded makes room for more to be read, though nothing can be stored.
            assert broker.free[partition()] > blocks[0].next
            # In this thread, for an engine ends with the thread that started it; the ledger's own threads go on.
            running_engine = start_engine(
                tmp_path / "clickhouse", log=tmp_path / "engine.log", port=port, password=password
            )
            await storing
            await ledger.close()

    async def feed_more(ledger: Pipeline) -> None:
        for one in blocks[1:]:
            await ledger.store(one)
        await ledger.release([partition()])

    try:
        asyncio.run(scenario())
        assert rows(client, "SELECT sum(records) FROM blocks FINAL WHERE state = 'evaluated'") == [(len(values),)]
        distinct = {value for value in values if value is not None and value != b"{"}
        assert rows(client, "SELECT sum(records) FROM minutes FINAL") == [(len(distinct),)]
        assert all(json.loads(value) for value in distinct)
    finally:
        client.close()
        running_engine.stop()


async def until(client: Client, query: str) -> None:
    """Wait until the count is not 0; the test run's own time limit ends it."""
    while (await asyncio.to_thread(rows, client, query))[0][0] == 0:  # noqa: ASYNC110  the engine cannot call back
        await asyncio.sleep(0.05)
