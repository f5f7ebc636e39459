"""What is claimed of a partition, and when its reader has come upon a hole at its end (B3, B5)."""

from dataclasses import replace

from streams.ingest.blocks import BlockState, Partitions
from streams.ingest.encode.encoded_block import BlockRow
from streams.ingest.progress import NEVER_READ_MS, PartitionProgress, Prefix
from streams.kafka.block import Partition

OURS = Partition(topic="api.requests", topic_id="t", number=0)
CLOCK_MS = NEVER_READ_MS + 1_000_000


def row(first: int, following: int) -> BlockRow:
    return BlockRow(
        partition=OURS,
        first=first,
        next=following,
        records=following - first,
        dead_letters=0,
        ahead_of_clock=0,
        digest=0,
        first_recorded_at_ms=NEVER_READ_MS + first,
        last_recorded_at_ms=NEVER_READ_MS + following,
    )


def taken() -> Partitions:
    partitions = Partitions()
    partitions.take({OURS: PartitionProgress(stored=Prefix(next=0), evaluated=Prefix(next=0))})
    return partitions


def frontier(partitions: Partitions, end: int, *, at_end: bool = True) -> int:
    (reached,) = partitions.reached({OURS: end}, {OURS} if at_end else set(), CLOCK_MS)
    return reached.frontier_ms


def test_b5_the_clock_is_claimed_where_all_is_evaluated() -> None:
    partitions = taken()
    assert frontier(partitions, 0) == CLOCK_MS
    partitions.accepted(OURS, 0, 10)
    partitions.note(row(0, 10), BlockState.STORED)
    assert frontier(partitions, 10) == NEVER_READ_MS
    partitions.note(row(0, 10), BlockState.EVALUATED)
    assert frontier(partitions, 10) == CLOCK_MS
    assert frontier(partitions, 11) == NEVER_READ_MS + 10


def test_b5_blocks_under_way_hold_the_clock_back() -> None:
    # A log that the broker has cut off is read again: its offsets are not new, its records may be.
    partitions = taken()
    partitions.note(row(0, 10), BlockState.STORED)
    partitions.note(row(0, 10), BlockState.EVALUATED)
    partitions.accepted(OURS, 0, 5)
    assert frontier(partitions, 5) == NEVER_READ_MS + 10
    partitions.note(row(0, 5), BlockState.EVALUATED)
    assert frontier(partitions, 5) == CLOCK_MS


def test_a_reader_short_of_the_end_claims_no_clock() -> None:
    assert frontier(taken(), 0, at_end=False) == NEVER_READ_MS


def test_a_partition_that_is_not_ours_is_not_spoken_of() -> None:
    partitions = taken()
    partitions.drop([OURS])
    partitions.note(row(0, 10), BlockState.STORED)
    partitions.note(row(0, 10), BlockState.EVALUATED)
    assert partitions.reached({OURS: 10}, {OURS}, CLOCK_MS) == []
    assert partitions.stuck({OURS}, {OURS: 10}) == []


def test_b3_an_idle_reader_with_unstored_records_is_stuck() -> None:
    partitions = taken()
    assert partitions.stuck({OURS}, {OURS: 10}) == [OURS]
    partitions.accepted(OURS, 0, 10)
    assert partitions.stuck({OURS}, {OURS: 10}) == []
    partitions.note(row(0, 10), BlockState.STORED)
    partitions.note(row(0, 10), BlockState.EVALUATED)
    assert partitions.stuck({OURS}, {OURS: 10}) == []
    assert partitions.stuck(set(), {OURS: 11}) == []


def test_b3_nothing_is_pending_of_what_is_lost() -> None:
    partitions = taken()
    partitions.note(row(0, 10), BlockState.LOST)
    assert frontier(partitions, 10) == CLOCK_MS


def hole(first: int, following: int, *, since_ms: int) -> BlockRow:
    return replace(row(first, following), records=0, first_recorded_at_ms=since_ms, last_recorded_at_ms=CLOCK_MS)


def test_b5_a_hole_claims_only_what_was_read_before_it() -> None:
    partitions = taken()
    partitions.note(hole(3, 10, since_ms=NEVER_READ_MS + 3), BlockState.LOST)
    partitions.note(row(0, 3), BlockState.EVALUATED)
    assert frontier(partitions, 11, at_end=False) == NEVER_READ_MS + 3


def test_b5_a_hole_since_an_earlier_incarnation_claims_nothing() -> None:
    # Its records may have been read at positions of the topic of before: later ones than those that are still unread.
    partitions = taken()
    partitions.note(hole(0, 4, since_ms=NEVER_READ_MS + 900), BlockState.LOST)
    assert frontier(partitions, 11, at_end=False) == NEVER_READ_MS
    partitions.note(row(4, 5), BlockState.EVALUATED)
    assert frontier(partitions, 11, at_end=False) == NEVER_READ_MS + 5
    partitions.note(replace(hole(5, 6, since_ms=0), last_recorded_at_ms=NEVER_READ_MS + 900), BlockState.EVALUATED)
    assert frontier(partitions, 11, at_end=False) == NEVER_READ_MS + 5, "only a marker of a transaction"
