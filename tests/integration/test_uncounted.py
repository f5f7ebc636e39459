"""Records in the ledger of which no block tells: their worker died, the broker keeps them no more. They count (I2)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from streams.clickhouse.store import Store
from streams.ingest.encode import encode_block
from streams.ingest.evaluate import Rhythm
from streams.ingest.outcome_rules import outcome_rules
from streams.ingest.recount import count_uncounted
from streams.kafka.block import Block
from tests.integration.ledger_world import Broker, digest, feed, in_blocks, partition, running
from tests.unit.ingest.making import record

pytestmark = pytest.mark.engine


def _at(hour: int) -> datetime:
    return datetime(2026, 9, 1, hour, tzinfo=UTC)


def some_requests(count: int) -> list[bytes | None]:
    """One a minute, so that nothing but its own block touches it."""
    times = [f"2026-09-01T{11 + number // 60}:{number % 60:02d}:30Z" for number in range(count)]
    return [record("api.requests", request_id=f"r-{time}", time=time) for time in times]


def die_before_the_block_tells(client: Client, block: Block) -> None:
    for table, rows in encode_block(block, outcome_rules()).tables.items():
        client.insert_arrow(table, rows)


def counted(client: Client) -> int:
    return int(client.query("SELECT sum(requests_ok) FROM minutes FINAL").first_row[0])


def published(broker: Broker) -> int:
    return len({(row["service"], row["minute"]) for row in broker.minutes})


def lost(client: Client) -> list[Any]:
    return list(client.query("SELECT topic_id, first, next FROM blocks FINAL WHERE state = 'lost'").result_rows)


def test_before_a_hole_is_recorded_what_the_ledger_holds_counts(client: Client) -> None:
    before, taken, after = in_blocks("api.requests", some_requests(90), [30, 30])
    die_before_the_block_tells(client, taken)
    broker = asyncio.run(digest(client, [before, after], Broker(starts={partition(): after.first})))
    assert (counted(client), published(broker)) == (90, 90)
    assert lost(client) == [(taken.topic_id, taken.first, taken.next)]


def test_before_a_hole_that_nothing_follows(client: Client) -> None:
    before, taken = in_blocks("api.requests", some_requests(60), [30])
    die_before_the_block_tells(client, taken)

    async def scenario() -> None:
        broker = Broker()
        async with running(client, broker) as ledger:
            await feed(ledger, broker, [before])
            broker.starts[partition()] = broker.ends[partition()] = broker.positions[partition()] = taken.next
            await ledger.recover([partition()])
            async with asyncio.timeout(10):
                while not lost(client):  # noqa: ASYNC110  another process would wait so too
                    await asyncio.sleep(0.02)
            assert (counted(client), published(broker)) == (60, 60)

    asyncio.run(scenario())


def test_what_is_held_of_a_recreated_topic_counts(client: Client) -> None:
    before, taken = in_blocks("api.requests", some_requests(60), [30])
    asyncio.run(digest(client, [before]))
    die_before_the_block_tells(client, taken)
    anew = replace(partition(), topic_id="t-anew")

    async def recovered() -> None:
        async with running(client, Broker()) as ledger:
            await ledger.recover([anew])

    asyncio.run(recovered())
    assert counted(client) == 60
    assert lost(client) == [("t-anew", 0, 0)]


def test_a_late_insert_is_found_by_the_next_look(client: Client) -> None:
    before, taken, after = in_blocks("api.requests", some_requests(90), [30, 30])

    async def scenario() -> None:
        broker = Broker(starts={partition(): after.first})
        async with running(client, broker, Rhythm(caught_up_ms=0, backlog_ms=0, look_again_ms=4_000)) as ledger:
            await feed(ledger, broker, [before, after])
            assert lost(client)
            die_before_the_block_tells(client, taken)
            async with asyncio.timeout(10):
                while counted(client) < 90:  # noqa: ASYNC110  likewise
                    await asyncio.sleep(0.02)

    asyncio.run(scenario())


def test_who_closes_finds_what_nobody_has_within_the_month_once(client: Client) -> None:
    (taken,) = in_blocks("api.requests", some_requests(90), [])
    die_before_the_block_tells(client, taken)
    broker, store = Broker(), Store(client)

    def count(first: int, end: int) -> int:
        return asyncio.run(count_uncounted(store, broker, known_since_ms=0, first=_at(first), end=_at(end)))

    assert [count(11, 12), count(11, 12)] == [60, 0]
    assert (counted(client), published(broker)) == (60, 60)
    assert count(0, 23) == 30


def test_a_minute_is_looked_at_only_if_something_changed_since(client: Client) -> None:
    (taken,) = in_blocks("api.requests", some_requests(10), [])
    die_before_the_block_tells(client, taken)
    store = Store(client)
    after_all_ms = taken.timestamps_ms[-1] + 1
    assert asyncio.run(count_uncounted(store, Broker(), known_since_ms=after_all_ms)) == 0
    assert asyncio.run(count_uncounted(store, Broker(), known_since_ms=after_all_ms - 1)) == 1


def test_what_has_expired_is_not_counted_again(client: Client) -> None:
    (taken,) = in_blocks("api.requests", some_requests(10), [])
    die_before_the_block_tells(client, taken)
    client.insert("expirations", [[202609, True]], column_names=["month", "dropped"])
    assert asyncio.run(count_uncounted(Store(client), Broker(), known_since_ms=0)) == 0


class DeafBroker(Broker):
    """One that takes nothing more: the worker dies with what it wanted to say."""

    async def publish_minutes(self, rows: Sequence[Mapping[str, object]]) -> None:
        raise RuntimeError(f"{len(rows)} minutes are not taken")


def test_what_was_counted_but_unpublished_is_published_next_and_once(client: Client) -> None:
    (taken,) = in_blocks("api.requests", some_requests(10), [])
    die_before_the_block_tells(client, taken)
    with pytest.raises(RuntimeError, match="10 minutes are not taken"):
        asyncio.run(count_uncounted(Store(client), DeafBroker(), known_since_ms=0))
    assert counted(client) == 10
    broker, long_after_ms = Broker(), taken.timestamps_ms[-1] + 1
    assert asyncio.run(count_uncounted(Store(client), broker, known_since_ms=long_after_ms)) == 10
    assert (counted(client), published(broker)) == (10, 10)
    assert asyncio.run(count_uncounted(Store(client), broker, known_since_ms=0)) == 0
