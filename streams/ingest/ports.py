"""The interfaces of ingest: what it offers to the agents (`Intake`), and what it needs of the transport (the rest).

So ingest knows nothing of Faust: the worker passes it the real ones, the simulation its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.kafka.block import Block, Listing, Partition
from streams.kafka.large_value import LargeValue


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRecord:
    """A record for `sla.dead-letters`: its bytes as produced and where it came from.

    A record without a value travels as an empty one with the header `null`. Of a large one `value` is the beginning.
    """

    value: bytes | None
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    reason: str
    path: str
    large: LargeValue | None = None


class Intake(Protocol):
    """What an agent sees: hand over a block, and it will be stored, committed, evaluated and published."""

    async def store(self, block: Block) -> None:
        """Accept a block; returns once there is room for it (back-pressure), not once it is stored.

        Raises whatever has stopped the pipeline for good, so that the agent, and with it the worker, stops.
        """

    async def recover(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Take over partitions newly assigned; returns the position from which to read each one.

        It is the end of the gapless prefix of `blocks`. Retention may have taken that offset: then the transport
        starts at the log's start, the intake sees the hole and records it as lost.
        """

    async def release(self, partitions: Collection[Partition]) -> None:
        """Give up partitions: returns once the blocks accepted from them are stored and committed."""

    async def close(self) -> None:
        """Store and commit what was accepted, evaluate what is pending, and stop."""


class Committer(Protocol):
    """Where read positions are acknowledged to the broker: a hint, never the truth."""

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Commit the next offset to read of each partition; one that is no longer assigned is skipped."""


class Positions(Protocol):
    """What the transport knows of the partitions it reads."""

    def position(self, partition: Partition) -> int | None:
        """The consumer's position if every record before it was handed over in blocks; None when unassigned."""

    async def start_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Ask the broker, now, what is the first offset that each partition still keeps."""

    async def end_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Ask the broker, now, where each partition ends (the offset of its next record)."""

    async def listings(self, topics: Collection[str]) -> Sequence[Listing]:
        """Ask the broker, now, which partitions each topic has."""


class Expired(Protocol):
    """Which months the ledger no longer keeps."""

    async def __call__(self) -> Collection[int]:
        """The UTC months (YYYYMM) whose expiry has been announced before this call."""


class Publisher(Protocol):
    """What is published to other teams."""

    async def publish_dead_letters(self, dead_letters: Sequence[RejectedRecord]) -> None:
        """Produce the dead letters to `sla.dead-letters`; returns once the broker has acknowledged them all."""

    async def publish_minutes(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Produce rows of `minutes` to `sla.minutes`; returns once the broker has acknowledged them all."""
