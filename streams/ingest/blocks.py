"""What a block has become when its records are columns: tables to insert, and the row of `blocks` that proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streams.ingest.ports import Partition, RejectedRecord


class BlockState(StrEnum):
    """The state of a row of `blocks`; later ones win."""

    STORED = "stored"
    EVALUATED = "evaluated"
    LOST = "lost"


STATE_NUMBERS = {BlockState.STORED: 1, BlockState.EVALUATED: 2, BlockState.LOST: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The service-minutes that a block touched, distinct, in parallel: service numbers (int8), minutes (uint32 s)."""

    services: npt.NDArray[np.int8]
    minutes: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.minutes)


NOTHING_TOUCHED = Touched(services=np.empty(0, np.int8), minutes=np.empty(0, np.uint32))


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """One row of `blocks`, but for its state. Instants are broker timestamps in milliseconds."""

    partition: Partition
    first: int
    next: int
    records: int
    dead_letters: int
    ahead_of_clock: int
    digest: int
    first_recorded_at_ms: int
    last_recorded_at_ms: int
    touched: Touched = NOTHING_TOUCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBlock:
    """A block as columns, ready to be stored: rows by table name, records to set aside, and its row of `blocks`."""

    row: BlockRow
    tables: Mapping[str, pa.Table]
    dead_letters: Sequence[RejectedRecord] = ()


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
