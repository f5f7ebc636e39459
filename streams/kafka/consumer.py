"""The consumer behind the block transport: hands an agent one message per run of records of a partition.

Where reading starts and how far it is acknowledged are its own affair, by consumer positions: Faust's bookkeeping walks
single offsets, acknowledges in `finally`, and can commit past work that is not done (upstream #606, #316), so nothing
of it ever commits here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.core.waits import RecordPlace, Waits
from streams.kafka.admin import Admin
from streams.kafka.block import Block
from streams.kafka.positions import ReadPositions
from streams.kafka.runs import CorruptBatchError, Limit, Run, Tp
from streams.kafka.thread import ConsumerThread

# What a block holds at most, besides `block_records`.
_BLOCK_BYTES = 16 * 1024 * 1024
_RETRY_S = 1.0
_TIMESTAMP_APPEND = 1
_UNREADABLE = "batch"
_BROKER = "broker"

_log = structlog.get_logger("transport")


class Assignments(Protocol):
    """Who decides where reading starts, and is told when partitions go."""

    async def assigned(self, partitions: Mapping[Tp, str]) -> Mapping[Tp, int]:
        """Partitions now ours, with the id of their topic; returns the position from which to read each."""

    async def revoked(self, partitions: Iterable[Tp]) -> None:
        """Partitions about to go; the transport waits for this, but not for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerDependencies:
    """What the transport of an app is connected to."""

    settings: Settings
    admin: Admin
    assignments: Assignments
    positions: ReadPositions
    waits: Waits = field(default_factory=Waits)


class BlockConsumer(driver.Consumer):
    """One message per run of records; positions and commits by block."""

    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  Faust's own signature
        super().__init__(*args, **kwargs)
        self._dependencies: ConsumerDependencies = self.app.dependencies
        self._limit = Limit(records=self._dependencies.settings.block_records, value_bytes=_BLOCK_BYTES)
        self._positions = self._dependencies.positions
        self._positions.attach(self._thread)
        self._start = 0
        self._unreadable: set[RecordPlace] = set()

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # -- reading

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109  Faust's
        """The runs fetched, as messages: each at most a block's worth of one partition.

        Taken positions are not undone when a rebalance cuts this short: each is followed by an assignment, and that by
        a new start from what the ledger has.
        """
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        generation, start = self.app.consumer_generation_id, self._start
        expected = self._positions.next_of(self._get_active_partitions())
        room_bytes = self._positions.in_flight.room_bytes
        if not expected or room_bytes <= 0:
            await self._wait_for_room(timeout)
            return
        try:
            runs = await self._thread.take_runs(expected, self._limit, room_bytes, start=start, timeout_s=timeout)
        except CorruptBatchError as error:
            await self._wait_with_corrupt(error)
            return
        for run in runs:
            self._unreadable_is_read(run)
            if self.should_stop or not self.flow_active or self.app.consumer_generation_id != generation:
                return
            is_due = self._positions.is_due(run)
            if is_due is None:
                return
            if not is_due:
                await self._start_over(run)
                return
            yield TP(*run.tp), _message(self._positions.hand_over(run), generation)

    async def _wait_with_corrupt(self, error: CorruptBatchError) -> None:
        """Nobody can read it as it is now; another replica may have it whole, or somebody takes it away."""
        if error.place not in self._unreadable:
            _log.error("a batch cannot be read", record=str(error.place), error=error.message)
        self._unreadable.add(error.place)
        self._dependencies.waits.failed(_UNREADABLE, error, error.place)
        await asyncio.sleep(_RETRY_S)

    def _unreadable_is_read(self, run: Run) -> None:
        for place in [place for place in self._unreadable if (place.topic, place.partition) == run.tp]:
            self._unreadable.remove(place)
            self._dependencies.waits.ended(_UNREADABLE, place)

    async def _wait_for_room(self, timeout_s: float) -> None:
        freed = self._positions.in_flight.freed
        freed.clear()
        try:
            await asyncio.wait_for(freed.wait(), timeout_s)
        except TimeoutError:
            return

    async def _start_over(self, run: Run) -> None:
        """The client went elsewhere by itself: to the start of what is kept, when retention overtook it.

        Only where reading starts is it known what is lost, and only a block that follows the last one leaves no hole.
        """
        topic, partition = run.tp
        expected = self._positions.skip(run.tp)
        _log.warning("offsets skipped", topic=topic, partition=partition, expected=expected, found=run.first)
        await self._thread.rejoin()

    # -- where to start, when to stop

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Start each assigned partition where the ledger ends: Faust calls this once an assignment is settled."""
        generation = self.app.consumer_generation_id
        assigned = self.assignment()
        if not assigned:
            return {}
        states = await self._until_answered(self._dependencies.admin.describe, {tp.topic for tp in assigned})
        ids = {(tp.topic, tp.partition): states[tp.topic].topic_id for tp in assigned if tp.topic in states}
        wanted = await self._dependencies.assignments.assigned(ids)
        starts = await self._until_answered(self._dependencies.admin.start_offsets, ids.keys())
        ends = await self._until_answered(self._dependencies.admin.end_offsets, ids.keys())
        positions = {tp: _within(tp, wanted[tp], starts[tp], ends[tp]) for tp in ids}
        if self.app.consumer_generation_id != generation:
            return {}
        self._start = await self._thread.seek_all(positions)
        self._positions.begin(positions, {topic: topic_id for (topic, _), topic_id in ids.items()})
        return {TP(*tp): position for tp, position in positions.items()}

    async def _until_answered(self, ask: Callable[[Any], Any], argument: object) -> Any:  # noqa: ANN401  ask's own
        while True:
            try:
                found = await asyncio.to_thread(ask, argument)
            except ZectoError as error:
                self._dependencies.waits.failed(_BROKER, error)
                _log.warning("waiting for the broker", error=str(error), code=error.code.value)
                await asyncio.sleep(_RETRY_S)
            else:
                self._dependencies.waits.ended(_BROKER)
                return found

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stop handing over, then give what is in the ledger's hands the time to be stored and committed."""
        self._positions.end()
        await super().on_partitions_revoked(revoked)
        self._positions.in_flight.clear()
        if revoked:
            patience_s = self._dependencies.settings.kafka_session_timeout_s * 0.6
            try:
                await asyncio.wait_for(self._dependencies.assignments.revoked(revoked), patience_s)
            except TimeoutError:
                _log.warning("partitions go before their blocks are stored; the next reader reads them again")

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ANN401, ARG002
        """Nothing: Faust commits by what was acknowledged, blocks are committed by what was stored."""
        return False


def _within(tp: Tp, wanted: int, start: int, end: int) -> int:
    topic, partition = tp
    if wanted < start:
        _log.warning("records lost unread", topic=topic, partition=partition, wanted=wanted, kept_from=start)
        return start
    if wanted > end:
        # The broker has lost records that were read. Which of those still there are other ones, nobody can say: all
        # are read again, and those that are known change nothing.
        _log.warning("broker's log is shorter than read", topic=topic, partition=partition, wanted=wanted, end=end)
        return start
    return wanted


def _message(block: Block, generation: int) -> ConsumerMessage:
    # Without its generation Faust 0.15.3 drops a message in silence.
    return ConsumerMessage(
        block.topic,
        block.partition,
        block.next - 1,
        (block.timestamps_ms[-1] if block.timestamps_ms else 0) / 1000,
        _TIMESTAMP_APPEND,
        None,
        None,
        block,
        None,
        tp=TP(block.topic, block.partition),
        generation_id=generation,
    )
