"""A worker's process: its clock, its calls to the world outside, and how it dies or stands still.

A call takes a while to arrive and a while to be answered. What has left the process arrives even if the process is dead
by then; what is answered to a dead one is never seen. Faults happen where a call arrives.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextvars import Context, copy_context
from functools import partial
from typing import Any, Final, Protocol

import pyarrow as pa

from streams.clickhouse.store import INSERT_SETTINGS, Result
from streams.core.errors import Part, ZectoError
from streams.ingest import recover as recovery
from streams.ingest import recreated_topics as recreation
from tests.simulation.counted_of import CountedOf
from tests.simulation.database import (
    Database,
    Rows,
    changed_minutes,
    count_kinds,
    first_edition_days,
    known_records,
    month_of,
    tally_requests,
    uncounted_minutes,
)
from tests.simulation.faults import Event, Fault, Faults
from tests.simulation.log import Tp
from tests.simulation.loop import OWNER, VirtualLoop
from tests.simulation.tracing import Trace

_OUTSIDE: Final = Context()
_SHORT_S: Final = 0.02
_LONG_S: Final = (0.3, 8.0)


class Around(Protocol):
    """What a process shares with the others."""

    dice: random.Random
    loop: VirtualLoop
    faults: Faults
    trace: Trace
    database: Database
    engine_away: bool
    broker_away: bool
    on_the_way: int
    """Writes that have left their process and are still to come."""

    def now_ms(self) -> int:
        """The broker's clock."""

    def wrote(self, process: "Process", step: str, rows: pa.Table) -> None:
        """Something was written: the watch looks at it."""

    def held_by(self, process: "Process") -> Collection[Tp]:
        """The partitions that the group has given it."""


