"""A reader of blocks on the real broker: the transport and its agents, with a ledger that only remembers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Producer, TopicPartition

from streams.core.settings import Settings
from streams.ingest.app import WorkerApp, create_app
from streams.ingest.ports import Intake
from streams.kafka.admin import Admin
from streams.kafka.block import Block, Partition
from streams.kafka.consumer import ConsumerDependencies
from streams.kafka.positions import ReadPositions
from streams.kafka.runs import Tp

_PATIENCE_S = 30.0


@dataclass
class Memory(Intake):
    """An intake that keeps blocks in the order of arrival, and tells to start where it was told."""

    start: Mapping[Tp, int] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    held: list[set[Tp]] = field(default_factory=list)
    topic_ids: dict[str, str] = field(default_factory=dict)
    given_up: list[set[Tp]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def store(self, block: Block) -> None:
        await self.open.wait()
        self.blocks.append(block)

    async def assigned(self, partitions: Mapping[Tp, str]) -> Mapping[Tp, int]:
        self.held.append(set(partitions))
        self.topic_ids |= {topic: topic_id for (topic, _), topic_id in partitions.items()}
        return {tp: self.start.get(tp, 0) for tp in partitions}

    async def revoked(self, partitions: Iterable[Tp]) -> None:
        self.given_up.append(set(partitions))

    async def recover(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        raise NotImplementedError

    async def release(self, partitions: Collection[Partition]) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    def partition(self, topic: str, number: int = 0) -> Partition:
        """The partition of the topic's incarnation that was assigned last."""
        return Partition(topic=topic, topic_id=self.topic_ids.get(topic, ""), number=number)

    def of(self, topic: str, partition: int = 0) -> list[Block]:
        return [block for block in self.blocks if (block.topic, block.partition) == (topic, partition)]

    def end(self, topic: str, partition: int = 0) -> int:
        return max((block.next for block in self.of(topic, partition)), default=-1)


@asynccontextmanager
async def reading(settings: Settings, topics: Collection[str], memory: Memory) -> AsyncIterator[WorkerApp]:
    """An app that reads these topics into the memory while the block lasts."""
    admin = Admin(settings)
    dependencies = ConsumerDependencies(
        settings=settings, admin=admin, assignments=memory, positions=ReadPositions(admin)
    )
    app = create_app(settings, topics=topics, dependencies=dependencies, intake=memory)
    await app.start()
    try:
        yield app
    finally:
        memory.open.set()
        await app.stop()


async def until(done: Callable[[], bool], what: str) -> None:
    """Wait for something that happens on other threads and in the broker."""
    async with asyncio.timeout(_PATIENCE_S):
        while not done():  # noqa: ASYNC110  the broker rings no bell
            await asyncio.sleep(0.02)
    assert done(), what


def send(settings: Settings, topic: str, values: Iterable[bytes], *, partition: int = 0) -> None:
    """Produce values in batches of a few records each, in order even where a batch is retried: idempotently."""
    options = {"enable.idempotence": True, "batch.num.messages": 16, "linger.ms": 1}
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, **options})
    for value in values:
        producer.produce(topic, value, partition=partition)
    assert producer.flush(_PATIENCE_S) == 0


def send_transaction(settings: Settings, topic: str, values: Iterable[bytes], *, commit: bool) -> None:
    """Produce values in one transaction and end it."""
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "transactional.id": f"writer-of-{topic}"})
    producer.init_transactions(_PATIENCE_S)
    producer.begin_transaction()
    for value in values:
        producer.produce(topic, value, partition=0)
    producer.flush(_PATIENCE_S)
    if commit:
        producer.commit_transaction(_PATIENCE_S)
    else:
        producer.abort_transaction(_PATIENCE_S)


def committed(settings: Settings, topic: str, partition: int = 0) -> int | None:
    """The offset that the broker holds for the group; None: none."""
    asking = Consumer({"bootstrap.servers": settings.kafka_bootstrap, "group.id": settings.kafka_group})
    try:
        offset = asking.committed([TopicPartition(topic, partition)], timeout=_PATIENCE_S)[0].offset
    finally:
        asking.close()
    return int(offset) if offset >= 0 else None
