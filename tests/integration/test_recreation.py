"""A topic that was deleted and created again: what was stored of its earlier life counts, what was unread is lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from streams.kafka.block import Listing, Partition
from tests.integration.ledger_world import NEVER, Broker, running
from tests.unit.ingest.making import RECORDED_AT_MS, block, record

pytestmark = pytest.mark.engine

EARLIER = Partition(topic="api.requests", topic_id="earlier", number=0)
ANEW = Partition(topic="api.requests", topic_id="anew", number=0)


async def stored_and_left(client: Client, broker: Broker) -> None:
    """A worker stores a block of the earlier life, and is gone before its minutes are evaluated."""
    async with running(client, broker, NEVER) as ledger:
        await ledger.recover([EARLIER])
        await ledger.store(block("api.requests", [record("api.requests", status=500)], topic_id="earlier"))
        await ledger.release([EARLIER])


async def taken_over(client: Client, broker: Broker, *, times: int = 1) -> None:
    for _ in range(times):
        async with running(client, broker, NEVER) as ledger:
            await ledger.recover([ANEW])


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  the engine tells nobody
            await asyncio.sleep(0.02)


def asked(client: Client, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(query).result_rows]


def test_blocks_of_an_earlier_topic_are_evaluated_first(client: Client) -> None:
    broker = Broker(now_ms=RECORDED_AT_MS + 60_000)
    asyncio.run(stored_and_left(client, broker))
    assert asked(client, "SELECT * FROM minutes") == []

    asyncio.run(taken_over(client, broker))
    assert asked(client, "SELECT requests_platform FROM minutes FINAL") == [(1,)]
    assert asked(client, "SELECT state FROM blocks FINAL WHERE topic_id = 'earlier'") == [("evaluated",)]
    assert [row["requests_platform"] for row in broker.minutes] == [1]


def test_b3_what_was_unread_of_a_recreated_topic_is_lost(client: Client) -> None:
    broker = Broker(now_ms=RECORDED_AT_MS + 60_000)
    asyncio.run(stored_and_left(client, broker))
    asyncio.run(taken_over(client, broker, times=2))
    assert asked(
        client,
        "SELECT topic_id, first, next,"
        " toUnixTimestamp64Milli(first_recorded_at), toUnixTimestamp64Milli(last_recorded_at)"
        " FROM blocks FINAL WHERE state = 'lost'",
    ) == [("anew", 0, 0, RECORDED_AT_MS, RECORDED_AT_MS + 60_000)]


def test_a_topic_read_for_the_first_time_has_no_hole(client: Client) -> None:
    asyncio.run(taken_over(client, Broker()))
    assert asked(client, "SELECT * FROM blocks") == []


def test_b5_the_end_of_a_recreated_topic_is_its_own(client: Client) -> None:
    broker = Broker(now_ms=RECORDED_AT_MS + 60_000)
    broker.listed = [Listing(topic="api.requests", topic_id="anew", partitions=1, listed_at_ms=broker.now_ms)]

    async def reading_the_earlier() -> None:
        async with running(client, broker) as ledger:
            await ledger.recover([EARLIER])
            await until(lambda: asked(client, "SELECT topic_id FROM listings") == [("anew",)])

    asyncio.run(reading_the_earlier())
    assert asked(client, "SELECT topic_id, frontier FROM frontiers") == []


def test_b3_what_was_lost_before_a_block_survives_a_recreation(client: Client) -> None:
    broker = Broker(now_ms=RECORDED_AT_MS + 60_000)
    broker.listed = [Listing(topic="api.requests", topic_id="anew", partitions=1, listed_at_ms=broker.now_ms)]

    async def reading_the_earlier() -> None:
        async with running(client, broker, NEVER) as ledger:
            await ledger.recover([EARLIER])
            await ledger.store(block("api.requests", [record("api.requests")], first=10, topic_id="earlier"))
            await ledger.release([EARLIER])

    # The partition of that name begins at 0 again, and says nothing of what the earlier one has lost.
    asyncio.run(reading_the_earlier())
    assert asked(client, "SELECT topic_id, first, next FROM blocks FINAL WHERE state = 'lost'") == [("earlier", 0, 10)]
