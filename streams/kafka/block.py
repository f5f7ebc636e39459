"""A run of records of one partition, as the block transport hands it to an agent."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records of one partition in offset order, between two consumer positions.

    The span [first, next) is made of consumer positions, not of record offsets: transaction markers and compacted
    records leave no hole in it. `values`, `offsets` and `timestamps_ms` (the broker's own, B5) run in parallel.
    """

    topic: str
    topic_id: str
    partition: int
    first: int
    next: int
    offsets: Sequence[int]
    timestamps_ms: Sequence[int]
    values: Sequence[bytes | None]
