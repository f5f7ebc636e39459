"""One seed from end to end: a log, a database, a few workers, faults, and at the end the truth."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import structlog

from streams.clickhouse.store import Store
from streams.core.errors import ZectoError
from streams.ingest.evaluate import Rhythm
from streams.ingest.outcome_rules import outcome_rules
from streams.ingest.pipeline import Pipeline, PipelineDependencies
from streams.ingest.ports import RejectedRecord
from streams.ingest.recount import count_uncounted
from streams.kafka.outputs import minute_counts
from tests.simulation.database import Database, Memory
from tests.simulation.engine import Engine, judge_views
from tests.simulation.faults import BrokenError, Event, Faults
from tests.simulation.group import Group
from tests.simulation.judging import judge_end, unvouched
from tests.simulation.log import Log, Tp
from tests.simulation.loop import VirtualLoop
from tests.simulation.process import Client, Process
from tests.simulation.reader import Reader
from tests.simulation.tracing import Trace
from tests.simulation.traffic import BORDER_MS, TOPICS, Traffic
from tests.simulation.watching import Watch

_HOUR_MS: Final = 3_600_000
# While the month ends; before the ledger's month does (in UTC); after both; after all that a month waits for.
_STARTS_MS: Final = tuple(BORDER_MS + after_ms for after_ms in (-3_000, _HOUR_MS, 6 * _HOUR_MS, 80 * _HOUR_MS))
_CALM_S: Final = 1.5
_DRAIN_S: Final = 120.0


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a seed."""

    seed: int
    failure: str = ""
    trace: str
    lines: list[str] = field(repr=False)
    fired: Counter[tuple[str, str]]
    records: int
    steps: int


def run_seed(seed: int, engine: Engine | None = None) -> Result:
    """Live through a seed, with the real engine beside the database in memory if there is one."""
    world = World(seed, engine)
    failure = ""
    try:
        world.loop.run(world.live())
    except BrokenError as broken:
        failure = str(broken)
    world.faults.fired[Event.STALE_EVALUATION.value, "insert minutes"] += world.memory.stale_evaluations
    return Result(
        seed=seed,
        failure=failure,
        trace=world.trace.digest(),
        lines=list(world.trace.lines),
        fired=world.faults.fired,
        records=sum(len(partition.records) for partition in world.log.every),
        steps=world.loop.steps,
    )


def be_quiet() -> None:
    """Simulated workers have nothing to say to people."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


class _Published:
    """Outputs that arrive."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def publish_dead_letters(self, dead_letters: Sequence[RejectedRecord]) -> None:
        self._watch.letters_published(dead_letters)

    async def publish_minutes(self, rows: Sequence[Mapping[str, object]]) -> None:
        self._watch.minutes_published([minute_counts(row) for row in rows])


