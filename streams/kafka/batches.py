"""Batches as the broker sends them, unpacked into no more records at once than there is room for.

The broker bounds a batch as it is compressed; what it unpacks to is bounded by nothing. aiokafka unpacks a batch whole,
which is quick and right for all that producers usually send. Larger ones are read record by record here, and values of
more than `READ_BYTES` pass by without being held.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final

from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords

from schemas.raw_value import READ_BYTES
from streams.kafka.large_value import LargeValue, large_value
from streams.kafka.unpacking import NONE, pieces, unpacked

# What is unpacked at once: more, and the batch is read record by record. No large value is in so little.
_WHOLE_BYTES: Final = READ_BYTES
_WHOLE_RECORDS: Final = 100_000
_PART_BYTES: Final = 8 * 1024 * 1024
_PART_RECORDS: Final = 20_000

# Base offset, length, leader's epoch, magic, checksum, attributes, last offset's distance, first and last timestamp,
# producer, its epoch and sequence, records (KIP-98).
_HEADER: Final = Struct(">qiibIhiqqqhii")
_BEFORE_LENGTH: Final = 12
_ATTRIBUTES_AT: Final = 21
_CODEC: Final = 0x07
_APPEND_TIME: Final = 0x08
_MAGIC_AT: Final = 16
_MAGIC: Final = 2
_VARINT_BYTES: Final = 10


class FetchedBatches:
    """What aiokafka asks of its own `MemoryRecords`; keeps the bytes of the last batch given out, as `raw`."""

    def __init__(self, answer: bytes) -> None:
        """`answer` is what the broker sent of a partition: batches, the last of which may be cut off."""
        self._answer = answer
        self._at = 0
        self.raw = b""

    def size_in_bytes(self) -> int:
        """How much the broker sent."""
        return len(self._answer)

    def has_next(self) -> bool:
        """Whether there is another whole batch."""
        return self._at + _BEFORE_LENGTH <= self._end() <= len(self._answer)

    def next_batch(self) -> Any:  # noqa: ANN401  the client is untyped
        """The next batch as aiokafka knows it, not yet unpacked; None when there is none."""
        if not self.has_next():
            return None
        end = self._end()
        self.raw = self._answer[self._at : end]
        self._at = end
        return MemoryRecords(self.raw).next_batch()

    def _end(self) -> int:
        start = self._answer[self._at + 8 : self._at + _BEFORE_LENGTH]
        return self._at + _BEFORE_LENGTH + int.from_bytes(start, "big", signed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPart:
    """Records of one batch that follow each other, in parallel; `next` is the offset to read after them.

    A large value is among `values` with its beginning, and in `large` by its offset.
    """

    next: int
    offsets: Sequence[int]
    timestamps_ms: Sequence[int]
    values: Sequence[bytes | None]
    large: Mapping[int, LargeValue] = field(default_factory=dict)

    def between(self, first: int, last: int | None, following: int) -> "BatchPart":
        """The records at these positions, before the offset that follows them."""
        return BatchPart(
            next=following,
            offsets=self.offsets[first:last],
            timestamps_ms=self.timestamps_ms[first:last],
            values=self.values[first:last],
            large=self.large,
        )


def parts_of(batch: Any, raw: bytes) -> Iterator[BatchPart]:  # noqa: ANN401  the client is untyped
    """The records of a batch, a part of them at a time.

    Raises:
        CorruptRecordException: it cannot be unpacked.
    """
    if batch.magic < _MAGIC:
        yield _part(list(batch), batch.next_offset)
        return
    whole = _whole(batch, raw)
    if whole is not None:
        try:
            found = list(whole)
        except (UnicodeDecodeError, CorruptRecordException):
            # A name of a header that is no text, which is nothing to us: read below, where headers are not looked at.
            pass
        else:
            yield _part(found, batch.next_offset)
            return
    yield from _read(raw, batch.next_offset)


def _part(records: Sequence[Any], following: int) -> BatchPart:
    return BatchPart(
        next=following,
        offsets=[record.offset for record in records],
        timestamps_ms=[record.timestamp for record in records],
        values=[record.value for record in records],
    )


def _whole(batch: Any, raw: bytes) -> Any:  # noqa: ANN401  the client is untyped
    """The batch, uncompressed; None if it is too much to be held whole."""
    (*_, records) = _HEADER.unpack_from(raw)
    if records > _WHOLE_RECORDS:
        return None
    codec = batch.attributes & _CODEC
    if codec == NONE:
        return batch if len(raw) <= _WHOLE_BYTES else None
    content = unpacked(codec, raw[_HEADER.size :], _WHOLE_BYTES)
    return None if content is None else MemoryRecords(_uncompressed(raw, content)).next_batch()


def _uncompressed(raw: bytes, content: bytes) -> bytes:
    """The same batch as if it had not been compressed; its checksum was looked at before."""
    length = _HEADER.size - _BEFORE_LENGTH + len(content)
    attributes = int.from_bytes(raw[_ATTRIBUTES_AT : _ATTRIBUTES_AT + 2], "big") & ~_CODEC
    return b"".join(
        (
            raw[:8],
            length.to_bytes(4, "big"),
            raw[_BEFORE_LENGTH:_ATTRIBUTES_AT],
            attributes.to_bytes(2, "big"),
            raw[_ATTRIBUTES_AT + 2 : _HEADER.size],
            content,
        )
    )


def _read(raw: bytes, following: int) -> Iterator[BatchPart]:
    """The records one by one, in parts that there is room for."""
    base, _, _, _, _, attributes, _, first_ms, last_ms, _, _, _, records = _HEADER.unpack_from(raw)
    content = _Content(pieces(attributes & _CODEC, raw[_HEADER.size :]))
    part, size = _Growing(), 0
    for left in range(records - 1, -1, -1):
        offset, distance_ms, value, large = _record(content)
        timestamp_ms = last_ms if attributes & _APPEND_TIME else first_ms + distance_ms
        part.add(base + offset, timestamp_ms, value, large)
        size += len(value or b"")
        if left and (size >= _PART_BYTES or len(part.offsets) >= _PART_RECORDS):
            yield part.done(base + offset + 1)
            part, size = _Growing(), 0
    yield part.done(following)


class _Growing:
    def __init__(self) -> None:
        self.offsets: list[int] = []
        self._timestamps_ms: list[int] = []
        self._values: list[bytes | None] = []
        self._large: dict[int, LargeValue] = {}

    def add(self, offset: int, timestamp_ms: int, value: bytes | None, large: LargeValue | None) -> None:
        self.offsets.append(offset)
        self._timestamps_ms.append(timestamp_ms)
        self._values.append(value)
        if large is not None:
            self._large[offset] = large

    def done(self, following: int) -> BatchPart:
        return BatchPart(
            next=following,
            offsets=self.offsets,
            timestamps_ms=self._timestamps_ms,
            values=self._values,
            large=self._large,
        )


def _record(content: "_Content") -> tuple[int, int, bytes | None, LargeValue | None]:
    """Offset and time, as distances from the batch's first; the value, or what stands for a large one."""
    length = content.number()
    end = content.at + length
    content.skip(1)
    distance_ms, offset = content.number(), content.number()
    content.skip(max(0, content.number()))
    size = content.number()
    value, large = None, None
    if size > READ_BYTES:
        large = large_value(content.take(size))
        value = large.beginning
    elif size >= 0:
        value = b"".join(content.take(size))
    content.skip(end - content.at)
    return offset, distance_ms, value, large


