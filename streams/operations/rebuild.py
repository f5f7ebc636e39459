"""Rebuild a ledger from archives, with the broker timestamps, partitions and offsets that the records had.

Sending an archive to a broker would stamp the records anew, and what was known when would be gone. So the archives go
where a worker's blocks go: columns, ledger, blocks, evaluation; and the log of closings goes to the new broker as it
stood. What the ledger says as known at any instant of the archives' time is then what it said before.

The new broker's topics are others than those in the archives, created anew: what came between the two is lost (B3).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas.closing import Closing
from schemas.reference import input_topics
from streams.clickhouse.store import Store
from streams.core.errors import Code, ZectoError
from streams.ingest.blocks import Partitions
from streams.ingest.encode import encode_block
from streams.ingest.encode.encoded_block import BlockRow
from streams.ingest.evaluate import Evaluation, Rhythm
from streams.ingest.ports import Publisher
from streams.ingest.recount import HoleCounts
from streams.ingest.recreated_topics import earlier_incarnations
from streams.ingest.write import BlockWriter, Reading
from streams.kafka.block import Listing, Partition
from streams.operations.archives import ArchivedBlock, ArchiveHole, blocks_of, read_archives
from streams.rules.classify import OutcomeRules

UNKNOWN_LIFE: Final = "archived"
"""The id of a topic's incarnation that no closing names."""

_BLOCKS_AT_ONCE: Final = 32
_FOREIGN: Final = """
SELECT DISTINCT topic
FROM blocks
WHERE records > 0 AND (topic, topic_id) NOT IN {lives:Array(Tuple(String, String))}
ORDER BY topic
"""

OnProgress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildDependencies:
    """Where a ledger is rebuilt; `partitions` are those of the broker that it belongs to from now on."""

    store: Store
    outputs: Publisher
    outcome_rules: OutcomeRules
    partitions: Collection[Partition]
    now_ms: Callable[[], int]


class ArchiveAdapter:
    """What the ledger asks of a transport: no position to commit, and a partition begins where the archives say."""

    def __init__(self) -> None:
        self.start = 0

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Nothing: no broker has these partitions any more."""

    def position(self, partition: Partition) -> int | None:  # noqa: ARG002  the port's own name
        """None: nobody reads them."""
        return None

    async def start_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Where what is left begins, at the block that is being stored."""
        return dict.fromkeys(partitions, self.start)

    async def end_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:  # noqa: ARG002  likewise
        """Not known."""
        return {}

    async def listings(self, topics: Collection[str]) -> Sequence[Listing]:  # noqa: ARG002  likewise
        """None."""
        return []


class Rebuilding:
    """One call of `restore`: `refuse_foreign`, then `topic` of each in any order, then `end`."""

    def __init__(
        self, target: RebuildDependencies, incarnations: Mapping[str, str], lost: Collection[ArchiveHole] = ()
    ) -> None:
        """`incarnations` is the id of each topic in the archives; `lost` are holes in them that are no markers."""
        self._target = target
        self._incarnations = incarnations
        self._lost = lost
        self._met: set[ArchiveHole] = set()
        self._begun: set[Partition] = set()
        self._pending: list[BlockRow] = []
        self._adapter = ArchiveAdapter()
        partitions = Partitions()
        self._evaluation = Evaluation(target.store, target.outputs, partitions, backlog=lambda: False, rhythm=Rhythm())
        self._writer = BlockWriter(
            store=target.store,
            outputs=target.outputs,
            committer=self._adapter,
            positions=self._adapter,
            partitions=partitions,
            count_hole=HoleCounts(target.store, target.outputs).count,
            now_ms=target.now_ms,
        )

    async def refuse_foreign(self) -> None:
        """See that nothing else was ever read here; what an earlier call left half-way is its own.

        Raises:
            ZectoError: names the topics of which something was read.
        """
        asked = {"lives": [*self._incarnations.items()]}
        foreign = [str(row["topic"]) for row in await self._target.store.rows(_FOREIGN, asked)]
        if foreign:
            raise ZectoError(
                f"this ledger has read records of {', '.join(foreign)} itself",
                hint="restore archives into an empty stack (zecto-sla up --data OTHER)",
                code=Code.STACK_NOT_EMPTY,
            )

    async def topic(self, name: str, files: Sequence[Path], on_progress: OnProgress) -> int:
        """Store and evaluate what the archives hold of an input topic; returns how many records."""
        records = 0
        for archived in blocks_of(name, self._incarnations[name], read_archives(name, files), self._lost):
            await self._store(archived)
            records += len(archived.block.values)
            on_progress(records)
        await self._settle()
        return records

    async def end(self) -> None:
        """What came between the archives and the new broker's topics is lost; say so of each (B3).

        Raises:
            ZectoError: something given as lost is no hole in the archives.
        """
        unmet = [one for one in self._lost if one not in self._met]
        if unmet:
            raise ZectoError(
                f"the archives have no hole of {unmet[0].topic} between the two instants of --lost",
                code=Code.ARCHIVE_UNUSABLE,
            )
        earlier = await earlier_incarnations(self._target.store, self._target.partitions)
        for partition in self._target.partitions:
            read_to_ms = earlier.read_to_ms.get(partition.topic)
            if read_to_ms is not None and self._incarnations.get(partition.topic) != partition.topic_id:
                await self._writer.lose_earlier_incarnation(partition, read_to_ms=read_to_ms)

    async def _store(self, archived: ArchivedBlock) -> None:
        block, gone = archived
        partition = block.source
        if partition not in self._begun:
            self._begun.add(partition)
            self._writer.begin(partition, Reading(expected=0))
        if gone:
            self._met.add(gone)
        self._adapter.start = block.first if gone else 0
        self._pending += await self._writer.write([encode_block(block, self._target.outcome_rules)])
        if len(self._pending) >= _BLOCKS_AT_ONCE:
            await self._settle()

    async def _settle(self) -> None:
        await self._evaluation.finish(self._pending)
        self._pending.clear()


def incarnations_of(closings: Iterable[Closing]) -> dict[str, str]:
    """The id of each input topic's life: what the last closing says of it, else one that no broker gives."""
    topic_ids = {end.topic: end.topic_id for closing in closings for end in closing.end_offsets}
    return {topic.name: topic_ids.get(topic.name, UNKNOWN_LIFE) for topic in input_topics()}