class World:
    """Everything of a seed; `Around` of its processes."""

    def __init__(self, seed: int, engine: Engine | None) -> None:
        self._engine = engine
        self.dice = random.Random(f"{seed}")
        self.loop = VirtualLoop(self.dice)
        self.trace = Trace(self.loop.time)
        self.faults = Faults(self.dice)
        self._started_ms = self.dice.choice(_STARTS_MS)
        self.log = Log({topic: self.dice.choice((1, 1, 2)) for topic in TOPICS}, self.now_ms)
        self.memory = Memory()
        self.database: Database = self.memory if engine is None else engine.beside(self.memory)
        self.group = Group(self.dice, self.loop, self.trace)
        self.watch = Watch(self.log, self.group, self.memory, self.faults, self.trace)
        self.engine_away = False
        self.broker_away = False
        self.on_the_way = 0
        self._traffic = Traffic(self.dice)
        self._sent: list[tuple[Tp, bytes | None]] = []
        # A statement of the real engine takes a thousand times as long as in memory: fewer, and larger ones.
        self._load_s = self.dice.uniform(4, 12 if engine is None else 5)
        self._block_records = self.dice.choice((1, 4, 20) if engine is None else (4, 20))
        self._rhythm = Rhythm(
            caught_up_ms=self.dice.choice((0, 100, 300)) if engine is None else 400,
            backlog_ms=self.dice.choice((0, 500, 2000)),
            rest=3,  # kept, so that seeds take the course on which they once found something
            look_again_ms=5_000,
            most_blocks=self.dice.choice((1, 3, 64)) if engine is None else 64,
            most_minutes=self.dice.choice((1, 3, 1000)) if engine is None else 1000,
        )
        self._processes: list[Process] = []
        self._ledgers: dict[Process, Pipeline] = {}
        self._incarnations = 0
        self._tasks: list[asyncio.Task[Any]] = []

    # -- Around

    def now_ms(self) -> int:
        """The broker's clock."""
        return self._started_ms + int(self.loop.time() * 1000)

    def wrote(self, process: Process, step: str, rows: pa.Table) -> None:
        """For the watch."""
        self.watch.wrote(process.name, step, rows)

    def held_by(self, process: Process) -> Collection[Tp]:
        """The partitions that the group has given it."""
        return self.group.assignment.get(process.name, [])

    # -- a life

    async def live(self) -> None:
        """Load with faults, then peace, then the truth."""
        self._tasks = [self._go(self._coordinate()), self._go(self._send()), self._go(self._disturb())]
        for _ in range(self.dice.choice((1, 2, 2, 3))):
            self._tasks.append(self._go(self._supervise()))
        await asyncio.sleep(self._load_s)
        self._heal()
        await self._drain()
        await self._close_months()
        judge_end(self.log, self.memory, self.watch)
        if unvouched(self.log, self.watch):
            self.faults.note(Event.UNVOUCHED)
        if self._engine is not None:
            judge_views(self._engine, self.log, self.memory, self.watch)

    def _go(self, work: Any) -> "asyncio.Task[Any]":  # noqa: ANN401  a coroutine
        task = self.loop.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.loop.fail(error)

    async def _coordinate(self) -> None:
        while True:
            self.group.look(self.log.tps)
            await asyncio.sleep(0.1)

    async def _supervise(self) -> None:
        """One worker, started again whenever it dies."""
        while True:
            self._incarnations += 1
            process = Process(self, f"w{self._incarnations}")
            self._processes.append(process)
            process.start(self._work(process))
            await process.death
            self._processes.remove(process)
            await asyncio.sleep(self.dice.uniform(0.1, 2))

    async def _work(self, process: Process) -> None:
        reader = Reader(process, self.log, self.group, self.watch, self._block_records)
        ledger = Pipeline(
            PipelineDependencies(
                store=Store(Client(process), process.in_thread),
                outcome_rules=outcome_rules(),
                topics=TOPICS,
                outputs=reader,
                committer=reader,
                positions=reader,
                now_ms=process.now_ms,
                rhythm=self._rhythm,
                in_thread=process.in_thread,
            )
        )
        self._ledgers[process] = ledger
        reader.start(ledger, TOPICS)
        await ledger.run()

    async def _close_months(self) -> None:
        """As far as closing touches the minutes; nothing disturbs it."""
        process = Process(self, "closing")
        store = Store(Client(process), process.in_thread)
        found = await process.start(count_uncounted(store, _Published(self.watch), known_since_ms=0))
        if found:
            self.faults.note(Event.UNCOUNTED)

    # -- load

    async def _send(self) -> None:
        bursts = self.dice.randint(10, 30)
        for _ in range(bursts):
            await asyncio.sleep(self.dice.uniform(0, 2 * self._load_s / bursts) * 0.9)
            if self.faults.healed:
                return
            for _ in range(self.dice.choice((1, 3, 8))):
                self._send_one()

    def _send_one(self) -> None:
        again = {Event.SAME_AGAIN, Event.SAME_ELSEWHERE} & self.faults.events
        if self._sent and again and self.dice.random() < 0.2:
            self._send_again()
            return
        if Event.BAD_RECORD in self.faults.events and self.dice.random() < 0.1:
            topic, value = self._traffic.draw_bad()
            self.faults.note(Event.BAD_RECORD)
        else:
            topic, value = self._traffic.draw()
        self._send_to(self.dice.choice(self._partitions_of(topic)), value)

    def _send_again(self) -> None:
        """What was sent before, whole: as a producer that retries does, or one that has another view of the topic."""
        tp, value = self.dice.choice(self._sent)
        others = [one for one in self._partitions_of(tp[0]) if one != tp]
        if Event.SAME_ELSEWHERE in self.faults.events and others:
            self.faults.note(Event.SAME_ELSEWHERE)
            self._send_to(self.dice.choice(others), value)
        elif Event.SAME_AGAIN in self.faults.events and tp in self.log.tps:
            self.faults.note(Event.SAME_AGAIN)
            self._send_to(tp, value)

    def _send_to(self, tp: Tp, value: bytes | None) -> None:
        self._sent.append((tp, value))
        self.log.append(tp, value)
        if Event.MARKER in self.faults.events and self.dice.random() < 0.2:
            self.log[tp].append_marker()
            self.faults.note(Event.MARKER)

    def _partitions_of(self, topic: str) -> list[Tp]:
        return [tp for tp in self.log.tps if tp[0] == topic]

    # -- disturbances

    async def _disturb(self) -> None:
        disturbances: dict[Event, Callable[[], bool]] = {
            Event.KILL: lambda: self._to_one(Process.kill),
            Event.STOP: lambda: self._to_one(lambda process: process.stand_still(self.dice.uniform(0.5, 6))),
            Event.CLOSE: lambda: self._to_one(lambda process: process.start(self._close(process))),
            Event.CLOCK_BACK: lambda: self._to_one(lambda process: self._turn_clock(process, -60_000, -1)),
            Event.CLOCK_FORWARD: lambda: self._to_one(lambda process: self._turn_clock(process, 1, 60_000)),
            Event.JOIN: self._join,
            Event.REBALANCE: self._rebalance,
            Event.RETENTION: self._delete_records,
            Event.TOPIC_RECREATED: self._recreate_topic,
            Event.PARTITION_ADDED: self._add_partition,
            Event.ENGINE_AWAY: self._take_engine_away,
            Event.BROKER_AWAY: self._take_broker_away,
            Event.OFFSETS_GONE: self._delete_offsets,
        }
        chosen = [event for event in disturbances if event in self.faults.events]
        while chosen:
            await asyncio.sleep(self.dice.expovariate(0.7))
            if self.faults.healed:
                return
            event = self.dice.choice(chosen)
            self.trace.note(f"* {event}")
            if disturbances[event]():
                self.faults.note(event)

    def _to_one(self, disturb: Callable[[Process], object]) -> bool:
        if not self._processes:
            return False
        disturb(self.dice.choice(self._processes))
        return True

    async def _close(self, process: Process) -> None:
        """In order: what was accepted is finished first."""
        with suppress(ZectoError):
            await self._ledgers[process].close()
        process.kill()

    def _turn_clock(self, process: Process, least_ms: int, most_ms: int) -> None:
        process.skew_ms += self.dice.randint(least_ms, most_ms)
        self.watch.lead_ms = max(self.watch.lead_ms, process.skew_ms)
        self.watch.lag_ms = max(self.watch.lag_ms, -process.skew_ms)

    def _join(self) -> bool:
        self._tasks.append(self._go(self._supervise()))
        return True

    def _rebalance(self) -> bool:
        self.group.rebalance()
        return bool(self.group.assignment)

    def _delete_records(self) -> bool:
        partition = self.dice.choice(self.log.live())
        before = partition.start
        partition.start = self.dice.choice((partition.end, self.dice.randint(partition.start, partition.end)))
        return partition.start > before

    def _recreate_topic(self) -> bool:
        topic = self.dice.choice(TOPICS)
        self.trace.note(topic)
        self.log.create(topic, len(self._partitions_of(topic)))
        return True

    def _add_partition(self) -> bool:
        self.log.add_partition(self.dice.choice(TOPICS))
        self.group.rebalance()
        return True

    def _delete_offsets(self) -> bool:
        found = bool(self.group.committed)
        self.group.committed.clear()
        return found

    def _take_engine_away(self) -> bool:
        self.engine_away = True
        self.loop.call_later(self.dice.uniform(0.2, 4), lambda: setattr(self, "engine_away", False))
        return True

    def _take_broker_away(self) -> bool:
        self.broker_away = True
        self.loop.call_later(self.dice.uniform(0.2, 4), lambda: setattr(self, "broker_away", False))
        return True

    # -- the end

    def _heal(self) -> None:
        self.trace.note("peace")
        self.faults.healed = True
        self.engine_away = self.broker_away = False
        for process in self._processes:
            self.loop.go_on(process)

    async def _drain(self) -> None:
        calm_since_s = -1.0
        # A worker whose clock is slow claims less, and no more is wanted.
        slowest_ms = min([0, *(process.skew_ms for process in self._processes)])
        healed_ms = self.now_ms() + slowest_ms
        # Of two listings of a topic the later counts: one by a slow clock waits until that has caught up.
        until_s = self.loop.time() + _DRAIN_S - slowest_ms / 1000
        while True:
            await asyncio.sleep(0.5)
            owes = self._owes() or ("a frontier" if self.watch.shown_ms < healed_ms else "")
            if owes and self.loop.time() > until_s:
                raise BrokenError(f"never done: {owes}")
            if owes:
                calm_since_s = -1.0
            elif calm_since_s < 0:
                calm_since_s = self.loop.time()
            elif self.loop.time() - calm_since_s > _CALM_S:
                return

    def _owes(self) -> str:
        for partition in self.log.live():
            key = (partition.partition.topic_id, partition.partition.number)
            if self.watch.evaluated[key].next < partition.end:
                return f"{partition.partition} is evaluated to {self.watch.evaluated[key].next} of {partition.end}"
        for key, of in self.memory.blocks.items():
            for span, block in of.items():
                if block.number == 1:
                    return f"{key} {span} is stored, and not evaluated"
        return "writes that are on their way" if self.on_the_way else ""
