"""What the ledger knows of each partition it reads, in memory: restored from ClickHouse whenever one is assigned."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from streams.ingest.blocks import BlockRow
from streams.ingest.ports import Partition
from streams.ingest.progress import PartitionProgress, ReadSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A row of `frontiers`."""

    partition: Partition
    stored_next: int
    evaluated_next: int
    frontier_ms: int


class Partitions:
    """Progress by partition. A partition that was never assigned, or is ours no longer, is met with silence."""

    def __init__(self) -> None:
        self._progress: dict[Partition, PartitionProgress] = {}
        self._open: defaultdict[Partition, set[tuple[int, int]]] = defaultdict(set)

    def take(self, restored: Mapping[Partition, PartitionProgress]) -> None:
        """Begin with partitions as ClickHouse knows them."""
        self._progress |= restored

    def drop(self, partitions: Iterable[Partition]) -> None:
        """End with partitions; their blocks under way may still be stored and evaluated."""
        for partition in partitions:
            self._progress.pop(partition, None)

    def progress(self, partition: Partition) -> PartitionProgress | None:
        """How far a partition is; None when it is not ours."""
        return self._progress.get(partition)

    @property
    def ours(self) -> Collection[Partition]:
        """The partitions that are ours."""
        return self._progress.keys()

    def accepted(self, partition: Partition, first: int, following: int) -> None:
        """A block was taken on: until it is evaluated, nothing is claimed of its partition beyond the last record."""
        self._open[partition].add((first, following))

    def stored(self, row: BlockRow) -> None:
        """A block, or a hole, now has its row in `blocks`."""
        progress = self._progress.get(row.partition)
        if progress is not None:
            progress.stored.add(_span(row))

    def evaluated(self, row: BlockRow) -> None:
        """A block's minutes are evaluated and published, and its row says so."""
        self._open[row.partition].discard((row.first, row.next))
        progress = self._progress.get(row.partition)
        if progress is not None:
            progress.evaluated.add(_span(row))

    def lost(self, row: BlockRow) -> None:
        """A hole has its row: nothing of it will ever be read, so nothing of it is pending.

        It claims no more than what was read before it: its end may be the clock of whoever met it, which is later than
        records that are still unread behind it.
        """
        progress = self._progress.get(row.partition)
        if progress is not None:
            span = ReadSpan(first=row.first, next=row.next, last_recorded_at_ms=row.first_recorded_at_ms)
            progress.stored.add(span)
            progress.evaluated.add(span)

    def stuck(self, at_end: Collection[Partition], ends: Mapping[Partition, int]) -> list[Partition]:
        """Partitions whose reader is at the end with nothing in flight, and which are yet not all stored."""
        return [
            partition
            for partition, progress in self._progress.items()
            if partition in at_end and not self._open[partition] and progress.stored.next < ends[partition]
        ]

    def reached(self, ends: Mapping[Partition, int], at_end: Collection[Partition], asked_at_ms: int) -> list[Reached]:
        """What may be written to `frontiers` of the partitions whose end the broker gave (B5).

        The clock is used only where the reader is at the end, and all that it was handed is evaluated.
        """
        return [
            Reached(
                partition=partition,
                stored_next=progress.stored.next,
                evaluated_next=progress.evaluated.next,
                frontier_ms=progress.may_claim_ms(
                    at_end=partition in at_end and not self._open[partition], end=end, asked_at_ms=asked_at_ms
                ),
            )
            for partition, end in ends.items()
            if (progress := self._progress.get(partition)) is not None
        ]


def _span(row: BlockRow) -> ReadSpan:
    return ReadSpan(first=row.first, next=row.next, last_recorded_at_ms=row.last_recorded_at_ms)
