"""Runs of fetched records, taken out of aiokafka a partition at a time instead of record by record.

aiokafka fetches ahead and keeps compressed batches; what is taken is unpacked here, on its own loop, and the consumer's
position moves past it at once. Reaches into aiokafka's fetcher (0.14), as Faust's own driver does.
"""
# ruff: noqa: SLF001

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import CorruptRecordException

Tp = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that is taken at once."""

    records: int
    value_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Records of a partition between two consumer positions; none where the span holds only markers."""

    tp: Tp
    first: int
    next: int
    offsets: list[int]
    timestamps_ms: list[int]
    values: list[bytes | None]
    value_bytes: int


def take_runs(fetcher: Any, partitions: Collection[Any], limit: Limit, room_bytes: int) -> list[Run]:  # noqa: ANN401
    """One run of each partition that has something fetched, until `room_bytes` are spent.

    Partitions come in the order in which aiokafka fetched them, so that each gets its turn.

    Raises:
        KafkaError: what fetching met (a corrupt batch, an unauthorized topic).
    """
    runs = []
    with _without_search_for_cycles():
        for tp in [tp for tp in fetcher._records if tp in partitions]:
            if room_bytes <= 0:
                break
            run = _take_run(fetcher, tp, limit)
            if run is not None:
                runs.append(run)
                room_bytes -= run.value_bytes
    return runs


@contextmanager
def _without_search_for_cycles() -> Iterator[None]:
    """Unpack in peace: Python would look through the new objects again and again, a fifth of the work, for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def find_jump(fetcher: Any, expected: Mapping[Tp, int]) -> Run | None:  # noqa: ANN401
    """A run without records where the client is beyond the position at which a partition is to be read on.

    Retention took what was to come, and the client went on by itself to where the log begins now. If nothing is left
    there, no run would ever tell.
    """
    for tp, position in expected.items():
        state = fetcher._subscriptions.subscription.assignment.state_value(tp)
        if state is not None and state.has_valid_position and state.position > position:
            at = state.position
            return Run(tp=(tp[0], tp[1]), first=at, next=at, offsets=[], timestamps_ms=[], values=[], value_bytes=0)
    return None


def _take_run(fetcher: Any, tp: Any, limit: Limit) -> Run | None:  # noqa: ANN401
    fetched = fetcher._records[tp]
    if not isinstance(fetched, FetchResult):
        _done_with(fetcher, tp)
        fetched.check_raise()
        return None
    if not fetched.check_assignment(tp) or not fetched.has_more():
        _done_with(fetcher, tp)
        return None
    position: Callable[[], int] = lambda: fetched._assignment.state_value(tp).position  # noqa: E731
    first = position()
    offsets: list[int] = []
    timestamps_ms: list[int] = []
    values: list[bytes | None] = []
    try:
        value_bytes, exhausted = _unpack(fetched._partition_records, limit, offsets, timestamps_ms, values)
    except BaseException:
        _done_with(fetcher, tp)
        raise
    fetched._update_position()
    if exhausted:
        _done_with(fetcher, tp)
    else:
        # The rest of what was fetched waits until every other partition had its turn.
        fetcher._records.move_to_end(tp)
    if position() == first:
        return None
    return Run(
        tp=(tp.topic, tp.partition),
        first=first,
        next=position(),
        offsets=offsets,
        timestamps_ms=timestamps_ms,
        values=values,
        value_bytes=value_bytes,
    )


def _unpack(
    records: Any,  # noqa: ANN401
    limit: Limit,
    offsets: list[int],
    timestamps_ms: list[int],
    values: list[bytes | None],
) -> tuple[int, bool]:
    """Take records up to the limit; returns the bytes of their values, and whether nothing is left.

    The limit of bytes is looked at from batch to batch: a batch is in memory whole, whatever is taken of it.
    """
    # aiokafka's own way through them, unused here: it and the records hold each other, and megabytes, until collected.
    records._records_iterator = None
    value_bytes = 0
    while (left := limit.records - len(values)) and value_bytes < limit.value_bytes:
        found = _next_batch(records)
        if found is None:
            return value_bytes, True
        some, next_offset = found
        if len(some) > left:
            records.left_over = some[left:], next_offset
            some, next_offset = some[:left], some[left - 1].offset + 1
        taken = [record.value for record in some]
        offsets += [record.offset for record in some]
        timestamps_ms += [record.timestamp for record in some]
        values += taken
        value_bytes += sum(map(len, filter(None, taken)))
        records.next_fetch_offset = next_offset
    return value_bytes, False


def _next_batch(records: Any) -> tuple[list[Any], int] | None:  # noqa: ANN401
    """The next records to read that came in one batch, at least one, and the offset after it; None when none are left.

    aiokafka gives out record by record, which costs as much again as decoding a batch.

    Raises:
        CorruptRecordException: a batch is not what its producer wrote.
    """
    left_over: tuple[list[Any], int] | None = getattr(records, "left_over", None)
    if left_over is not None:
        records.left_over = None
        return left_over
    while records._records.has_next():
        batch = records._records.next_batch()
        if records._check_crcs and not batch.validate_crc():
            raise CorruptRecordException(f"Invalid CRC - {records._tp}")
        if _is_to_be_read(records, batch):
            found = list(batch)
            if found and found[0].offset < records.next_fetch_offset:
                found = [record for record in found if record.offset >= records.next_fetch_offset]
            if found:
                return found, batch.next_offset
        # Beyond the batch, for there is nothing in it, and to fetch it again would not change that.
        records.next_fetch_offset = batch.next_offset
    return None


def _is_to_be_read(records: Any, batch: Any) -> bool:  # noqa: ANN401
    """Whether a batch holds records, and not of a transaction that was aborted."""
    if batch.producer_id is not None:
        records._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch:
            if records._contains_abort_marker(batch):
                records._aborted_producers.discard(batch.producer_id)
        elif batch.is_transactional and batch.producer_id in records._aborted_producers:
            return False
    return not batch.is_control_batch


def _done_with(fetcher: Any, tp: Any) -> None:  # noqa: ANN401
    del fetcher._records[tp]
    fetcher._notify(fetcher._wait_consume_future)