class Process:
    """One life of a worker."""

    def __init__(self, around: Around, name: str) -> None:
        self.around = around
        self.name = name
        self.death = around.loop.create_future()
        self.skew_ms = 0
        self._context = copy_context()
        self._context.run(OWNER.set, self)
        self._tasks: list[asyncio.Task[Any]] = []
        self._answer_s = 0.0
        self._step = ""
        self.asker: asyncio.Task[Any] | None = None
        """Whose call it is that arrives."""

    @property
    def alive(self) -> bool:
        return not self.death.done()

    def now_ms(self) -> int:
        """The process's own clock."""
        return self.around.now_ms() + self.skew_ms

    def start(self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """A task of this process; what it raises is the seed's failure, but for what a worker dies of by rights."""
        task = self.around.loop.create_task(work, context=self._context.copy())
        task.add_done_callback(self._ended, context=_OUTSIDE)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ZectoError) and error.part is not Part.CLICKHOUSE:
            self.around.trace.note(self.name, "gives up:", error)
            self.around.faults.note(Event.GAVE_UP)
            self.kill()
        elif error is not None:
            self.around.loop.fail(error)

    # -- dying and standing still

    def kill(self) -> None:
        """As by kill -9: nothing of it has any effect from now on."""
        if self.alive:
            self.death.set_result(None)
            self.around.trace.note(self.name, "killed")
            self.around.loop.go_on(self)
            self.around.loop.bury(self)

    def stand_still(self, for_s: float) -> None:
        """As by SIGSTOP, and SIGCONT after a while."""
        self.around.trace.note(self.name, "stands still", for_s)
        self.around.loop.stand_still(self)
        held = set(self.around.held_by(self))
        self.around.loop.call_later(for_s, self._go_on, held, context=_OUTSIDE)

    def _go_on(self, held: set[Tp]) -> None:
        self.around.loop.go_on(self)
        if self.alive and not held.issubset(self.around.held_by(self)):
            self.around.faults.note(Event.RESUMED)

    # -- calls

    async def in_thread(self, call: Callable[[], Result], /) -> Result:
        """The ledger's calls that block: to the database, which find their faults where they arrive, and decoding."""
        self._step = ""
        asker = asyncio.current_task()

        def run() -> Result:
            self._step, self.asker = "", asker
            result = call()
            return result if self._step else self.pass_by("decode", lambda: result)

        return await self.trip(run)

    async def ask_broker(
        self, step: str, apply: Callable[[], Result], torn: Callable[[], object] | None = None
    ) -> Result:
        """A call to the broker; ZectoError if it is away."""

        def run() -> Result:
            if self.around.broker_away:
                raise ZectoError("no broker answers")
            return self.pass_by(step, apply, ZectoError("the broker did not answer in time"), torn)

        return await self.trip(run)

    async def trip(self, run: Callable[[], Result]) -> Result:
        """There and back."""
        loop = self.around.loop
        answer: asyncio.Future[Result] = loop.create_future()
        if self.alive:
            delay_s = self.around.dice.random() * _SHORT_S
            loop.call_later(delay_s, self._arrive, run, answer, context=_OUTSIDE)
        return await answer

    def _arrive(self, run: Callable[[], Result], answer: "asyncio.Future[Result]") -> None:
        self._answer_s = self.around.dice.random() * _SHORT_S
        try:
            result = run()
        except (OSError, ZectoError) as error:
            settle = partial(_settle, answer, answer.set_exception, error)
        else:
            settle = partial(_settle, answer, answer.set_result, result)
        self.around.loop.call_later(self._answer_s, settle, context=_OUTSIDE)

    def pass_by(
        self,
        step: str,
        apply: Callable[[], Result],
        error: Exception | None = None,
        torn: Callable[[], object] | None = None,
    ) -> Result:
        """Do what arrived, or whatever the faults make of it; `error` is how a failure looks to the caller.

        Without an `error` the step cannot fail; `torn` does a part of it, where that is possible.
        """
        self._step = step
        faults, trace = self.around.faults, self.around.trace
        fault = faults.draw(step) if self.alive else None
        trace.note(self.name, step, fault)
        match fault:
            case Fault.CRASH_BEFORE:
                self.kill()
                faults.note(fault, step)
                raise OSError("dead")
            case Fault.CRASH_AFTER:
                result = apply()
                self.kill()
                faults.note(fault, step)
                return result
            case Fault.PAUSE:
                result = apply()
                self.stand_still(self._long_s())
                faults.note(fault, step)
                return result
            case Fault.SLOW:
                self._answer_s += self._long_s()
                faults.note(fault, step)
                return apply()
            case _:
                return self._fail(fault, step, apply, error, torn)

    def _fail(
        self,
        fault: Fault | None,
        step: str,
        apply: Callable[[], Result],
        error: Exception | None,
        torn: Callable[[], object] | None,
    ) -> Result:
        if fault is None or error is None or (fault is Fault.TORN and torn is None):
            return apply()
        match fault:
            case Fault.APPLIED_BUT_FAILS:
                apply()
            case Fault.TORN if torn is not None:
                torn()
            case Fault.LATE:
                self.around.on_the_way += 1
                self.around.loop.call_later(self._long_s(), self._apply_late, step, apply, context=_OUTSIDE)
        self.around.faults.note(fault, step)
        raise error

    def _apply_late(self, step: str, apply: Callable[[], object]) -> None:
        self.around.on_the_way -= 1
        self.around.trace.note(self.name, f"late: {step}", None)
        apply()

    def _long_s(self) -> float:
        return self.around.dice.uniform(*_LONG_S)

    def hold_answer(self) -> float:
        """How long what just arrived is worked on before it takes effect; the answer comes after that."""
        held_s = self._long_s() if self.around.dice.random() < 0.5 else self.around.dice.random() * _SHORT_S
        self._answer_s += held_s
        return held_s


def _settle(answer: "asyncio.Future[Any]", how: Callable[[Any], None], what: object) -> None:
    if not answer.done():
        how(what)


def _counting_step(query: str) -> str:
    if query in tally_requests():
        return "ask tallies"
    return f"ask known {known}" if (known := known_records().get(query)) else f"count {count_kinds()[query]}"


def _questions() -> dict[str, str]:
    """What is asked by steps' names."""
    return {
        recovery._CHECKPOINTS: "ask checkpoints",
        recovery._BLOCKS: "ask blocks",
        recreation._ENDED: "ask earlier lives",
        recreation._PENDING: "ask what they owe",
        uncounted_minutes(): "ask uncounted minutes",
        first_edition_days(): "ask days of the first edition",
    }


