"""The ledger at work: blocks in, stored and committed in order, minutes evaluated, frontiers written.

    store() -> [waiting] -> decode (thread) -> [decoded] -> write (thread, several blocks at a time) -> evaluation

Both queues are bounded: who reads faster than ClickHouse writes waits in `store`. Decoding the next block overlaps
with inserting the last ones.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import structlog

from streams.clickhouse.store import InThread, Store
from streams.core.errors import Code, ZectoError
from streams.core.failpoints import Failpoint, hit
from streams.core.waits import Waits
from streams.ingest.blocks import Partitions
from streams.ingest.encode import encode_block
from streams.ingest.encode.encoded_block import EncodedBlock
from streams.ingest.evaluate import Evaluation, Rhythm
from streams.ingest.expired_months import nothing_expires
from streams.ingest.frontier import Frontier
from streams.ingest.ports import Committer, Expired, Intake, Positions, Publisher
from streams.ingest.recount import HoleCounts, count_first_edition
from streams.ingest.recover import recover
from streams.ingest.recreated_topics import earlier_incarnations
from streams.ingest.write import BlockWriter, Reading
from streams.kafka.block import Block, Partition
from streams.rules.classify import OutcomeRules

_log = structlog.get_logger("ledger")

_WAITING_BLOCKS: Final = 4
_DECODED_BLOCKS: Final = 2
# One insert waits this long for more records, up to so many: each insert is a part, and parts must be merged.
_BATCH_RECORDS: Final = 100_000
_LINGER_S: Final = 0.25
_CLOSING_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineDependencies:
    """What the ledger works with; `topics` are the input topics, `store` is what asks ClickHouse in this process.

    `decoded` is told when a block is columns: its partition, the offset after it, and how many bytes of its values are
    held on as dead letters until it is committed.
    """

    store: Store
    outcome_rules: OutcomeRules
    topics: Collection[str]
    outputs: Publisher
    committer: Committer
    positions: Positions
    now_ms: Callable[[], int]
    rhythm: Rhythm = Rhythm()  # noqa: RUF009  frozen
    in_thread: InThread = asyncio.to_thread
    expired: Expired = nothing_expires
    waits: Waits = field(default_factory=Waits)
    decoded: Callable[[Partition, int, int], None] = lambda _partition, _next, _held: None


class Pipeline(Intake):
    """Use as: `run()` as a task from the start, `recover` when partitions come, `store` their blocks, then `close`."""

    def __init__(self, dependencies: PipelineDependencies) -> None:
        self._dependencies = dependencies
        self._store = dependencies.store
        self._partitions = Partitions()
        self._waiting: asyncio.Queue[Block] = asyncio.Queue(_WAITING_BLOCKS)
        self._decoded: asyncio.Queue[EncodedBlock] = asyncio.Queue(_DECODED_BLOCKS)
        self._under_way: Counter[Partition] = Counter()
        self._moved = asyncio.Condition()
        self._stopped = asyncio.Event()
        self._failure: BaseException | None = None
        self._evaluation = Evaluation(
            self._store, dependencies.outputs, self._partitions, backlog=self._has_backlog, rhythm=dependencies.rhythm
        )
        self._holes = HoleCounts(self._store, dependencies.outputs)
        self._writer = BlockWriter(
            store=self._store,
            outputs=dependencies.outputs,
            committer=dependencies.committer,
            positions=dependencies.positions,
            partitions=self._partitions,
            count_hole=self._holes.count,
            now_ms=dependencies.now_ms,
        )
        self._frontier = Frontier(
            store=self._store,
            positions=dependencies.positions,
            partitions=self._partitions,
            lose_silence=self._writer.lose_silence,
            topics=dependencies.topics,
            now_ms=dependencies.now_ms,
            waits=dependencies.waits,
        )

    async def run(self) -> None:
        """Work until closed or cancelled; raises whatever stops the pipeline for good."""
        works = (self._decode(), self._write(), self._evaluation.run(), self._frontier.run(), self._look_again())
        tasks = [asyncio.ensure_future(work) for work in (*works, self._stopped.wait())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            self._failure = next((task.exception() for task in done if task.exception()), None)
        finally:
            self._stopped.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._notify_moved()
        if self._failure is not None:
            raise self._failure

    async def store(self, block: Block) -> None:
        """Accept a block; waits while there is no room for it (Intake)."""
        partition = block.source
        self._under_way[partition] += 1
        self._partitions.accepted(partition, block.first, block.next)
        await self._unless_stopped(self._waiting.put(block))

    async def recover(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Take over partitions; returns where to read on (Intake)."""
        await self._until_stored(partitions)
        earlier = await earlier_incarnations(self._store, partitions)
        await self._evaluation.finish(earlier.pending)
        restored = await recover(self._store, partitions)
        hit(Failpoint.RECOVERED)
        for partition, known in restored.items():
            reading = Reading(expected=known.progress.stored.next, last_read_at_ms=known.last_read_at_ms)
            if known.is_new and partition.topic in earlier.read_to_ms:
                read_to_ms = earlier.read_to_ms[partition.topic]
                _log.warning("topic was created anew; what was unread of it is lost", topic=partition.topic)
                reading = await self._writer.lose_earlier_incarnation(partition, read_to_ms=read_to_ms)
            self._writer.begin(partition, reading)
            self._partitions.take({partition: known.progress})
            self._evaluation.enqueue(known.pending)
        return {partition: known.progress.stored.next for partition, known in restored.items()}

    async def release(self, partitions: Collection[Partition]) -> None:
        """Give up partitions, once what was accepted from them is stored (Intake)."""
        self._partitions.drop(partitions)
        hit(Failpoint.RELEASING)
        await self._until_stored(partitions)

    async def close(self) -> None:
        """Store and evaluate what was accepted, for as long as is reasonable, and stop (Intake)."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_S):
                await self._until_stored(list(self._under_way))
                await self._unless_stopped(self._evaluation.settle())
        self._stopped.set()

    async def _decode(self) -> None:
        while True:
            await self._decode_all([await self._waiting.get()])

    async def _decode_all(self, first: list[Block]) -> None:
        """Decode the block in the list, which is emptied, and those that wait behind it by now."""
        others = self._waiting.qsize()
        # Asked after the last of them was fetched: what was announced before a record came is heard.
        expired = await self._dependencies.expired()
        await self._decode_one(partial(first.pop), expired)
        for _ in range(others):
            await self._decode_one(self._waiting.get_nowait, expired)

    async def _decode_one(self, take: Callable[[], Block], expired: Collection[int]) -> None:
        # No name for the block here: its bytes are free as soon as they are columns, not a block later.
        columns = await self._dependencies.in_thread(
            partial(encode_block, take(), self._dependencies.outcome_rules, expired)
        )
        held_bytes = sum(len(dead_letter.value or b"") for dead_letter in columns.dead_letters)
        self._dependencies.decoded(columns.row.partition, columns.row.next, held_bytes)
        await self._decoded.put(columns)

    async def _write(self) -> None:
        while True:
            batch = await self._batch()
            self._evaluation.enqueue(await self._writer.write(batch))
            self._under_way.subtract(block.row.partition for block in batch)
            del batch
            await self._notify_moved()

    async def _look_again(self) -> None:
        """Take on what is pending and was not at recovery: an insert of a dead worker may arrive after that.

        First of all, what the contract's first edition counted.
        """
        await count_first_edition(self._store, self._dependencies.outputs)
        while True:
            await asyncio.sleep(self._dependencies.rhythm.look_again_ms / 1000)
            await self._holes.count_again()
            ours = list(self._partitions.ours)
            if ours:
                self._evaluation.enqueue((await earlier_incarnations(self._store, ours)).pending)
                restored = await recover(self._store, ours)
                self._evaluation.enqueue(row for known in restored.values() for row in known.pending)

    async def _batch(self) -> list[EncodedBlock]:
        batch = [await self._decoded.get()]
        records = batch[0].row.records
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                while records < _BATCH_RECORDS:
                    batch.append(await self._decoded.get())
                    records += batch[-1].row.records
        return batch

    def _has_backlog(self) -> bool:
        return not (self._waiting.empty() and self._decoded.empty())

    async def _until_stored(self, partitions: Collection[Partition]) -> None:
        async with self._moved:
            await self._moved.wait_for(
                lambda: self._stopped.is_set() or not any(self._under_way[partition] for partition in partitions)
            )
        self._raise_if_stopped()

    async def _notify_moved(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.ensure_future(work), asyncio.ensure_future(self._stopped.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        if self._stopped.is_set():
            raise self._failure or ZectoError("the ledger is closed", code=Code.WORKER_STOPPED)
