"""What ClickHouse knows of partitions newly assigned: how far they are stored and evaluated, and what is pending."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from streams.clickhouse.store import Store
from streams.ingest.blocks import BlockState
from streams.ingest.encode.encoded_block import BlockRow, Touched
from streams.ingest.progress import NEVER_READ_MS, PartitionProgress, Prefix, ReadSpan
from streams.kafka.block import Partition

# A checkpoint spares walking the blocks from the beginning; everything that it says follows from them.
_CHECKPOINTS: Final = """
SELECT
    topic_id, partition,
    max(stored_next) AS stored_next, max(evaluated_next) AS evaluated_next,
    toUnixTimestamp64Milli(max(frontier)) AS frontier_ms
FROM frontiers
WHERE (topic_id, partition) IN {partitions:Array(Tuple(String, UInt32))}
GROUP BY topic_id, partition
"""

PENDING_COLUMNS: Final = """
    first, next, state, records, dead_letters, ahead_of_clock, digest,
    toUnixTimestamp64Milli(first_recorded_at) AS first_recorded_at_ms,
    toUnixTimestamp64Milli(last_recorded_at) AS last_recorded_at_ms,
    if(state = 'stored', arrayMap(service -> toInt8(service), touched_service), []) AS services,
    if(state = 'stored', arrayMap(minute -> toUInt32(minute), touched_minute), []) AS minutes
"""
"""What `pending_block` needs of a row of `blocks`."""

# One look, not two: a block that its last reader evaluates meanwhile is either pending here or known to be evaluated,
# never neither. What a block touched is only read where it is pending.
_BLOCKS: Final = f"""
SELECT {PENDING_COLUMNS}
FROM blocks FINAL
WHERE topic_id = {{topic_id:String}} AND partition = {{partition:UInt32}}
    AND (next >= {{evaluated_next:UInt64}} OR state = 'stored')
ORDER BY first, next
"""  # noqa: S608  a constant


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredPartition:
    """A partition as ClickHouse knows it. `last_read_at_ms`: broker timestamp of the last record stored.

    `is_new`: nothing of it was ever stored.
    """

    progress: PartitionProgress
    last_read_at_ms: int
    pending: Sequence[BlockRow]
    is_new: bool


async def recover(store: Store, partitions: Collection[Partition]) -> dict[Partition, RecoveredPartition]:
    """Read back each partition's progress and its pending blocks.

    On replicas, sync the replica first: a `blocks` row that is not here yet is only read again.
    """
    keys = [(partition.topic_id, partition.number) for partition in partitions]
    checkpoints = {
        (row["topic_id"], row["partition"]): row for row in await store.rows(_CHECKPOINTS, {"partitions": keys})
    }
    return {
        partition: await _recovered(store, partition, checkpoints.get((partition.topic_id, partition.number), {}))
        for partition in partitions
    }


async def _recovered(store: Store, partition: Partition, checkpoint: Mapping[str, Any]) -> RecoveredPartition:
    key = {"topic_id": partition.topic_id, "partition": partition.number}
    frontier_ms = checkpoint.get("frontier_ms", NEVER_READ_MS)
    evaluated_next = checkpoint.get("evaluated_next", 0)
    blocks = await store.rows(_BLOCKS, key | {"evaluated_next": evaluated_next})
    # A frontier says that nothing older is unread, so it stands for the last record before the checkpoint.
    stored = Prefix(next=checkpoint.get("stored_next", 0), last_recorded_at_ms=frontier_ms)
    evaluated = Prefix(next=evaluated_next, last_recorded_at_ms=frontier_ms)
    for row in blocks:
        claimed_ms = row["last_recorded_at_ms"] if row["records"] else NEVER_READ_MS
        span = ReadSpan(first=row["first"], next=row["next"], last_recorded_at_ms=claimed_ms)
        stored.add(span)
        if row["state"] != BlockState.STORED:
            evaluated.add(span)
    read = [_read_to_ms(row) for row in blocks if row["next"] <= stored.next and row["last_recorded_at_ms"]]
    pending = [pending_block(partition, row) for row in blocks if row["state"] == BlockState.STORED]
    return RecoveredPartition(
        progress=PartitionProgress(stored=stored, evaluated=evaluated),
        last_read_at_ms=max(read, default=stored.last_recorded_at_ms),
        pending=pending,
        is_new=not blocks and not evaluated_next,
    )


def _read_to_ms(row: Mapping[str, Any]) -> int:
    """The broker timestamp of the last record read before the end of a block, or before a hole."""
    at_ms: int = row["first_recorded_at_ms" if row["state"] == BlockState.LOST else "last_recorded_at_ms"]
    return at_ms


def pending_block(partition: Partition, row: Mapping[str, Any]) -> BlockRow:
    """A block as it was stored, from its row of `blocks`."""
    return BlockRow(
        partition=partition,
        first=row["first"],
        next=row["next"],
        records=row["records"],
        dead_letters=row["dead_letters"],
        ahead_of_clock=row["ahead_of_clock"],
        digest=row["digest"],
        first_recorded_at_ms=row["first_recorded_at_ms"],
        last_recorded_at_ms=row["last_recorded_at_ms"],
        touched=Touched(
            services=np.array(row["services"], np.int8),
            minutes=np.array(row["minutes"], np.uint32),
        ),
    )
