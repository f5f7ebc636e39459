"""Partitions, and the blocks of their records that the transport hands to an agent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streams.kafka.large_value import LargeValue


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Partition:
    """One partition of one incarnation of a topic: a recreated topic has another `topic_id`."""

    topic: str
    topic_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The partitions that the broker lists for a topic, and the clock read before it was asked (B5)."""

    topic: str
    topic_id: str
    partitions: int
    listed_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records of one partition in offset order, between two consumer positions.

    The span [first, next) is made of consumer positions, not of record offsets: transaction markers and compacted
    records leave no hole in it. `values`, `offsets` and `timestamps_ms` (the broker's own, B5) run in parallel, and are
    empty where a span holds nothing but markers and aborted records. Blocks of a partition follow each other without a
    hole; where one begins beyond the end of the last, the records between are lost (retention took them unread).

    A large value is among `values` with its beginning only, and in `large` by its offset.
    """

    topic: str
    topic_id: str
    partition: int
    first: int
    next: int
    offsets: Sequence[int]
    timestamps_ms: Sequence[int]
    values: Sequence[bytes | None]
    large: Mapping[int, LargeValue] = field(default_factory=dict)

    @property
    def source(self) -> Partition:
        """The partition that the block is of."""
        return Partition(topic=self.topic, topic_id=self.topic_id, number=self.partition)