class Client:
    """Stands in for a ClickHouse client: the calls of `streams.clickhouse.store`, made while they arrive."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._counted = CountedOf()

    def insert_arrow(self, table: str, rows: pa.Table, settings: Mapping[str, Any]) -> None:
        assert settings == INSERT_SETTINGS
        rows = self._counted.added(self._process.asker, rows) if table == "minutes" else rows
        step = f"insert {table}"
        if table == "blocks":
            step += f" {_states(rows)}"

        def write(part: pa.Table = rows) -> None:
            self._process.around.database.insert(table, part)
            self._process.around.wrote(self._process, step, part)

        def apply(part: pa.Table = rows) -> None:
            around = self._process.around
            if table == "minutes" and Event.STALE_EVALUATION in around.faults.events and not around.faults.healed:
                around.on_the_way += 1
                around.loop.call_later(self._process.hold_answer(), self._write_late, write, part, context=_OUTSIDE)
            else:
                write(part)

        torn = (lambda: apply(self._part(rows))) if _may_tear(table, rows) else None
        self._pass_by(step, apply, torn)

    def _write_late(self, write: Callable[[pa.Table], None], part: pa.Table) -> None:
        self._process.around.on_the_way -= 1
        write(part)

    def _part(self, rows: pa.Table) -> pa.Table:
        """The rows of some of the months: each is written apart."""
        seconds = rows.column("minute").to_pylist()
        kept = self._process.around.dice.choice(sorted({month_of(second) for second in seconds}))
        return rows.filter(pa.array([month_of(second) == kept for second in seconds]))

    def query_arrow(self, query: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> pa.Table:
        assert settings
        found = self._pass_by(_counting_step(query), lambda: self._process.around.database.table(query, parameters))
        self._counted.note(self._process.asker, query, found)
        return found

    def query(self, query: str, parameters: Mapping[str, Any]) -> "Answer":
        step = _questions()[query]
        return Answer(self._pass_by(step, lambda: self._process.around.database.ask(query, parameters)))

    def query_row_block_stream(self, query: str, parameters: Mapping[str, Any]) -> "Stream":
        assert query in changed_minutes()
        rows = self._pass_by("ask changed minutes", lambda: self._process.around.database.ask(query, parameters))
        return Stream(self._process, rows)

    def _pass_by(self, step: str, apply: Callable[[], Result], torn: Callable[[], object] | None = None) -> Result:
        if self._process.around.engine_away:
            self._process._step = step
            raise ConnectionRefusedError("the database is away")
        return self._process.pass_by(step, apply, OSError("connection lost"), torn)


class Answer:
    """What a small question brings."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def named_results(self) -> Rows:
        return self._rows


class Stream:
    """Rows in pieces, as clickhouse-connect streams them; it may break off between two."""

    def __init__(self, process: Process, rows: Rows) -> None:
        self._process = process
        self._rows = rows
        self.source = self
        self.column_names = list(rows[0]) if rows else []

    def __enter__(self) -> Any:  # noqa: ANN401  an iterator of blocks
        return self._blocks()

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def _blocks(self) -> Any:  # noqa: ANN401
        around = self._process.around
        rows = [list(row.values()) for row in self._rows]
        while rows:
            self._process._step = "read changed minutes"
            size = around.dice.randint(1, len(rows))
            if Event.PARTIAL_READ in around.faults.events and not around.faults.healed and around.dice.random() < 0.1:
                around.faults.note(Event.PARTIAL_READ, "read changed minutes")
                raise OSError("the answer broke off")
            yield rows[:size]
            del rows[:size]
        self._process._step = "read changed minutes"


def _states(rows: pa.Table) -> str:
    states = set(rows.column("state").to_pylist())
    return "evaluated" if states == {2} else "lost" if states == {3} else "stored"


def _may_tear(table: str, rows: pa.Table) -> bool:
    partitioned = table.startswith(("ledger_", "manifests", "minutes"))
    return partitioned and len({month_of(second) for second in rows.column("minute").to_pylist()}) > 1
