"""Decoded blocks, several at a time, into ClickHouse in the one order that loses nothing.

Dead letters (acknowledged), rows of the ledger and the facts, then the blocks rows that prove them, then the commit.
A crash between any two leaves work that is done again, and changes nothing when it is. Before offsets are recorded as
lost, rows of them that the ledger has already are counted: a worker may have crashed before it wrote its `blocks` row.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import structlog

from streams.clickhouse.store import Store
from streams.core.failpoints import Failpoint, hit
from streams.core.waits import concerning
from streams.ingest.blocks import BlockState, Partitions
from streams.ingest.encode.encoded_block import BlockRow, EncodedBlock
from streams.ingest.ports import Committer, Positions, Publisher
from streams.ingest.progress import NEVER_READ_MS
from streams.kafka.block import Partition

_log = structlog.get_logger("ledger")


@dataclass(slots=True, kw_only=True)
class Reading:
    """Where the next block of a partition should begin, and the broker timestamp of the last record before it."""

    expected: int
    last_read_at_ms: int = NEVER_READ_MS


class BlockWriter:
    """Stores batches of blocks; one batch at a time, so that holes are seen where they are."""

    def __init__(
        self,
        *,
        store: Store,
        outputs: Publisher,
        committer: Committer,
        positions: Positions,
        partitions: Partitions,
        count_hole: Callable[[int], Awaitable[None]],
        now_ms: Callable[[], int],
    ) -> None:
        """`count_hole` counts what stands in the ledger since a broker timestamp and of which no block tells."""
        self._store = store
        self._outputs = outputs
        self._committer = committer
        self._positions = positions
        self._partitions = partitions
        self._count_hole = count_hole
        self._now_ms = now_ms
        self._readings: dict[Partition, Reading] = {}

    def begin(self, partition: Partition, reading: Reading) -> None:
        """Take up a partition where ClickHouse says that it is stored to."""
        self._readings[partition] = reading

    async def write(self, batch: Sequence[EncodedBlock]) -> list[BlockRow]:
        """Store a batch; returns the rows whose minutes are now pending."""
        with concerning(batch[0].row.first_record if batch else None):
            return await self._write(batch)

    async def _write(self, batch: Sequence[EncodedBlock]) -> list[BlockRow]:
        await self._outputs.publish_dead_letters([dead_letter for block in batch for dead_letter in block.dead_letters])
        hit(Failpoint.DEAD_LETTERS_PUBLISHED)
        for name, rows in _merged(batch).items():
            await self._store.insert(name, rows)
        hit(Failpoint.LEDGER_INSERTED)
        rows = [row for block in batch for row in await self._with_hole(block.row)]
        await self._partitions.record(self._store, rows)
        hit(Failpoint.BLOCKS_INSERTED)
        await self._committer.commit({block.row.partition: block.row.next for block in batch})
        hit(Failpoint.COMMITTED)
        return [row for row, state in rows if state is BlockState.STORED]

    async def lose_earlier_incarnation(self, partition: Partition, *, read_to_ms: int) -> Reading:
        """Record that what was unread when a topic was created anew is lost: from there up to now (B3).

        The hole has no offsets of the new partition: [0, 0). Returns where its reading begins. Whoever calls says so:
        a worker warns of it, a restore does not, for no topic of a new stack is that of the archives.
        """
        await self._count_hole(read_to_ms)
        until_ms = max(self._now_ms(), read_to_ms)
        row = _hole(partition, Reading(expected=0, last_read_at_ms=read_to_ms), 0, last_recorded_at_ms=until_ms)
        await self._partitions.record(self._store, [(row, BlockState.LOST)])
        return Reading(expected=0, last_read_at_ms=read_to_ms)

    async def lose_silence(self, partition: Partition, *, start: int, end: int, asked_at_ms: int) -> None:
        """Record a hole that nothing follows: what retention took was the last there was, before the clock read."""
        reading = self._readings[partition]
        if reading.expected < start == end:
            await self._count_hole(reading.last_read_at_ms)
            row = _hole(partition, reading, start, last_recorded_at_ms=asked_at_ms)
            await self._partitions.record(self._store, [(row, BlockState.LOST)])
            self._readings[partition] = Reading(expected=start, last_read_at_ms=reading.last_read_at_ms)

    async def _with_hole(self, row: BlockRow) -> list[tuple[BlockRow, BlockState]]:
        """The block's row, after that of the hole before it if there is one."""
        rows: list[tuple[BlockRow, BlockState]] = []
        reading = self._readings.setdefault(row.partition, Reading(expected=row.first))
        if row.first > reading.expected:
            rows += await self._hole_before(row, reading)
        if not row.records:
            row = replace(
                row, first_recorded_at_ms=reading.last_read_at_ms, last_recorded_at_ms=reading.last_read_at_ms
            )
        if row.first <= reading.expected:
            reading.expected = max(reading.expected, row.next)
            reading.last_read_at_ms = max(reading.last_read_at_ms, row.last_recorded_at_ms)
        return [*rows, (row, BlockState.STORED if len(row.touched) else BlockState.EVALUATED)]

    async def _hole_before(self, row: BlockRow, reading: Reading) -> list[tuple[BlockRow, BlockState]]:
        # Only the broker can say that records are gone; a block from before a rebalance may just be ahead of its time.
        starts = await self._positions.start_offsets([row.partition])
        listings = await self._positions.listings([row.partition.topic])
        # It tells starts by a topic's name: of one created anew meanwhile all that was unread before the block is gone.
        is_kept = all(listing.topic_id == row.partition.topic_id for listing in listings)
        gone_to = min(starts[row.partition], row.first) if is_kept else row.first
        if gone_to <= reading.expected:
            return []
        await self._count_hole(reading.last_read_at_ms)
        after_ms = row.first_recorded_at_ms if row.records else self._now_ms()
        hole = _hole(row.partition, reading, gone_to, last_recorded_at_ms=after_ms)
        reading.expected = gone_to
        return [(hole, BlockState.LOST)]


def _hole(partition: Partition, reading: Reading, following: int, *, last_recorded_at_ms: int) -> BlockRow:
    if following > reading.expected:
        place = {"topic": partition.topic, "partition": partition.number}
        _log.warning("records lost unread", **place, first=reading.expected, next=following)
    return BlockRow(
        partition=partition,
        first=reading.expected,
        next=following,
        records=0,
        dead_letters=0,
        ahead_of_clock=0,
        digest=0,
        first_recorded_at_ms=reading.last_read_at_ms,
        last_recorded_at_ms=last_recorded_at_ms,
    )


def _merged(batch: Sequence[EncodedBlock]) -> dict[str, pa.Table]:
    tables: defaultdict[str, list[pa.Table]] = defaultdict(list)
    for block in batch:
        for name, rows in block.tables.items():
            tables[name].append(rows)
    return {name: pa.concat_tables(parts) for name, parts in tables.items()}
