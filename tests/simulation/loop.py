"""An event loop on a virtual clock: one thread, no sleeping, the order of what is ready drawn from a seed.

Time stands still while anything is ready and leaps to the next timer when nothing is. What runs belongs to the process
in whose context it was started (`OWNER`): a process that stands still keeps what is ready for it until it goes on.
"""

import asyncio
import heapq
import random
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from typing import Any, Final, NamedTuple, TypeVar, cast

Result = TypeVar("Result")

OWNER: Final[ContextVar[object | None]] = ContextVar("OWNER", default=None)
"""The process that a callback belongs to; None: the world outside, which never stands still."""


_TASKS_KEPT: Final = 256


class DeadlockError(Exception):
    """Nothing is ready, nothing will ever be, and yet something is waited for."""


class _Ready(NamedTuple):
    """What may run next, and whose it is."""

    handle: asyncio.Handle
    owner: object | None


class _Timer(NamedTuple):
    """What becomes ready at an instant; numbers keep two of one instant in order."""

    at_s: float
    number: int
    ready: _Ready


class VirtualLoop:
    """As much of an event loop as tasks, queues, conditions and timeouts need."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        # For asyncio, which asks no more of it than what is here.
        self._loop = cast("asyncio.AbstractEventLoop", self)
        self._now_s = 0.0
        self._ready: list[_Ready] = []
        self._timers: list[_Timer] = []
        self._timer_numbers = 0
        self._still: dict[object, list[_Ready]] = {}
        self._tasks: dict[object, list[asyncio.Task[Any]]] = {}
        self._error: BaseException | None = None
        self.steps = 0

    # -- what runs

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run until the work is done; raises what it raises."""
        asyncio._set_running_loop(self._loop)
        try:
            task = self.create_task(work)
            while not task.done():
                self._run_once()
                if self._error is not None:
                    raise self._error
            return task.result()
        finally:
            self._unwind()
            asyncio._set_running_loop(None)

    def _run_once(self) -> None:
        ready = self._ready
        if not ready:
            self._leap()
        elif self._timers and self._timers[0].at_s <= self._now_s:
            self._wake()
        if not ready:
            return
        at = int(self._dice.random() * len(ready))
        handle, owner = chosen = ready[at]
        ready[at] = ready[-1]
        ready.pop()
        if handle.cancelled():
            return
        if owner is not None and owner in self._still:
            self._still[owner].append(chosen)
            return
        self.steps += 1
        handle._run()

    def _leap(self) -> None:
        while self._timers and self._timers[0].ready.handle.cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise DeadlockError("nothing is left to happen")
        self._now_s = max(self._now_s, self._timers[0].at_s)
        self._wake()

    def _wake(self) -> None:
        while self._timers and self._timers[0].at_s <= self._now_s:
            ready = heapq.heappop(self._timers).ready
            if not ready.handle.cancelled():
                self._ready.append(ready)

    def fail(self, error: BaseException) -> None:
        """End the run: `run` raises it."""
        if self._error is None:
            self._error = error

    # -- processes

    def stand_still(self, owner: object) -> None:
        """From now on nothing of this process runs, while clocks go on."""
        self._still.setdefault(owner, [])

    def go_on(self, owner: object) -> None:
        """The process goes on where it stood."""
        self._ready += self._still.pop(owner, [])

    def bury(self, owner: object) -> None:
        """Unwind the tasks of a process that is dead; its calls reach nobody."""
        for task in list(self._tasks.get(owner, [])):
            task.cancel()

    def _unwind(self) -> None:
        while any(not task.done() for tasks in self._tasks.values() for task in tasks):
            for owner in [*self._still, *self._tasks]:
                self.go_on(owner)
                self.bury(owner)
            while self._ready:
                self._run_once()
        self._timers.clear()

    # -- what asyncio asks of a loop

    def time(self) -> float:
        return self._now_s

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:  # noqa: ANN401
        context = copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self._loop, context)
        self._ready.append(_Ready(handle, context.get(OWNER)))
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        context = copy_context() if context is None else context
        handle = asyncio.TimerHandle(when, callback, args, self._loop, context)
        self._timer_numbers += 1
        heapq.heappush(self._timers, _Timer(when, self._timer_numbers, _Ready(handle, context.get(OWNER))))
        return handle

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self._loop)

    def create_task(
        self,
        coro: Generator[Any, None, Result] | Coroutine[Any, Any, Result],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> "asyncio.Task[Result]":
        task: asyncio.Task[Result] = asyncio.Task(coro, loop=self._loop, name=name, context=context)
        owner = OWNER.get() if context is None else context.get(OWNER)
        tasks = self._tasks.setdefault(owner, [])
        tasks.append(task)
        if len(tasks) > _TASKS_KEPT:
            self._tasks[owner] = [one for one in tasks if not one.done()]
        return task

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.fail(error if isinstance(error, BaseException) else RuntimeError(context.get("message")))

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are left out when their time comes."""
