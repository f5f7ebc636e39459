"""The frontier, stored once a second (B5): after the minutes that it covers, with the clock read before."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

import pyarrow as pa
import structlog

from streams.clickhouse.store import Store
from streams.core.errors import Code, ZectoError
from streams.core.failpoints import Failpoint, hit
from streams.core.waits import Waits
from streams.ingest.blocks import Partitions, Reached
from streams.ingest.encode.arrays import RECORDED_AT
from streams.ingest.ports import Positions
from streams.kafka.block import Listing, Partition

_EVERY_S: Final = 1.0
_WHAT: Final = "frontier"

_log = structlog.get_logger("frontier")


class LoseSilence(Protocol):
    """How a hole that nothing follows is recorded (`BlockWriter.lose_silence`)."""

    async def __call__(self, partition: Partition, *, start: int, end: int, asked_at_ms: int) -> None:
        """Record it if there is one: the partition keeps [start, end), and nothing is there."""


class Frontier:
    """Asks the broker where its partitions end and which there are, and writes what may be claimed."""

    def __init__(
        self,
        *,
        store: Store,
        positions: Positions,
        partitions: Partitions,
        lose_silence: LoseSilence,
        topics: Collection[str],
        now_ms: Callable[[], int],
        waits: Waits,
    ) -> None:
        """`topics` are the input topics; `now_ms` reads the clock; `waits` is told what is asked in vain."""
        self._store = store
        self._positions = positions
        self._partitions = partitions
        self._lose_silence = lose_silence
        self._topics = topics
        self._now_ms = now_ms
        self._waits = waits

    async def run(self) -> None:
        """Write once a second until cancelled; a broker that does not answer just leaves the frontier where it is."""
        away = is_away = False
        while True:
            try:
                await self.write()
            except ZectoError as error:
                self._waits.failed(_WHAT, error)
                if not away:
                    is_away = error.code is Code.BROKER_UNREACHABLE
                    said = "waiting for the broker" if is_away else "the frontier cannot be written, trying again"
                    _log.warning(said, error=str(error), code=error.code.value)
                away = True
            else:
                self._waits.ended(_WHAT)
                if away:
                    _log.info("the broker is back" if is_away else "the frontier is written again")
                away = False
            await asyncio.sleep(_EVERY_S)

    async def write(self) -> None:
        """One look at the broker, and the rows of `frontiers` and `listings` that follow from it."""
        ours = list(self._partitions.ours)
        asked_at_ms = self._now_ms()
        found = await self._positions.end_offsets(ours) if ours else {}
        listings = await self._positions.listings(self._topics)
        # The broker gives ends by a topic's name: if it was created anew meanwhile, they are of other partitions.
        topic_ids = {listing.topic: listing.topic_id for listing in listings}
        ends = {one: end for one, end in found.items() if topic_ids.get(one.topic, one.topic_id) == one.topic_id}
        at_end = {partition for partition in ends if (self._positions.position(partition) or 0) >= ends[partition]}
        await self._find_holes_at_the_end(self._partitions.stuck(at_end, ends), ends, asked_at_ms)
        reached = self._partitions.reached(ends, at_end, asked_at_ms)
        hit(Failpoint.FRONTIER_ASKED)
        if reached:
            await self._store.insert("frontiers", frontiers_table(reached))
        if listings:
            await self._store.insert("listings", listings_table(listings))

    async def _find_holes_at_the_end(
        self, stuck: Collection[Partition], ends: Mapping[Partition, int], asked_at_ms: int
    ) -> None:
        """Read to the end, and yet not all stored: retention took what was there, and nothing came after."""
        if stuck:
            starts = await self._positions.start_offsets(stuck)
            for partition in stuck:
                await self._lose_silence(
                    partition, start=starts[partition], end=ends[partition], asked_at_ms=asked_at_ms
                )


def frontiers_table(rows: Sequence[Reached]) -> pa.Table:
    """Rows of `frontiers`."""
    return pa.table(
        {
            "topic": pa.array([row.partition.topic for row in rows], pa.string()),
            "topic_id": pa.array([row.partition.topic_id for row in rows], pa.string()),
            "partition": pa.array([row.partition.number for row in rows], pa.uint32()),
            "stored_next": pa.array([row.stored_next for row in rows], pa.uint64()),
            "evaluated_next": pa.array([row.evaluated_next for row in rows], pa.uint64()),
            "frontier": pa.array([row.frontier_ms for row in rows], RECORDED_AT),
        }
    )


def listings_table(rows: Sequence[Listing]) -> pa.Table:
    """Rows of `listings`."""
    return pa.table(
        {
            "topic": pa.array([row.topic for row in rows], pa.string()),
            "topic_id": pa.array([row.topic_id for row in rows], pa.string()),
            "partitions": pa.array([row.partitions for row in rows], pa.uint32()),
            "listed_at": pa.array([row.listed_at_ms for row in rows], RECORDED_AT),
        }
    )
