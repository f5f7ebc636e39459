"""The broker as far as the ledger can see it: partitions with offsets and broker timestamps, and what becomes of them.

Broker timestamps are the broker's own clock and never fall within a partition (LogAppendTime, B5). Offsets without a
record are transaction markers. What retention or DeleteRecords takes is gone for readers, and remembered for the judge.
"""

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.kafka.admin import TopicState
from streams.kafka.block import Partition

Tp = tuple[str, int]


class Appended(NamedTuple):
    """A record as it stands in a partition."""

    offset: int
    timestamp_ms: int
    value: bytes | None


class Fetched(NamedTuple):
    """What a fetch brought: records between two consumer positions; none where there are only markers."""

    first: int
    next: int
    records: Sequence[Appended]


@dataclass(slots=True)
class PartitionLog:
    """One partition of one incarnation of a topic; `records` also remembers what is gone."""

    partition: Partition
    start: int = 0
    end: int = 0
    last_timestamp_ms: int = 0
    records: list[Appended] = field(default_factory=list)

    def append(self, value: bytes | None, now_ms: int) -> Appended:
        """A record at the end, stamped by the broker."""
        self.last_timestamp_ms = max(self.last_timestamp_ms, now_ms)
        record = Appended(self.end, self.last_timestamp_ms, value)
        self.records.append(record)
        self.end += 1
        return record

    def append_marker(self) -> None:
        """The end of a transaction: an offset that no reader is given."""
        self.end += 1

    def fetch(self, position: int, most: int) -> Fetched:
        """Up to so many offsets from a position on; one that is out of range starts over at what is kept."""
        first = position if self.start <= position <= self.end else self.start
        following = min(self.end, first + most)
        at = self._index(first)
        found = list(itertools.takewhile(lambda record: record.offset < following, self.records[at:]))
        return Fetched(first, following, found)

    def _index(self, offset: int) -> int:
        low, high = 0, len(self.records)
        while low < high:
            middle = (low + high) // 2
            if self.records[middle].offset < offset:
                low = middle + 1
            else:
                high = middle
        return low


class Log:
    """All topics. `on_append` is told of every record, after it stands there."""

    def __init__(self, topics: dict[str, int], now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._incarnations = itertools.count(1)
        self.on_append: Callable[[PartitionLog, Appended], None] = lambda _partition, _record: None
        self._topics: dict[str, list[PartitionLog]] = {}
        self.every: list[PartitionLog] = []
        for topic, partitions in topics.items():
            self.create(topic, partitions)

    def create(self, topic: str, partitions: int) -> None:
        """A topic, anew if there was one: its partitions are others, and empty."""
        topic_id = f"{topic}#{next(self._incarnations)}"
        self._topics[topic] = []
        for number in range(partitions):
            self._add(topic, topic_id, number)

    def add_partition(self, topic: str) -> None:
        """One partition more."""
        of = self._topics[topic]
        self._add(topic, of[0].partition.topic_id, len(of))

    def _add(self, topic: str, topic_id: str, number: int) -> None:
        partition = PartitionLog(Partition(topic=topic, topic_id=topic_id, number=number))
        self._topics[topic].append(partition)
        self.every.append(partition)

    def append(self, tp: Tp, value: bytes | None) -> None:
        """Produce a record."""
        partition = self[tp]
        record = partition.append(value, self._now_ms())
        self.on_append(partition, record)

    def __getitem__(self, tp: Tp) -> PartitionLog:
        return self._topics[tp[0]][tp[1]]

    @property
    def tps(self) -> list[Tp]:
        """Every partition there is now."""
        return [(topic, partition.partition.number) for topic, of in self._topics.items() for partition in of]

    @property
    def topics(self) -> list[str]:
        """Their names."""
        return list(self._topics)

    def live(self) -> list[PartitionLog]:
        """The partitions of the topics as they are now."""
        return [self[tp] for tp in self.tps]

    def describe(self, topics: Collection[str]) -> dict[str, TopicState]:
        """The topics as the broker lists them."""
        return {
            topic: TopicState(name=topic, topic_id=of[0].partition.topic_id, partitions=len(of))
            for topic, of in self._topics.items()
            if topic in topics
        }
