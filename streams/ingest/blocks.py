"""The table `blocks`, and what it says of each partition that is ours: how far it is stored and evaluated.

In memory too: restored from ClickHouse whenever a partition is assigned.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streams.clickhouse.store import Store
from streams.ingest.encode.encoded_block import BlockRow
from streams.ingest.progress import NEVER_READ_MS, PartitionProgress, ReadSpan
from streams.kafka.block import Partition


class BlockState(StrEnum):
    """The state of a row of `blocks`; later ones win."""

    STORED = "stored"
    EVALUATED = "evaluated"
    LOST = "lost"


STATE_NUMBERS = {BlockState.STORED: 1, BlockState.EVALUATED: 2, BlockState.LOST: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A row of `frontiers`."""

    partition: Partition
    stored_next: int
    evaluated_next: int
    frontier_ms: int


class Partitions:
    """Writes rows of `blocks`, and keeps the progress of each partition that is ours; of others it says nothing."""

    def __init__(self) -> None:
        self._progress: dict[Partition, PartitionProgress] = {}
        self._open: defaultdict[Partition, set[tuple[int, int]]] = defaultdict(set)

    def take(self, restored: Mapping[Partition, PartitionProgress]) -> None:
        """Begin with partitions as ClickHouse knows them."""
        self._progress |= restored

    def drop(self, partitions: Iterable[Partition]) -> None:
        """End with partitions; their blocks under way may still be stored and evaluated."""
        for partition in partitions:
            self._progress.pop(partition, None)

    def progress(self, partition: Partition) -> PartitionProgress | None:
        """How far a partition is; None when it is not ours."""
        return self._progress.get(partition)

    @property
    def ours(self) -> Collection[Partition]:
        """The partitions that are ours."""
        return self._progress.keys()

    def accepted(self, partition: Partition, first: int, following: int) -> None:
        """A block was taken on: until it is evaluated, nothing is claimed of its partition beyond the last record."""
        self._open[partition].add((first, following))

    async def record(self, store: Store, rows: Sequence[tuple[BlockRow, BlockState]]) -> None:
        """Insert rows of `blocks`, and note what they say: blocks stored or evaluated, holes lost."""
        await store.insert("blocks", blocks_table(rows))
        for row, state in rows:
            self.note(row, state)

    def note(self, row: BlockRow, state: BlockState) -> None:
        """A block, or a hole, now has its row in `blocks`; one that is evaluated has its minutes published too.

        Nothing of a hole will ever be read, so nothing of it is pending. What holds no record claims nothing: a hole
        may end at the clock of whoever met it, and begin in an earlier incarnation of the topic, both later than
        records that are still unread behind it.
        """
        if state is BlockState.EVALUATED:
            self._open[row.partition].discard((row.first, row.next))
        progress = self._progress.get(row.partition)
        if progress is None:
            return
        span = ReadSpan(
            first=row.first,
            next=row.next,
            last_recorded_at_ms=row.last_recorded_at_ms if row.records else NEVER_READ_MS,
        )
        progress.stored.add(span)
        if state is not BlockState.STORED:
            progress.evaluated.add(span)

    def stuck(self, at_end: Collection[Partition], ends: Mapping[Partition, int]) -> list[Partition]:
        """Partitions whose reader stands at the end with nothing under way, and which are yet not all stored."""
        return [
            partition
            for partition, progress in self._progress.items()
            if partition in at_end and not self._open[partition] and progress.stored.next < ends[partition]
        ]

    def reached(self, ends: Mapping[Partition, int], at_end: Collection[Partition], asked_at_ms: int) -> list[Reached]:
        """What may be written to `frontiers` of the partitions whose end the broker told (B5).

        The clock is claimed only where the reader stands at the end, and all that it was handed is evaluated.
        """
        return [
            Reached(
                partition=partition,
                stored_next=progress.stored.next,
                evaluated_next=progress.evaluated.next,
                frontier_ms=progress.may_claim_ms(
                    at_end=partition in at_end and not self._open[partition], end=end, asked_at_ms=asked_at_ms
                ),
            )
            for partition, end in ends.items()
            if (progress := self._progress.get(partition)) is not None
        ]


def blocks_table(rows: Sequence[tuple[BlockRow, BlockState]]) -> pa.Table:
    """Rows of `blocks` in the shapes that ClickHouse casts: Enum8 from int8, DateTime from uint32 seconds."""
    blocks = [row for row, _ in rows]
    return pa.table(
        {
            "topic": pa.array([row.partition.topic for row in blocks], pa.string()),
            "topic_id": pa.array([row.partition.topic_id for row in blocks], pa.string()),
            "partition": pa.array([row.partition.number for row in blocks], pa.uint32()),
            "first": pa.array([row.first for row in blocks], pa.uint64()),
            "next": pa.array([row.next for row in blocks], pa.uint64()),
            "state": pa.array([STATE_NUMBERS[state] for _, state in rows], pa.int8()),
            "records": pa.array([row.records for row in blocks], pa.uint32()),
            "dead_letters": pa.array([row.dead_letters for row in blocks], pa.uint32()),
            "ahead_of_clock": pa.array([row.ahead_of_clock for row in blocks], pa.uint32()),
            "digest": pa.array([row.digest for row in blocks], pa.uint64()),
            "first_recorded_at": pa.array([row.first_recorded_at_ms for row in blocks], pa.timestamp("ms", "UTC")),
            "last_recorded_at": pa.array([row.last_recorded_at_ms for row in blocks], pa.timestamp("ms", "UTC")),
            "touched_service": _lists([row.touched.services for row in blocks], pa.int8()),
            "touched_minute": _lists([row.touched.minutes for row in blocks], pa.uint32()),
        }
    )


def _lists(arrays: Sequence[npt.NDArray[np.generic]], type_: pa.DataType) -> pa.ListArray:
    offsets = np.cumsum([0, *(len(array) for array in arrays)], dtype=np.int32)
    values = np.concatenate(arrays) if arrays else np.empty(0)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, type_))
