"""The ledger on the real engine with a broker of a few lines: offsets and clock are what the test says they are."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from clickhouse_connect.driver.client import Client

from streams.clickhouse.store import Store
from streams.ingest.evaluate import Rhythm
from streams.ingest.outcome_rules import outcome_rules
from streams.ingest.pipeline import Pipeline, PipelineDependencies
from streams.ingest.ports import RejectedRecord
from streams.kafka.block import Block, Listing, Partition
from tests.unit.ingest.making import block

AT_ONCE = Rhythm(caught_up_ms=0, backlog_ms=0)
NEVER = Rhythm(caught_up_ms=10**9, backlog_ms=10**9)
TOPIC_ID = "t-id"


def partition(topic: str = "api.requests", number: int = 0) -> Partition:
    return Partition(topic=topic, topic_id=TOPIC_ID, number=number)


@dataclass(slots=True)
class Broker:
    """Outputs, Committer and Positions in one; `raises` makes a call of that name fail."""

    now_ms: int = 1_788_265_000_000
    starts: dict[Partition, int] = field(default_factory=dict)
    ends: dict[Partition, int] = field(default_factory=dict)
    positions: dict[Partition, int] = field(default_factory=dict)
    commits: dict[Partition, int] = field(default_factory=dict)
    free: dict[Partition, int] = field(default_factory=dict)
    held_bytes: int = 0
    dead_letters: list[RejectedRecord] = field(default_factory=list)
    minutes: list[Mapping[str, object]] = field(default_factory=list)
    listed: list[Listing] = field(default_factory=list)
    raises: dict[str, Exception] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def _pass(self, name: str) -> None:
        self.order.append(name)
        if name in self.raises:
            raise self.raises[name]

    async def publish_dead_letters(self, dead_letters: Sequence[RejectedRecord]) -> None:
        self._pass("publish_letters")
        self.dead_letters += dead_letters

    async def publish_minutes(self, rows: Sequence[Mapping[str, object]]) -> None:
        self._pass("publish_minutes")
        self.minutes += rows

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        self._pass("commit")
        self.commits |= positions

    def decoded(self, partition: Partition, next_offset: int, held_bytes: int) -> None:
        self.free[partition] = next_offset
        self.held_bytes += held_bytes

    def position(self, partition: Partition) -> int | None:
        return self.positions.get(partition)

    async def start_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return {partition: self.starts.get(partition, 0) for partition in partitions}

    async def end_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return {partition: self.ends.get(partition, 0) for partition in partitions}

    async def listings(self, topics: Collection[str]) -> Sequence[Listing]:
        return [listing for listing in self.listed if listing.topic in topics]


def dependencies(client: Client, broker: Broker, rhythm: Rhythm = AT_ONCE) -> PipelineDependencies:
    return PipelineDependencies(
        store=Store(client),
        outcome_rules=outcome_rules(),
        topics=["api.requests"],
        outputs=broker,
        committer=broker,
        positions=broker,
        decoded=broker.decoded,
        now_ms=lambda: broker.now_ms,
        rhythm=rhythm,
    )


@asynccontextmanager
async def running(client: Client, broker: Broker, rhythm: Rhythm = AT_ONCE) -> AsyncIterator[Pipeline]:
    """A ledger at work, which is cut off at the end as by a crash: what it owes stays owed."""
    ledger = Pipeline(dependencies(client, broker, rhythm))
    task = asyncio.create_task(ledger.run())
    try:
        yield ledger
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


async def feed(ledger: Pipeline, broker: Broker, blocks: Sequence[Block]) -> None:
    """Assign the partitions of the blocks, hand them over and wait until they are stored."""
    partitions = {_of(block) for block in blocks}
    await ledger.recover(partitions)
    for one in blocks:
        broker.positions[_of(one)] = broker.ends[_of(one)] = one.next
        await ledger.store(one)
    await ledger.release(partitions)


async def digest(client: Client, blocks: Sequence[Block], broker: Broker | None = None) -> Broker:
    """A whole life: assign, store, evaluate, close."""
    broker = broker or Broker()
    ledger = Pipeline(dependencies(client, broker))
    task = asyncio.create_task(ledger.run())
    await feed(ledger, broker, blocks)
    await ledger.close()
    await task
    return broker


def in_blocks(topic: str, values: Sequence[bytes | None], sizes: Sequence[int]) -> list[Block]:
    """The values cut into blocks of the given sizes, the rest in one."""
    blocks = []
    first = 0
    for size in [*sizes, len(values)]:
        part = values[first : first + size]
        if part:
            blocks.append(block(topic, part, first=first, topic_id=TOPIC_ID))
        first += size
    return blocks


def _of(block: Block) -> Partition:
    return block.source
