"""Records taken out of aiokafka batch by batch are those that it gives out one by one."""

import gc
import weakref
from dataclasses import dataclass

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.batches import FetchedBatches
from streams.kafka.runs import Limit, _unpack

_NO_PRODUCER = -1
_ABORT = b"\0\0\0\0"
_COMMIT = b"\0\0\0\1"
# Where a control batch says so: the attributes' sixth bit.
_CONTROL = 0x20
_NO_LIMIT_BYTES = 1 << 40


@dataclass(frozen=True)
class Written:
    """A batch: its records' values, or a marker that ends the transaction of its producer."""

    values: tuple[bytes | None, ...]
    producer: int = _NO_PRODUCER
    marker: bytes = b""
    hole: int = 0
    """Offsets after it that nothing has: compaction took what stood there."""


VALUES = st.lists(st.none() | st.binary(max_size=9), min_size=1, max_size=7).map(tuple)
PRODUCERS = st.sampled_from([1, 2])
BATCHES = st.one_of(
    st.builds(Written, VALUES, hole=st.integers(0, 2)),
    st.builds(Written, VALUES, producer=PRODUCERS),
    st.builds(Written, st.just((b"",)), producer=PRODUCERS, marker=st.sampled_from([_ABORT, _COMMIT])),
)


def written(batches: list[Written], *, compression: int) -> tuple[bytes, list[tuple[int, int]]]:
    """The bytes that a broker would answer with, and the transactions it calls aborted: producer, first offset."""
    answer, offset = b"", 0
    open_since: dict[int, int] = {}
    aborted: list[tuple[int, int]] = []
    for batch in batches:
        transactional = batch.producer != _NO_PRODUCER
        packed = 0 if batch.marker else compression  # no broker compresses a marker
        builder = DefaultRecordBatchBuilder(2, packed, transactional, batch.producer, 0, 0, 1 << 20)
        for number, value in enumerate(batch.values):
            assert builder.append(number, 1_000 + offset + number, batch.marker or None, value, [])
        answer += _placed(bytearray(builder.build()), offset, is_control=bool(batch.marker))
        if batch.marker:
            first = open_since.pop(batch.producer, None)
            if batch.marker == _ABORT and first is not None:
                aborted.append((batch.producer, first))
        elif batch.producer != _NO_PRODUCER:
            open_since.setdefault(batch.producer, offset)
        offset += len(batch.values) + batch.hole
    return answer, aborted


def _placed(built: bytearray, offset: int, *, is_control: bool) -> bytes:
    """A batch at an offset. Nothing checks its sum here but where a test asks for that."""
    built[0:8] = offset.to_bytes(8, "big")
    if is_control:
        built[22] |= _CONTROL
    return bytes(built)


def opened(answer: bytes, aborted: list[tuple[int, int]], first: int, *, check: bool = False) -> PartitionRecords:
    """aiokafka's own reader of an answer, from a position on."""
    place = TopicPartition("t", 0)
    return PartitionRecords(place, FetchedBatches(answer), aborted, first, None, None, check, READ_COMMITTED)


@given(
    batches=st.lists(BATCHES, max_size=8),
    first=st.integers(0, 12),
    most=st.integers(1, 9),
    compression=st.sampled_from([0, 3]),
)
def test_whatever_is_taken_at_once_it_equals_aiokafkas_records(
    batches: list[Written], first: int, most: int, compression: int
) -> None:
    answer, aborted = written(batches, compression=compression)
    # A broker answers from the batch on that holds the position.
    first = min(first, len(batches[0].values) - 1) if batches else first
    theirs = opened(answer, aborted, first)
    expected = [(record.offset, record.timestamp, record.value) for record in theirs]
    ours = opened(answer, aborted, first)
    taken: list[tuple[int, int, bytes | None]] = []
    exhausted = False
    while not exhausted:
        some, exhausted = _unpack(ours, Limit(records=most, value_bytes=_NO_LIMIT_BYTES))
        assert len(some.values) == most or exhausted
        assert some.value_bytes == sum(len(value or b"") for value in some.values)
        taken += zip(some.offsets, some.timestamps_ms, some.values, strict=True)
        assert all(offset < ours.next_fetch_offset for offset in some.offsets)
    assert taken == expected
    assert ours.next_fetch_offset == theirs.next_fetch_offset


def test_the_limit_of_bytes_is_kept_to_the_batch() -> None:
    answer, aborted = written([Written((b"1234", b"5678")), Written((b"9",))], compression=0)
    records = opened(answer, aborted, 0)
    first, exhausted = _unpack(records, Limit(records=10, value_bytes=5))
    assert (first.values, first.value_bytes, exhausted) == ([b"1234", b"5678"], 8, False)
    rest, exhausted = _unpack(records, Limit(records=10, value_bytes=5))
    assert (rest.values, rest.value_bytes, exhausted) == ([b"9"], 1, True)


def test_a_batch_that_is_not_what_was_written_is_refused() -> None:
    answer, aborted = written([Written((b"1234",))], compression=0)
    spoiled = answer[:-2] + bytes([answer[-2] ^ 1]) + answer[-1:]
    with pytest.raises(CorruptRecordException):
        _unpack(opened(spoiled, aborted, 0, check=True), Limit(records=1, value_bytes=1))


def test_what_was_read_is_freed_without_a_cycle_search() -> None:
    answer, aborted = written([Written((b"a", b"b"))], compression=0)
    records = opened(answer, aborted, 0)
    kept = weakref.ref(records)
    gc.disable()
    try:
        _unpack(records, Limit(records=1, value_bytes=_NO_LIMIT_BYTES))
        del records
        assert kept() is None
    finally:
        gc.enable()
