"""The minutes that blocks have touched, evaluated together, published, and marked as done.

A backlog is evaluated late on purpose: blocks that touch the same minutes are evaluated once, together. What is pending
stands in `blocks` too, so that whoever gets the partitions after a crash finds it.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from streams.clickhouse.store import Store
from streams.core.failpoints import Failpoint, hit
from streams.core.waits import concerning
from streams.ingest.blocks import BlockState, Partitions
from streams.ingest.count_minutes import count_minutes
from streams.ingest.encode.encoded_block import BlockRow
from streams.ingest.ports import Publisher
from streams.kafka.block import Partition

Key = tuple[Partition, int, int]

_LOOK_EVERY_S: Final = 0.05

_log = structlog.get_logger("evaluation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The evaluation before this one: how many blocks it was of, and how long it took."""

    blocks: int = 1
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When to evaluate, and how much in one statement; how often to look for what others left pending meanwhile.

    Between two evaluations lies some time at least, and `rest` times as long as the first of them took, or would have
    taken for as few blocks as are pending now, up to `most_rest_ms`: whatever comes, evaluating takes no more than its
    share. Where nothing has come for `quiet_ms`, nothing is saved by waiting.
    """

    caught_up_ms: int = 250
    backlog_ms: int = 3_000
    rest: int = 1
    most_rest_ms: int = 10_000
    quiet_ms: int = 1_000
    most_blocks: int = 512
    most_minutes: int = 250_000
    look_again_ms: int = 300_000

    def due(self, *, pending: int, last: Last, idle_ms: float, since_block_ms: float, backlog: bool) -> bool:
        """Whether to evaluate now: `pending` blocks, `idle_ms` since the last evaluation ended."""
        if pending == 0:
            return False
        least_ms = self.backlog_ms if backlog else self.caught_up_ms
        is_quiet = since_block_ms >= self.quiet_ms
        rest_ms = 0 if is_quiet else self.rest * last.took_ms * min(1, pending / last.blocks)
        return pending >= self.most_blocks or idle_ms >= max(least_ms, min(rest_ms, self.most_rest_ms))

    def batch(self, pending: Iterable[BlockRow]) -> list[BlockRow]:
        """The first pending blocks that together fit into one statement; at least one."""
        taken: list[BlockRow] = []
        minutes = _Minutes()
        for row in pending:
            minutes.add(row)
            if taken and (len(taken) >= self.most_blocks or minutes.are_more_than(self.most_minutes)):
                break
            taken.append(row)
        return taken


class _Minutes:
    """The service-minutes that some blocks touch, counted no oftener than the question needs."""

    def __init__(self) -> None:
        self._parts: list[npt.NDArray[np.int64]] = []
        self._at_most = 0

    def add(self, row: BlockRow) -> None:
        self._parts.append(row.touched.minutes.astype(np.int64) * 256 + row.touched.services)
        self._at_most += len(self._parts[-1])

    def are_more_than(self, number: int) -> bool:
        if self._at_most > number:
            # Sorted by hand: numpy's own `unique` makes a set of them, element by element.
            minutes = np.sort(np.concatenate(self._parts))
            self._parts = [minutes[np.diff(minutes, prepend=-1) != 0]]
            self._at_most = len(self._parts[0])
        return self._at_most > number


class Evaluation:
    """What is pending, and the one task that works it off."""

    def __init__(
        self, store: Store, outputs: Publisher, partitions: Partitions, *, backlog: Callable[[], bool], rhythm: Rhythm
    ) -> None:
        """`backlog` tells whether more blocks are waiting to be stored."""
        self._store = store
        self._outputs = outputs
        self._partitions = partitions
        self._backlog = backlog
        self._rhythm = rhythm
        self._pending: dict[Key, BlockRow] = {}
        self._settled = asyncio.Event()
        self._settled.set()
        self._hurried = False
        self._block_came_s = 0.0

    def enqueue(self, rows: Iterable[BlockRow]) -> None:
        """Take on stored blocks, in the order in which they were stored."""
        self._block_came_s = asyncio.get_running_loop().time()
        self._pending |= {(row.partition, row.first, row.next): row for row in rows}
        if self._pending:
            self._settled.clear()

    async def settle(self) -> None:
        """Return once nothing is pending; do not wait for the rhythm meanwhile."""
        self._hurried = True
        await self._settled.wait()

    async def run(self) -> None:
        """Evaluate whenever it is due, until cancelled."""
        loop = asyncio.get_running_loop()
        last, ended_s = Last(), loop.time()
        while True:
            now_s = loop.time()
            is_due = self._rhythm.due(
                pending=len(self._pending),
                last=last,
                idle_ms=(now_s - ended_s) * 1000,
                since_block_ms=(now_s - self._block_came_s) * 1000,
                backlog=self._backlog(),
            )
            if is_due or (self._hurried and self._pending):
                began_s = loop.time()
                blocks = await self.evaluate_some()
                ended_s = loop.time()
                last = Last(blocks=blocks, took_ms=(ended_s - began_s) * 1000)
            else:
                await asyncio.sleep(_LOOK_EVERY_S)

    async def evaluate_some(self) -> int:
        """One statement's worth of what is pending: evaluate, publish, mark as evaluated, in that order.

        Returns how many blocks that were.
        """
        batch = self._rhythm.batch(self._pending.values())
        if batch:
            await self._finish(batch)
        if not self._pending:
            self._settled.set()
        return len(batch)

    async def finish(self, rows: Sequence[BlockRow]) -> None:
        """Evaluate, publish and mark these blocks now, whatever else is pending."""
        left = list(rows)
        while left:
            batch = self._rhythm.batch(left)
            await self._finish(batch)
            del left[: len(batch)]

    async def _finish(self, batch: Sequence[BlockRow]) -> None:
        with concerning(batch[0].first_record):
            await self._store.patiently(lambda: self._evaluate(batch))
            hit(Failpoint.PUBLISHED)
            await self._partitions.record(self._store, [(row, BlockState.EVALUATED) for row in batch])
        for row in batch:
            self._pending.pop((row.partition, row.first, row.next), None)

    async def _evaluate(self, batch: Sequence[BlockRow]) -> None:
        blocks = [(row.partition.topic_id, row.partition.number, row.first) for row in batch]
        published = await count_minutes(self._store, self._outputs, blocks=blocks)
        _log.debug("evaluated", blocks=len(batch), minutes=published)
