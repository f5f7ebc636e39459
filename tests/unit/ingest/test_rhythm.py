"""When to evaluate, and how much at once."""

import numpy as np
import pytest

from streams.ingest.encode.encoded_block import BlockRow, Touched
from streams.ingest.evaluate import Last, Rhythm
from streams.kafka.block import Partition

RHYTHM = Rhythm(caught_up_ms=1_000, backlog_ms=5_000, rest=3, most_rest_ms=10_000, most_blocks=3, most_minutes=100)


def row(first: int, minutes: range) -> BlockRow:
    return BlockRow(
        partition=Partition(topic="api.requests", topic_id="t", number=0),
        first=first,
        next=first + 1,
        records=1,
        dead_letters=0,
        ahead_of_clock=0,
        digest=0,
        first_recorded_at_ms=0,
        last_recorded_at_ms=0,
        touched=Touched(services=np.ones(len(minutes), np.int8), minutes=np.array(minutes, np.uint32) * 60),
    )


@pytest.mark.parametrize(
    ("pending", "idle_ms", "backlog", "due"),
    [
        (0, 10**9, False, False),
        (1, 999, False, False),
        (1, 1_000, False, True),
        (1, 4_999, True, False),
        (1, 5_000, True, True),
        (2, 0, True, False),
        (3, 0, True, True),
    ],
)
def test_soon_when_caught_up_and_full_during_a_backlog(pending: int, idle_ms: int, backlog: bool, due: bool) -> None:
    assert RHYTHM.due(pending=pending, last=Last(), idle_ms=idle_ms, since_block_ms=0, backlog=backlog) is due


@pytest.mark.parametrize(
    ("took_ms", "wait_ms"), [(0, 1_000), (333, 1_000), (500, 1_500), (3_000, 9_000), (9_000, 10_000)]
)
def test_evaluating_takes_no_more_than_its_share_of_the_time(took_ms: int, wait_ms: int) -> None:
    for idle_ms, due in ((wait_ms - 1, False), (wait_ms, True)):
        assert (
            RHYTHM.due(pending=1, last=Last(took_ms=took_ms), idle_ms=idle_ms, since_block_ms=0, backlog=False) is due
        )


@pytest.mark.parametrize(("pending", "wait_ms"), [(1, 1_000), (20, 3_000), (40, 6_000), (41, 6_000), (400, 6_000)])
def test_a_backlogs_end_does_not_rest_for_its_beginning(pending: int, wait_ms: int) -> None:
    rhythm, last = Rhythm(caught_up_ms=1_000, rest=3, most_blocks=500), Last(blocks=40, took_ms=2_000)
    for idle_ms, due in ((wait_ms - 1, False), (wait_ms, True)):
        assert rhythm.due(pending=pending, last=last, idle_ms=idle_ms, since_block_ms=0, backlog=False) is due


@pytest.mark.parametrize(("since_block_ms", "wait_ms"), [(999, 6_000), (1_000, 1_000)])
def test_where_nothing_more_comes_nothing_is_waited_for(since_block_ms: int, wait_ms: int) -> None:
    rhythm, last = Rhythm(caught_up_ms=1_000, rest=3, quiet_ms=1_000), Last(blocks=40, took_ms=2_000)
    for idle_ms, due in ((wait_ms - 1, False), (wait_ms, True)):
        assert rhythm.due(pending=40, last=last, idle_ms=idle_ms, since_block_ms=since_block_ms, backlog=False) is due


def test_blocks_of_the_same_minutes_are_evaluated_together() -> None:
    rows = [row(first, range(90)) for first in range(5)]
    assert RHYTHM.batch(rows) == rows[:3]


def test_one_statement_is_bounded_by_the_minutes_it_touches() -> None:
    rows = [row(0, range(60)), row(1, range(40, 100)), row(2, range(41, 101))]
    assert RHYTHM.batch(rows) == rows[:2]


def test_a_block_too_large_for_any_statement_is_evaluated_alone() -> None:
    rows = [row(0, range(500)), row(1, range(1))]
    assert RHYTHM.batch(rows) == rows[:1]


def test_nothing_owed_is_no_statement() -> None:
    assert RHYTHM.batch([]) == []
