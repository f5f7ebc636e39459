"""The gapless prefix never claims what was not read, whatever the order in which blocks are stored."""

import random

from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.progress import NEVER_READ_MS, PartitionProgress, Prefix, ReadSpan

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=20)


def spans_of(drawn: list[tuple[int, int]]) -> list[ReadSpan]:
    """Record n has broker timestamp n + 1 (from 2000 on), so the last one before `next` has timestamp `next`."""
    return [
        ReadSpan(first=first, next=first + size, last_recorded_at_ms=NEVER_READ_MS + first + size)
        for first, size in drawn
    ]


def gapless(start: int, spans: list[ReadSpan]) -> int:
    covered = {offset for span in spans for offset in range(span.first, span.next)}
    end = start
    while end in covered:
        end += 1
    return end


@given(SPANS, st.integers(0, 10))
def test_the_prefix_ends_at_the_first_offset_outside_all_blocks(drawn: list[tuple[int, int]], start: int) -> None:
    prefix = Prefix(next=start)
    spans = spans_of(drawn)
    for count, span in enumerate(spans):
        prefix.add(span)
        assert prefix.next == gapless(start, spans[: count + 1])


@given(SPANS, st.randoms())
def test_the_order_in_which_blocks_are_stored_changes_nothing(
    drawn: list[tuple[int, int]], shuffler: random.Random
) -> None:
    spans = spans_of(drawn)
    shuffled = list(spans)
    shuffler.shuffle(shuffled)
    ordered, other = Prefix(next=0), Prefix(next=0)
    for span in spans:
        ordered.add(span)
    for span in shuffled:
        other.add(span)
    assert (ordered.next, ordered.last_recorded_at_ms) == (other.next, other.last_recorded_at_ms)


@given(SPANS, SPANS, st.integers(0, 60), st.booleans())
def test_b5_a_frontier_never_passes_an_unread_or_unevaluated_record(
    stored: list[tuple[int, int]], evaluated: list[tuple[int, int]], end: int, at_end: bool
) -> None:
    progress = PartitionProgress(stored=Prefix(next=0), evaluated=Prefix(next=0))
    for span in spans_of(stored):
        progress.stored.add(span)
    for span in spans_of(evaluated):
        progress.evaluated.add(span)
    asked_at_ms = NEVER_READ_MS + 1_000_000
    claimed = progress.may_claim_ms(at_end=at_end, end=end, asked_at_ms=asked_at_ms)

    first_open = gapless(0, spans_of(evaluated))
    if at_end and first_open >= end:
        assert claimed == asked_at_ms
    else:
        assert claimed == NEVER_READ_MS + first_open  # at most the timestamp of the next record, and never the clock
