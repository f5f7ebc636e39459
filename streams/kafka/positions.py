"""How far each assigned partition is handed over: what Faust's consumer and the ledger both need to know.

The consumer writes it as it reads; the ledger, which speaks of partitions of one incarnation of a topic, asks it where
its partitions stand, tells it what is decoded, and commits through it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import structlog
from aiokafka.errors import ConsumerStoppedError, KafkaError

from streams.core import clock
from streams.core.waits import RecordPlace
from streams.kafka.admin import Admin, TopicState
from streams.kafka.block import Block, Listing, Partition
from streams.kafka.runs import Run, Tp
from streams.kafka.thread import ConsumerThread

# Of all blocks handed over: the values not yet decoded, and those of dead letters not yet committed.
_IN_FLIGHT_BYTES = 12 * 1024 * 1024
_IN_FLIGHT_BLOCKS = 256
_NOTE_S = 5.0

_log = structlog.get_logger("transport")


class InFlight:
    """Blocks handed over and not yet settled: bounds how much of them is held, and so how far is read ahead."""

    def __init__(self, *, most_bytes: int = _IN_FLIGHT_BYTES, most_blocks: int = _IN_FLIGHT_BLOCKS) -> None:
        self._most_bytes = most_bytes
        self._most_blocks = most_blocks
        self._blocks: defaultdict[Tp, dict[int, int]] = defaultdict(dict)
        self._bytes = 0
        self._count = 0
        self.freed = asyncio.Event()

    @property
    def room_bytes(self) -> int:
        """How many bytes of values may still be handed over; at most 0 when it is full."""
        return self._most_bytes - self._bytes if self._count < self._most_blocks else 0

    def add(self, tp: Tp, next_offset: int, value_bytes: int) -> None:
        """Count a block that ends at `next_offset`."""
        blocks = self._blocks[tp]
        self._count += next_offset not in blocks
        self._bytes += value_bytes - blocks.get(next_offset, 0)
        blocks[next_offset] = value_bytes

    def shrink(self, tp: Tp, next_offset: int, value_bytes: int) -> None:
        """Of the block that ends at `next_offset` only so many bytes are still held; one that is forgotten stays so."""
        blocks = self._blocks.get(tp, {})
        if next_offset in blocks:
            self._bytes += value_bytes - blocks[next_offset]
            blocks[next_offset] = value_bytes
            self.freed.set()

    def settle(self, tp: Tp, next_offset: int) -> None:
        """Forget the blocks of a partition that end at or before `next_offset`."""
        blocks = self._blocks.get(tp, {})
        for end in [end for end in blocks if end <= next_offset]:
            self._bytes -= blocks.pop(end)
            self._count -= 1
        self.freed.set()

    def clear(self) -> None:
        """Forget all: what was handed over before a rebalance is read again after it, from where the ledger says."""
        self._blocks.clear()
        self._bytes = self._count = 0
        self.freed.set()


class ReadPositions:
    """`Positions` and `Committer` of the ledger (streams.ingest.ports), kept by the consumer that reads."""

    def __init__(self, admin: Admin) -> None:
        """`admin` is asked where partitions begin and end, and which there are."""
        self._admin = admin
        self._client: ConsumerThread | None = None
        self._next: dict[Tp, int] = {}
        self._topic_ids: dict[str, str] = {}
        self.in_flight = InFlight()

    # -- the consumer's side

    def attach(self, client: ConsumerThread) -> None:
        """Commit by this client from now on."""
        self._client = client

    def begin(self, positions: Mapping[Tp, int], topic_ids: Mapping[str, str]) -> None:
        """Read on from these positions, of topics with these ids."""
        self._next = dict(positions)
        self._topic_ids = dict(topic_ids)

    def end(self) -> None:
        """Nothing is read any more. What was read, of which topic, is still known: it may yet be stored."""
        self._next = {}

    def next_of(self, partitions: Collection[Tp]) -> dict[Tp, int]:
        """Where to read on, of those of the partitions that are read."""
        return {tp: self._next[tp] for tp in self._next.keys() & partitions}

    def read_positions(self) -> dict[Tp, int]:
        """Where to read on, of all that is read now."""
        return dict(self._next)

    def is_due(self, run: Run) -> bool | None:
        """Whether a run begins where its partition is to be read on; None when that is not read any more."""
        return run.first == self._next[run.tp] if run.tp in self._next else None

    def skip(self, tp: Tp) -> int:
        """Read no further here; returns where it should have gone on."""
        return self._next.pop(tp)

    def hand_over(self, run: Run) -> Block:
        """Count a run as handed over; returns it as a block of this incarnation of its topic."""
        topic, partition = run.tp
        self._next[run.tp] = run.next
        self.in_flight.add(run.tp, run.next, run.value_bytes)
        return Block(
            topic=topic,
            topic_id=self._topic_ids[topic],
            partition=partition,
            first=run.first,
            next=run.next,
            offsets=run.offsets,
            timestamps_ms=run.timestamps_ms,
            values=run.values,
            large=run.large,
        )

    # -- the ledger's side

    def position(self, partition: Partition) -> int | None:
        """The consumer's position if every record before it was handed over in blocks; None when unassigned."""
        return self._next.get(_tp(partition)) if self._is_of(partition) else None

    def decoded(self, partition: Partition, next_offset: int, held_bytes: int) -> None:
        """A block is columns now: count only so many bytes of it, those of its dead letters, until it is committed."""
        if self._is_of(partition):
            self.in_flight.shrink(_tp(partition), next_offset, held_bytes)

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Acknowledge that all before these positions is stored: makes room, and tells the broker, as a hint.

        A partition that is no longer ours is skipped.
        """
        ours = {_tp(partition): next_offset for partition, next_offset in positions.items() if self._is_of(partition)}
        for tp, position in ours.items():
            self.in_flight.settle(tp, position)
        if not ours or self._client is None:
            return
        try:
            await self._client.commit_positions(ours)
        except (KafkaError, ConsumerStoppedError) as error:
            _log.info("offsets not committed, which costs nothing", reason=repr(error))

    async def note(self, place: RecordPlace | None, text: str) -> None:
        """Keep a text beside the committed offset of a record's partition, as well as that is possible now."""
        if self._client is None:
            return
        try:
            async with asyncio.timeout(_NOTE_S):
                await self._client.note((place.topic, place.partition) if place else None, text)
        except (KafkaError, ConsumerStoppedError, TimeoutError) as error:
            _log.debug("nothing noted at the broker", reason=repr(error))

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
        await self._start_over_with_recreated(states)
        return [
            Listing(topic=state.name, topic_id=state.topic_id, partitions=state.partitions, listed_at_ms=listed_at_ms)
            for state in states
        ]

    async def _start_over_with_recreated(self, states: Iterable[TopicState]) -> None:
        for state in states:
            known = self._topic_ids.get(state.name)
            is_read = any(topic == state.name for topic, _ in self._next)
            if self._client is not None and is_read and known not in (None, state.topic_id):
                _log.warning("topic was created anew; starting over with it", topic=state.name)
                await self._client.rejoin()
                return

    def _is_of(self, partition: Partition) -> bool:
        """Whether the topic that is, or was last, read here is this incarnation of it."""
        return self._topic_ids.get(partition.topic) == partition.topic_id


def _tp(partition: Partition) -> Tp:
    return partition.topic, partition.number