class _Content:
    """The bytes of a batch's records, read forward only."""

    def __init__(self, found: Iterator[bytes]) -> None:
        self._found = found
        self._piece = b""
        self._in_piece = 0
        self._before = 0

    @property
    def at(self) -> int:
        """How many bytes were read."""
        return self._before + self._in_piece

    def number(self) -> int:
        """A number as Kafka writes it: 7 bits a byte, the sign in the lowest."""
        number = shift = 0
        for _ in range(_VARINT_BYTES):
            if self._in_piece >= len(self._piece):
                self._next_piece()
            byte = self._piece[self._in_piece]
            self._in_piece += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004  the last byte
                return (number >> 1) ^ -(number & 1)
            shift += 7
        raise CorruptRecordException("a number in it does not end")

    def take(self, size: int) -> Iterator[bytes]:
        """The next bytes, in pieces."""
        if size < 0:
            raise CorruptRecordException("a record in it is longer than it says")
        while size > 0:
            if self._in_piece >= len(self._piece):
                self._next_piece()
            piece = self._piece[self._in_piece : self._in_piece + size]
            self._in_piece += len(piece)
            size -= len(piece)
            yield piece

    def skip(self, size: int) -> None:
        """Leave the next bytes out."""
        for _ in self.take(size):
            pass

    def _next_piece(self) -> None:
        self._before += len(self._piece)
        self._in_piece = 0
        self._piece = b""
        while not self._piece:
            piece = next(self._found, None)
            if piece is None:
                raise CorruptRecordException("it holds fewer records than it says")
            self._piece = piece
