"""The transport of a worker as the ledger meets it: `streams.kafka.consumer` and Faust around it, without either.

assigned -> recover -> read from the position told -> blocks, through an agent's queue a topic -> store
revoked  -> stop handing over -> release, which may time out: what the ledger still holds is then a zombie's
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

from streams.clickhouse.store import Result
from streams.core.errors import ZectoError
from streams.ingest.adapters import LedgerAdapter
from streams.ingest.ports import Intake, RejectedRecord
from streams.kafka.block import Block, Listing, Partition
from streams.kafka.consumer import _within
from streams.kafka.outputs import minute_counts
from tests.simulation.faults import Event
from tests.simulation.group import SESSION_S, Group, Heard
from tests.simulation.log import Fetched, Log, Tp
from tests.simulation.process import Process
from tests.simulation.watching import Watch

Row = TypeVar("Row")

_PATIENCE_S: Final = SESSION_S * 0.6
_HEARTBEAT_S: Final = SESSION_S / 4
_RETRY_S: Final = 0.5
_IN_FLIGHT: Final = 24


class Reader:
    """`Positions`, `Committer` and `Publisher` for the ledger, and what calls its intake."""

    def __init__(self, process: Process, log: Log, group: Group, watch: Watch, block_records: int) -> None:
        self._process = process
        self._dice = process.around.dice
        self._faults = process.around.faults
        self._log = log
        self._group = group
        self._watch = watch
        self._block_records = block_records
        self._assignments = LedgerAdapter()
        self._next: dict[Tp, int] = {}
        self._topic_ids: dict[str, str] = {}
        self._generation = 0
        self._assigned: list[Tp] = []
        self._seeking: asyncio.Task[None] | None = None
        self._must_rejoin = False
        self._heard = Heard.STABLE
        self._queues: dict[str, asyncio.Queue[tuple[Block, int]]] = {}
        self._in_flight: defaultdict[Tp, list[int]] = defaultdict(list)

    def start(self, intake: Intake, topics: Collection[str]) -> None:
        """Join the group and read."""
        self._assignments.attach(intake)
        for topic in topics:
            self._queues[topic] = asyncio.Queue()
            self._process.start(self._hand_over(intake, self._queues[topic]))
        self._process.start(self._coordinate())
        self._process.start(self._beat())
        self._process.start(self._read())

    # -- group

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT_S)
            with suppress(ZectoError):
                self._heard = await self._ask(
                    "heartbeat", lambda: self._group.heartbeat(self._process.name, self._generation)
                )

    async def _coordinate(self) -> None:
        await self._join()
        while True:
            await asyncio.sleep(0.1)
            if self._heard is Heard.STABLE and not self._must_rejoin:
                continue
            self._must_rejoin = False
            await self._revoke()
            await self._join()

    async def _revoke(self) -> None:
        going, self._assigned = self._assigned, []
        self._next = {}
        self._clear_queues()
        self._in_flight.clear()
        if going:
            try:
                await asyncio.wait_for(self._assignments.revoked(going), _PATIENCE_S)
            except TimeoutError:
                self._faults.note(Event.RELEASE_TIMED_OUT)

    def _clear_queues(self) -> None:
        for queue in self._queues.values():
            while not queue.empty():
                queue.get_nowait()

    async def _join(self) -> None:
        name = self._process.name
        over = await self._until_answered("join", lambda: self._group.join(name))
        self._generation, self._assigned = await self._shared_out(over)
        self._heard = Heard.STABLE
        if self._seeking is not None:
            self._seeking.cancel()
        self._seeking = self._process.start(self._seek_to_committed(self._assigned, self._generation))

    async def _shared_out(self, over: int) -> tuple[int, list[Tp]]:
        while True:
            found = await self._until_answered("sync", lambda: self._sync(over))
            if found is not None:
                return found
            await asyncio.sleep(0.1)

    def _sync(self, over: int) -> tuple[int, list[Tp]] | None:
        name = self._process.name
        if self._group.heartbeat(name, self._group.generation) is Heard.UNKNOWN:
            self._group.join(name)
        if self._group.generation > over and name in self._group.assignment:
            return self._group.generation, self._group.assignment[name]
        return None

    async def _seek_to_committed(self, assigned: Sequence[Tp], generation: int) -> None:
        if not assigned:
            return
        states = await self._until_answered("describe", lambda: self._log.describe({topic for topic, _ in assigned}))
        ids = {(topic, number): states[topic].topic_id for topic, number in assigned}
        wanted = await self._assignments.assigned(ids)
        starts = await self._until_answered("start offsets", lambda: {tp: self._log[tp].start for tp in ids})
        ends = await self._until_answered("end offsets", lambda: {tp: self._log[tp].end for tp in ids})
        positions = {tp: _within(tp, wanted[tp], starts[tp], ends[tp]) for tp in ids}
        if self._generation != generation or self._assigned is not assigned:
            return
        self._topic_ids = {topic: topic_id for (topic, _), topic_id in ids.items()}
        self._next = positions
        self._watch.started(
            {Partition(topic=tp[0], topic_id=ids[tp], number=tp[1]): at for tp, at in positions.items()}
        )

    # -- reading

    async def _read(self) -> None:
        while True:
            next_, generation = self._next, self._generation
            wanted = {tp: position for tp, position in next_.items() if len(self._in_flight[tp]) < _IN_FLIGHT}
            fetched: dict[Tp, Fetched] = {}
            if wanted:
                with suppress(ZectoError):
                    fetched = await self._ask("fetch", partial(self._fetch, wanted))
            if not fetched:
                await asyncio.sleep(0.1 + self._dice.random() * 0.3)
            for tp, run in fetched.items():
                if self._generation != generation or self._next is not next_ or tp not in next_:
                    break
                if run.first != next_[tp]:
                    self._start_over(tp)
                    break
                if run.next > run.first:
                    next_[tp] = run.next
                    self._queue(tp, run, generation)
                if self._dice.random() < 0.3:
                    await asyncio.sleep(self._dice.random() * 0.1)

    def _fetch(self, positions: Mapping[Tp, int]) -> dict[Tp, Fetched]:
        """Of some partitions, in any order, up to so many records, as a broker answers."""
        tps = self._dice.sample(list(positions), self._dice.randint(1, len(positions)))
        runs = {tp: self._log[tp].fetch(positions[tp], self._dice.randint(1, self._block_records)) for tp in tps}
        return {tp: run for tp, run in runs.items() if run.first != positions[tp] or run.next > run.first}

    def _start_over(self, tp: Tp) -> None:
        self._faults.note(Event.SKIPPED)
        self._next.pop(tp)
        self._must_rejoin = True

    def _queue(self, tp: Tp, run: Fetched, generation: int) -> None:
        topic, number = tp
        if not run.records:
            self._faults.note(Event.EMPTY_BLOCK)
        block = Block(
            topic=topic,
            topic_id=self._topic_ids[topic],
            partition=number,
            first=run.first,
            next=run.next,
            offsets=[record.offset for record in run.records],
            timestamps_ms=[record.timestamp_ms for record in run.records],
            values=[record.value for record in run.records],
        )
        self._watch.handed_over(block, self._log[tp].partition)
        self._in_flight[tp].append(block.next)
        self._queues[topic].put_nowait((block, generation))

    async def _hand_over(self, intake: Intake, queue: "asyncio.Queue[tuple[Block, int]]") -> None:
        while True:
            block, generation = await queue.get()
            if generation == self._generation:
                await intake.store(block)

    # -- what the ledger asks

    def position(self, partition: Partition) -> int | None:
        if self._topic_ids.get(partition.topic) != partition.topic_id:
            return None
        return self._next.get((partition.topic, partition.number))

    async def start_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return await self._ask("start offsets", lambda: {one: self._log[_tp(one)].start for one in partitions})

    async def end_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return await self._ask("end offsets", lambda: {one: self._log[_tp(one)].end for one in partitions})

    async def listings(self, topics: Collection[str]) -> Sequence[Listing]:
        listed_at_ms = self._process.now_ms()
        states = await self._ask("describe", lambda: self._log.describe(topics))
        for topic, state in states.items():
            known = self._topic_ids.get(topic)
            if known is not None and known != state.topic_id and any(tp[0] == topic for tp in self._next):
                self._must_rejoin = True
        return [
            Listing(topic=state.name, topic_id=state.topic_id, partitions=state.partitions, listed_at_ms=listed_at_ms)
            for state in states.values()
        ]

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        ours = {
            _tp(partition): position
            for partition, position in positions.items()
            if self._topic_ids.get(partition.topic) == partition.topic_id
        }
        for tp, position in ours.items():
            self._in_flight[tp] = [following for following in self._in_flight[tp] if following > position]
        generation = self._generation
        if ours:
            with suppress(ZectoError):
                await self._ask("commit", lambda: self._commit(generation, ours, positions))

    def _commit(self, generation: int, ours: dict[Tp, int], positions: Mapping[Partition, int]) -> None:
        if self._group.commit(self._process.name, generation, ours):
            self._watch.committed({one: at for one, at in positions.items() if _tp(one) in ours})
        else:
            self._faults.note(Event.COMMIT_REFUSED)

    def committed(self, partition: Partition) -> int:
        """What the ledger must not ask: where the group has committed to."""
        return self._group.committed.get(_tp(partition), 0)

    # -- what goes out

    async def publish_dead_letters(self, dead_letters: Sequence[RejectedRecord]) -> None:
        if dead_letters:
            await self._publish("publish letters", dead_letters, self._watch.letters_published)

    async def publish_minutes(self, rows: Sequence[Mapping[str, object]]) -> None:
        counts = [minute_counts(row) for row in rows]
        if counts:
            await self._publish("publish minutes", counts, self._watch.minutes_published)

    async def _publish(self, step: str, rows: Sequence[Row], publish: Callable[[Sequence[Row]], None]) -> None:
        """Each goes out on its own: some may, and others not."""
        torn = (lambda: publish(self._dice.sample(rows, self._dice.randint(1, len(rows) - 1)))) if rows[1:] else None
        await self._until_answered(step, lambda: publish(rows), torn)

    # -- asking

    async def _ask(self, step: str, apply: Callable[[], Result]) -> Result:
        return await self._process.ask_broker(step, apply)

    async def _until_answered(
        self, step: str, apply: Callable[[], Result], torn: Callable[[], object] | None = None
    ) -> Result:
        while True:
            try:
                return await self._process.ask_broker(step, apply, torn)
            except ZectoError:
                await asyncio.sleep(_RETRY_S)


def _tp(partition: Partition) -> Tp:
    return partition.topic, partition.number
