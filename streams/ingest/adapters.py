"""Between the ledger, which knows partitions of one incarnation of a topic, and the transport, which knows names."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence

import structlog

from streams.core import clock
from streams.ingest.ports import Intake, Listing, Partition
from streams.kafka.admin import Admin
from streams.kafka.consumer import BlockConsumer
from streams.kafka.runs import Tp

_log = structlog.get_logger("assignment")


class KafkaAdapter:
    """What the ledger asks of the transport: `Positions` and `Committer`. Attached to a consumer once there is one."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._consumer: BlockConsumer | None = None

    def attach(self, consumer: BlockConsumer) -> None:
        """Answer for this consumer from now on."""
        self._consumer = consumer

    def position(self, partition: Partition) -> int | None:
        """The consumer's position if every record before it was handed over in blocks; None when unassigned."""
        if self._consumer is None:
            return None
        return self._consumer.next_offset((partition.topic, partition.number), partition.topic_id)

    async def start_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Ask the broker, now, what is the first offset that each partition still keeps.

        Raises:
            ZectoError: no broker answers.
        """
        starts = await asyncio.to_thread(self._admin.start_offsets, {_tp(partition) for partition in partitions})
        return {partition: starts[_tp(partition)] for partition in partitions}

    async def end_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Ask the broker, now, where each partition ends: its high watermark, open transactions included.

        Raises:
            ZectoError: no broker answers.
        """
        ends = await asyncio.to_thread(self._admin.end_offsets, {_tp(partition) for partition in partitions})
        return {partition: ends[_tp(partition)] for partition in partitions}

    async def listings(self, topics: Collection[str]) -> Sequence[Listing]:
        """Ask the broker, now, which partitions each topic has; a topic that is gone is left out.

        Raises:
            ZectoError: no broker answers.
        """
        listed_at_ms = clock.now_ms()
        states = (await asyncio.to_thread(self._admin.describe, topics)).values()
        if self._consumer is not None:
            await self._consumer.notice(states)
        return [
            Listing(topic=state.name, topic_id=state.topic_id, partitions=state.partitions, listed_at_ms=listed_at_ms)
            for state in states
        ]

    def decoded(self, partition: Partition, next_offset: int, held_bytes: int) -> None:
        """Of the values of the block that ends at this offset only so many bytes are held until it is committed."""
        if self._consumer is not None and self._consumer.topic_id(partition.topic) == partition.topic_id:
            self._consumer.make_room(_tp(partition), next_offset, held_bytes)

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Commit the next offset to read of each partition; one that is no longer ours is skipped."""
        consumer = self._consumer
        if consumer is None:
            return
        ours = {
            _tp(partition): next_offset
            for partition, next_offset in positions.items()
            if consumer.topic_id(partition.topic) == partition.topic_id
        }
        if ours:
            await consumer.commit_positions(ours)


class LedgerAdapter:
    """What the transport asks of the ledger: `Assignments`."""

    def __init__(self) -> None:
        self._intake: Intake | None = None
        self._held: dict[Tp, Partition] = {}

    def attach(self, intake: Intake) -> None:
        """Answer with this intake from now on."""
        self._intake = intake

    async def assigned(self, partitions: Mapping[Tp, str]) -> Mapping[Tp, int]:
        """Take partitions over; returns the end of what is stored of each without a gap.

        They may be revoked while this waits for ClickHouse: what went meanwhile is given up again.
        """
        assert self._intake is not None  # noqa: S101  wired before the app starts
        taken = {
            (topic, number): Partition(topic=topic, topic_id=topic_id, number=number)
            for (topic, number), topic_id in partitions.items()
        }
        self._held = dict(taken)
        positions = await self._intake.recover(taken.values())
        await self._intake.release([partition for tp, partition in taken.items() if tp not in self._held])
        _log.info("partitions assigned", partitions=" ".join(f"{topic}/{number}" for topic, number in sorted(taken)))
        return {tp: positions[partition] for tp, partition in taken.items()}

    async def revoked(self, partitions: Iterable[Tp]) -> None:
        """Wait until what was accepted of them is stored and committed."""
        assert self._intake is not None  # noqa: S101  wired before the app starts
        going = [self._held.pop(tp) for tp in set(partitions) & self._held.keys()]
        await self._intake.release(going)


def _tp(partition: Partition) -> Tp:
    return partition.topic, partition.number
