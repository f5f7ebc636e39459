"""Runs of fetched records, taken out of aiokafka a partition at a time instead of record by record.

aiokafka fetches ahead and keeps compressed batches; what is taken is unpacked here, on its own loop, and the consumer's
position moves past it at once. Reaches into aiokafka's fetcher (0.14), as Faust's own driver does.
"""
# ruff: noqa: SLF001

import gc
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import CorruptRecordException

from streams.core.errors import Code, ZectoError
from streams.core.waits import RecordPlace
from streams.kafka.batches import BatchPart, FetchedBatches, parts_of
from streams.kafka.large_value import LargeValue

Tp = tuple[str, int]


class CorruptBatchError(ZectoError):
    """A batch cannot be read as the broker sends it; `place` is where it begins."""

    usual_code = Code.TOPIC_UNREADABLE

    def __init__(self, place: RecordPlace, said: str) -> None:
        super().__init__(f"the broker sends a corrupt batch at {place}: {said}")
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that is taken at once."""

    records: int
    value_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Records of a partition between two consumer positions; none where the span holds only markers.

    A large value is among `values` with its beginning, and in `large` by its offset.
    """

    tp: Tp
    first: int
    next: int
    offsets: list[int]
    timestamps_ms: list[int]
    values: list[bytes | None]
    value_bytes: int
    large: dict[int, LargeValue] = field(default_factory=dict)


def take_runs(fetcher: Any, partitions: Collection[Any], limit: Limit, room_bytes: int) -> list[Run]:  # noqa: ANN401
    """One run of each partition that has something fetched, until `room_bytes` are spent.

    Partitions come in the order in which aiokafka fetched them, so that each gets its turn. One with a corrupt batch
    is in nobody's way: it is told of only where there is nothing else.

    Raises:
        CorruptBatchError: a batch is not what its producer wrote.
        KafkaError: what else fetching met (an unauthorized topic).
    """
    runs, corrupt = [], None
    with _without_search_for_cycles():
        for tp in [tp for tp in fetcher._records if tp in partitions]:
            if room_bytes <= 0:
                break
            position = fetcher._subscriptions.subscription.assignment.state_value(tp)
            try:
                run = _take_run(fetcher, tp, limit)
            except CorruptRecordException as error:
                place = RecordPlace(tp.topic, tp.partition, position.position)
                corrupt = CorruptBatchError(place, str(error))
                continue
            if run is not None:
                runs.append(run)
                room_bytes -= run.value_bytes
    if corrupt and not runs:
        raise corrupt
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
    try:
        taken, exhausted = _unpack(fetched._partition_records, limit)
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
        offsets=taken.offsets,
        timestamps_ms=taken.timestamps_ms,
        values=taken.values,
        value_bytes=taken.value_bytes,
        large=taken.large,
    )


@dataclass(slots=True)
class _Taken:
    """Records in parallel, large values among them by offset."""

    offsets: list[int] = field(default_factory=list)
    timestamps_ms: list[int] = field(default_factory=list)
    values: list[bytes | None] = field(default_factory=list)
    large: dict[int, LargeValue] = field(default_factory=dict)
    value_bytes: int = 0

    def add(self, part: BatchPart) -> None:
        self.offsets += part.offsets
        self.timestamps_ms += part.timestamps_ms
        self.values += part.values
        if part.large:
            self.large |= {offset: part.large[offset] for offset in part.offsets if offset in part.large}
        self.value_bytes += sum(map(len, filter(None, part.values)))


def _unpack(records: Any, limit: Limit) -> tuple[_Taken, bool]:  # noqa: ANN401
    """The next records, up to the limit, and whether nothing is left.

    The limit of bytes is looked at from part to part: a part is in memory whole, whatever is taken of it.
    """
    # aiokafka's own way through them, unused here: it and the records hold each other, and megabytes, until collected.
    records._records_iterator = None
    taken = _Taken()
    while (left := limit.records - len(taken.values)) and taken.value_bytes < limit.value_bytes:
        part = _next_part(records)
        if part is None:
            return taken, True
        if len(part.offsets) > left:
            records.left_over = part.between(left, None, part.next)
            part = part.between(0, left, part.offsets[left - 1] + 1)
        taken.add(part)
        records.next_fetch_offset = part.next
    return taken, False


def _next_part(records: Any) -> BatchPart | None:  # noqa: ANN401
    """The next records to read that came in one batch, at least one; None when none are left.

    aiokafka gives out record by record, which costs as much again as decoding a batch.

    Raises:
        CorruptRecordException: a batch is not what its producer wrote.
    """
    left_over: BatchPart | None = getattr(records, "left_over", None)
    if left_over is not None:
        records.left_over = None
        return left_over
    while True:
        part = _part_of_open_batch(records) or _part_of_next_batch(records)
        if part is None:
            return None
        first = bisect_left(part.offsets, records.next_fetch_offset)
        if first < len(part.offsets):
            return part.between(first, None, part.next) if first else part
        # Beyond these, for there is nothing to read in them, and to fetch them again would not change that.
        records.next_fetch_offset = max(records.next_fetch_offset, part.next)


def _part_of_open_batch(records: Any) -> BatchPart | None:  # noqa: ANN401
    parts: Iterator[BatchPart] = getattr(records, "parts", iter(()))
    return next(parts, None)


def _part_of_next_batch(records: Any) -> BatchPart | None:  # noqa: ANN401
    """The first part of the next batch; one without records where nothing of it is to be read."""
    batches: FetchedBatches = records._records
    if not batches.has_next():
        return None
    batch = batches.next_batch()
    if records._check_crcs and not batch.validate_crc():
        raise CorruptRecordException(f"Invalid CRC - {records._tp}")
    records.parts = parts_of(batch, batches.raw) if _is_to_be_read(records, batch) else iter(())
    return next(records.parts, None) or BatchPart(next=batch.next_offset, offsets=[], timestamps_ms=[], values=[])


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
