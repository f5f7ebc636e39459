"""Taking over a partition whose last reader is still at work on it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client

from streams.clickhouse.store import Store
from streams.ingest.blocks import BlockState, blocks_table
from streams.ingest.encode.encoded_block import BlockRow, Touched
from streams.ingest.evaluate import Rhythm
from streams.ingest.progress import ReadSpan
from streams.ingest.recover import RecoveredPartition, recover
from streams.kafka.block import Partition
from tests.integration.ledger_world import Broker, running

PARTITION = Partition(topic="api.requests", topic_id="one", number=3)


class WithAnotherReader(Store):
    """After each question the reader before us finishes one more block."""

    def __init__(self, client: Client, unfinished: list[BlockRow]) -> None:
        super().__init__(client)
        self._unfinished = unfinished

    async def rows(self, query: str, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        found = await super().rows(query, parameters)
        if self._unfinished:
            await self.insert("blocks", blocks_table([(self._unfinished.pop(), BlockState.EVALUATED)]))
        return found


@pytest.mark.engine
@pytest.mark.parametrize("meanwhile", [1, 2, 3])
def test_a_block_evaluated_meanwhile_is_pending_or_known_as_evaluated(client: Client, meanwhile: int) -> None:
    restored = asyncio.run(_taken_over(client, meanwhile))
    for block in restored.pending:
        restored.progress.evaluated.add(_span(block))
    assert restored.progress.evaluated.next == restored.progress.stored.next == 30


@pytest.mark.engine
def test_b5_what_holds_no_record_claims_nothing_when_taken_over(client: Client) -> None:
    since_an_earlier_incarnation = replace(
        _block(0), records=0, first_recorded_at_ms=1_790_000_009_000, last_recorded_at_ms=1_790_000_009_999
    )
    rows = [(since_an_earlier_incarnation, BlockState.LOST), (_block(10), BlockState.EVALUATED)]
    store = Store(client)

    async def taken_over() -> RecoveredPartition:
        await store.insert("blocks", blocks_table(rows))
        return (await recover(store, [PARTITION]))[PARTITION]

    evaluated = asyncio.run(taken_over()).progress.evaluated
    assert (evaluated.next, evaluated.last_recorded_at_ms) == (20, 1_790_000_000_019)


async def _taken_over(client: Client, meanwhile: int) -> RecoveredPartition:
    blocks = [_block(first) for first in (0, 10, 20)]
    await Store(client).insert("blocks", blocks_table([(block, BlockState.STORED) for block in blocks]))
    store = WithAnotherReader(client, blocks[:meanwhile])
    return (await recover(store, [PARTITION]))[PARTITION]


def _block(first: int) -> BlockRow:
    return BlockRow(
        partition=PARTITION,
        first=first,
        next=first + 10,
        records=10,
        dead_letters=0,
        ahead_of_clock=0,
        digest=first,
        first_recorded_at_ms=1_790_000_000_000 + first,
        last_recorded_at_ms=1_790_000_000_000 + first + 9,
        touched=Touched(services=np.array([1], np.int8), minutes=np.array([1_790_000_040], np.uint32)),
    )


def _span(block: BlockRow) -> ReadSpan:
    return ReadSpan(first=block.first, next=block.next, last_recorded_at_ms=block.last_recorded_at_ms)


@pytest.mark.engine
@pytest.mark.parametrize("late", [PARTITION, Partition(topic="api.requests", topic_id="earlier", number=0)])
def test_a_dead_workers_block_that_arrives_after_recovery_is_evaluated(client: Client, late: Partition) -> None:
    row = replace(_block(0), partition=late)

    async def scenario() -> None:
        async with running(client, Broker(), Rhythm(caught_up_ms=0, backlog_ms=0, look_again_ms=50)) as ledger:
            await ledger.recover([PARTITION])
            await Store(client).insert("blocks", blocks_table([(row, BlockState.STORED)]))
            async with asyncio.timeout(10):
                while client.query("SELECT state FROM blocks FINAL").result_rows != [("evaluated",)]:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)

    asyncio.run(scenario())
