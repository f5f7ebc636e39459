"""What a block has become when its records are columns: tables to insert, and the row of `blocks` that proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.violations import InvalidRecord
from streams.core.waits import RecordPlace
from streams.ingest.encode import dead_letters
from streams.ingest.ports import RejectedRecord
from streams.kafka.block import Block, Partition


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

    @property
    def first_record(self) -> RecordPlace:
        """Where the block begins."""
        return RecordPlace(self.partition.topic, self.partition.number, self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBlock:
    """A block as columns, ready to be stored: rows by table name, records to set aside, and its row of `blocks`."""

    row: BlockRow
    tables: Mapping[str, pa.Table]
    dead_letters: Sequence[RejectedRecord] = ()


def encoded_block(
    block: Block,
    tables: Mapping[str, pa.Table],
    refused: Mapping[int, InvalidRecord],
    *,
    ahead_of_clock: int,
    digest: int,
    touched: Touched = NOTHING_TOUCHED,
) -> EncodedBlock:
    """The block whose records became these tables, but for those that were refused: they are dead letters.

    `ahead_of_clock` is how many records speak of more than five minutes after the broker took them; `digest` is the sum
    of the hashes of all records, modulo 2^64.
    """
    row = BlockRow(
        partition=block.source,
        first=block.first,
        next=block.next,
        records=len(block.values),
        dead_letters=len(refused),
        ahead_of_clock=ahead_of_clock,
        digest=digest,
        first_recorded_at_ms=block.timestamps_ms[0] if block.timestamps_ms else 0,
        last_recorded_at_ms=block.timestamps_ms[-1] if block.timestamps_ms else 0,
        touched=touched,
    )
    dead_letters_table, rejected = dead_letters.describe_dead_letters(block, refused)
    filled = {name: table for name, table in {**tables, dead_letters.TABLE: dead_letters_table}.items() if len(table)}
    return EncodedBlock(row=row, tables=filled, dead_letters=rejected)
