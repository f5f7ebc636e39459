"""Workers with a fault put into the program on purpose: a harness that does not find it proves nothing.

    CHAOS_CONTROL=evaluation-forgotten python -c "from tests.chaos.controls import main; main()" worker

Nothing of this is in the product: it is changed here, in this process alone, before it starts.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from confluent_kafka import Consumer, TopicPartition

from streams.clickhouse.store import Store
from streams.core.failpoints import Failpoint, hit
from streams.core.settings import Settings
from streams.ingest import pipeline
from streams.ingest import recover as recovery
from streams.ingest import write as writing
from streams.ingest.blocks import BlockState
from streams.ingest.encode.encoded_block import BlockRow, EncodedBlock
from streams.ingest.progress import PartitionProgress, Prefix
from streams.ingest.recover import RecoveredPartition
from streams.kafka.block import Partition
from streams.kafka.connection import client_config


def commit_before_insert() -> None:
    """Offsets are committed before the records are stored, and reading goes on from what is committed."""
    plain_write, plain_restore = writing.BlockWriter.write, recovery.recover

    async def write(self: writing.BlockWriter, batch: Sequence[EncodedBlock]) -> list[BlockRow]:
        await self._committer.commit({block.row.partition: block.row.next for block in batch})
        hit(Failpoint.COMMITTED)
        return await plain_write(self, batch)

    async def recover(store: Store, partitions: Collection[Partition]) -> dict[Partition, RecoveredPartition]:
        known = await plain_restore(store, partitions)
        committed = await asyncio.to_thread(_committed, partitions)
        return {
            partition: replace(one, progress=_from(committed.get(partition, 0), one.progress))
            for partition, one in known.items()
        }

    writing.BlockWriter.write = write  # type: ignore[method-assign]
    pipeline.recover = recover  # type: ignore[attr-defined]


def blocks_before_records() -> None:
    """The row of `blocks` that proves a block is written before its records."""

    async def write(self: writing.BlockWriter, batch: Sequence[EncodedBlock]) -> list[BlockRow]:
        await self._outputs.publish_dead_letters([dead_letter for block in batch for dead_letter in block.dead_letters])
        rows = [row for block in batch for row in await self._with_hole(block.row)]
        await self._partitions.record(self._store, rows)
        hit(Failpoint.BLOCKS_INSERTED)
        for name, merged in writing._merged(batch).items():
            await self._store.insert(name, merged)
        await self._committer.commit({block.row.partition: block.row.next for block in batch})
        return [row for row, state in rows if state is BlockState.STORED]

    writing.BlockWriter.write = write  # type: ignore[method-assign]


def forget_evaluation() -> None:
    """What was stored and not yet evaluated when a worker died is taken for done."""
    plain_restore = recovery.recover

    async def recover(store: Store, partitions: Collection[Partition]) -> dict[Partition, RecoveredPartition]:
        known = await plain_restore(store, partitions)
        return {
            partition: replace(one, pending=[], progress=_from(one.progress.stored.next, one.progress))
            for partition, one in known.items()
        }

    pipeline.recover = recover  # type: ignore[attr-defined]


CONTROLS: Final[dict[str, tuple[Callable[[], None], Failpoint]]] = {
    "commit-before-insert": (commit_before_insert, Failpoint.COMMITTED),
    "blocks-before-records": (blocks_before_records, Failpoint.BLOCKS_INSERTED),
    "evaluation-forgotten": (forget_evaluation, Failpoint.COMMITTED),
}
"""Each fault, and the place at which a worker that has it must die to do harm."""


def main() -> None:
    """`zecto-sla`, with the fault that `CHAOS_CONTROL` names."""
    from streams.cli import main as plain_main  # noqa: PLC0415  what it imports must be changed before

    put_in, _ = CONTROLS[os.environ["CHAOS_CONTROL"]]
    put_in()
    plain_main()


def _from(position: int, progress: PartitionProgress) -> PartitionProgress:
    """The same progress, if all before a position were done."""
    at = max(position, progress.stored.next)
    last_ms = progress.stored.last_recorded_at_ms
    return PartitionProgress(
        stored=Prefix(next=at, last_recorded_at_ms=last_ms), evaluated=Prefix(next=at, last_recorded_at_ms=last_ms)
    )


def _committed(partitions: Collection[Partition]) -> dict[Partition, int]:
    settings = Settings()
    consumer = Consumer({**client_config(settings), "group.id": settings.kafka_group, "enable.auto.commit": False})
    by_place = {(partition.topic, partition.number): partition for partition in partitions}
    told = consumer.committed([TopicPartition(*place) for place in by_place], timeout=10)
    consumer.close()
    return {by_place[place.topic, place.partition]: max(0, place.offset) for place in told}
