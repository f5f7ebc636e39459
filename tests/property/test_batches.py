"""A batch read record by record holds what aiokafka unpacks of it at once, whatever its codec."""

import hashlib
from contextlib import suppress

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from schemas.raw_value import READ_BYTES
from streams.kafka import batches, unpacking
from streams.kafka.batches import BatchPart, parts_of
from streams.kafka.large_value import large_value

CODECS = range(5)
HEADERS = st.lists(st.tuples(st.text(max_size=3), st.none() | st.binary(max_size=3)), max_size=3)
RECORDS = st.lists(
    st.tuples(st.none() | st.binary(max_size=5), st.none() | st.binary(max_size=300), HEADERS), min_size=1, max_size=9
)


def packed(codec: int, records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]]) -> bytes:
    """A batch of these keys, values and headers, as a producer writes it."""
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 1 << 30)
    for number, (key, value, headers) in enumerate(records):
        assert builder.append(number, 1_000 + 7 * number, key, value, headers)
    return bytes(builder.build())


def read(raw: bytes) -> list[BatchPart]:
    return list(parts_of(MemoryRecords(raw).next_batch(), raw))


@pytest.fixture
def nothing_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is too much to be unpacked at once, and a part has room for two records."""
    monkeypatch.setattr(batches, "_WHOLE_RECORDS", 0)
    monkeypatch.setattr(batches, "_PART_RECORDS", 2)


@pytest.mark.usefixtures("nothing_whole")
@given(records=RECORDS, codec=st.sampled_from(CODECS))
def test_record_by_record_is_what_aiokafka_unpacks(
    records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]], codec: int
) -> None:
    raw = packed(codec, records)
    theirs = [(one.offset, one.timestamp, one.value) for one in MemoryRecords(raw).next_batch()]
    parts = read(raw)
    assert max(len(part.offsets) for part in parts) <= 2
    assert parts[-1].next == len(records)
    ours = [one for part in parts for one in zip(part.offsets, part.timestamps_ms, part.values, strict=True)]
    assert ours == theirs


@pytest.mark.parametrize("codec", CODECS)
def test_a_compressed_batch_is_the_same_uncompressed(codec: int) -> None:
    records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]]
    records = [(b"k", b"value %d" % number, []) for number in range(1_000)]
    (part,) = read(packed(codec, records))
    assert part.values == [value for _, value, _ in records]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [READ_BYTES, READ_BYTES + 1, 3 * READ_BYTES])
def test_b3_a_large_value_is_hashed_and_not_held(codec: int, size: int) -> None:
    value = b"0123456789abcdef" * (size // 16) + b"x" * (size % 16)
    parts = read(packed(codec, [(b"k", b"before", []), (b"k", value, [("h", b"")]), (None, b"after", [])]))
    found = {offset: large for part in parts for offset, large in part.large.items()}
    values = [one for part in parts for one in part.values]
    assert (values[0], values[2]) == (b"before", b"after")
    if size <= READ_BYTES:
        assert (values[1], found) == (value, {})
    else:
        assert found == {1: large_value([value])}
        assert (found[1].size, found[1].sha256) == (size, hashlib.sha256(value).digest())
        assert values[1] == found[1].beginning == value[: len(found[1].beginning)]


def test_a_headers_name_that_is_no_text_costs_nothing() -> None:
    raw = packed(0, [(b"k", b"value", [("name", b"x")])])
    (part,) = read(raw.replace(b"name", b"\xff\xfe\xfd\xfc"))
    assert part.values == [b"value"]


@given(codec=st.sampled_from(CODECS), at=st.integers(0, 400), byte=st.integers(0, 255), cut=st.integers(0, 40))
def test_a_spoiled_batch_is_read_or_refused_never_worse(codec: int, at: int, byte: int, cut: int) -> None:
    raw = bytearray(packed(codec, [(b"k", bytes(range(256)), [("h", b"x")])] * 2))
    place = 61 + at % (len(raw) - 61)
    raw[place] = byte
    spoiled = bytes(raw[: len(raw) - cut % (len(raw) - 61)])
    spoiled = spoiled[:8] + (len(spoiled) - 12).to_bytes(4, "big") + spoiled[12:]
    with suppress(CorruptRecordException):
        assert sum(len(part.offsets) for part in read(spoiled)) <= 2


@pytest.mark.parametrize("codec", CODECS[1:])
def test_more_than_is_asked_for_is_not_unpacked(codec: int) -> None:
    raw = packed(codec, [(None, bytes(1 << 20), [])])
    assert unpacking.unpacked(codec, raw[61:], 1 << 10) is None
    assert len(unpacking.unpacked(codec, raw[61:], 1 << 21) or b"") > 1 << 20
