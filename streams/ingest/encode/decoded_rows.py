"""The columns that every ledger table has, grown chunk by chunk over a block.

A block is worked through in chunks small enough to stay in the processor's cache: one pass per step over a thousand
records costs a third less than over forty thousand. Records that a topic's decoder or a check refuses are understood
one by one: they are mended, or written in a way that only `schemas.decoding.understand` reads, or dead letters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import xxhash

from schemas.decoding import DECODE_ERRORS, DECODERS, Understood
from schemas.raw_value import MAX_BYTES, SHALLOW_BYTES, is_shallow, is_utf8
from schemas.violations import InvalidRecord, Reason
from streams.ingest.encode.durations import Duration, durations_of
from streams.ingest.encode.named_ids import name_ids
from streams.ingest.encode.plain_instants import parse_instants
from streams.ingest.encode.survivors import survivors, without
from streams.ingest.encode.understanding import understand_at
from streams.kafka.block import Block

_CHUNK_RECORDS: Final = 1_000

Kind = tuple[Any, ...]
"""The values of a record that repeat; classification and checks run once per distinct kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a topic's records become rows. Functions from lists to lists, so that each is one comprehension.

    `instants` are the fields that hold instants, the one that gives the minute first; `parts` are those of messages.
    `kinds` are the values that repeat; `valid` says what the record's `violation()` says of them.
    """

    topic: str
    ids: Callable[[Sequence[Any]], list[str]]
    instants: Sequence[Callable[[Sequence[Any]], list[str]]]
    kinds: Callable[[Sequence[Any]], list[Kind]]
    valid: Callable[[Kind], bool]
    durations: Sequence[Duration]
    parts: Callable[[Sequence[Any]], list[int | None]] = lambda _: []


class InvalidKindError(ValueError):
    """Values that no valid record carries."""


class Interning(dict[Kind, int]):
    """The number of each distinct kind, by first appearance; `[kind]` raises InvalidKindError for an invalid one.

    So classification and checks run once a kind, not once a record.
    """

    __slots__ = ("_valid",)

    def __init__(self, valid: Callable[[Kind], bool]) -> None:
        """`valid` is asked once for each distinct kind."""
        super().__init__()
        self._valid = valid

    def __missing__(self, kind: Kind) -> int:
        if not self._valid(kind):
            raise InvalidKindError
        number = self[kind] = len(self)
        return number


@dataclass(slots=True)
class DecodedRows:
    """Rows of a block so far, in parallel; `rows` are their positions in the block, `refused` says why others are none.

    `unnamed` are the numbers of the rows whose id names nothing; `mended` names the mended fields of others by number.
    """

    interning: Interning
    ids: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    refused: dict[int, InvalidRecord] = field(default_factory=dict)
    index: list[int] = field(default_factory=list)
    instants_ms: list[list[int]] = field(default_factory=list)
    durations_us: list[list[int | None]] = field(default_factory=list)
    identities: list[bytes] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    unnamed: list[int] = field(default_factory=list)
    mended: dict[int, str] = field(default_factory=dict)


def decode_rows(block: Block, shape: Shape) -> DecodedRows:
    """Decode, check and hash the records of a block; valid as `schemas.decoding` defines it."""
    decoded = DecodedRows(Interning(shape.valid))
    decoded.instants_ms = [[] for _ in shape.instants]
    decoded.durations_us = [[] for _ in shape.durations]
    for first in range(0, len(block.values), _CHUNK_RECORDS):
        values = block.values[first : first + _CHUNK_RECORDS]
        chunk = _Chunk(rows=list(range(first, first + len(values))), lanes=[list(values)])
        chunk.drop(_unreadable(chunk.lanes[0]))
        chunk.widen(DECODERS[shape.topic].decode, chunk.lanes[0], DECODE_ERRORS)
        _add(decoded, shape, chunk)
        if chunk.refused:
            _add_one_by_one(decoded, shape, block, sorted(chunk.refused))
    return decoded


@dataclass(slots=True, kw_only=True)
class _Chunk:
    """Parallel lanes over some rows; a refused row leaves all of them."""

    rows: list[int]
    lanes: list[list[Any]]
    refused: list[int] = field(default_factory=list)

    def drop(self, positions: Sequence[int]) -> None:
        if positions:
            self.refused += [self.rows[position] for position in positions]
            self.rows = without(self.rows, positions)
            self.lanes = [without(lane, positions) for lane in self.lanes]

    def widen(
        self, function: Callable[[Any], Any], items: Sequence[Any], refusals: tuple[type[Exception], ...]
    ) -> None:
        """Add a lane of the function's results; rows it refuses are dropped."""
        self.add(*survivors(function, items, refusals))

    def add(self, results: list[Any], refused: Sequence[int]) -> None:
        """Add a lane of results, which has none for the rows that were refused: they are dropped."""
        self.drop(refused)
        self.lanes.append(results)


def _add(decoded: DecodedRows, shape: Shape, chunk: _Chunk) -> None:
    """Add the rows of a chunk that has a lane of values and one of records; those that a check refuses are dropped."""
    for texts_of in shape.instants:
        chunk.add(*parse_instants(texts_of(chunk.lanes[1])))
    for duration in shape.durations:
        chunk.add(*durations_of(duration, chunk.lanes[1]))
    chunk.widen(decoded.interning.__getitem__, shape.kinds(chunk.lanes[1]), (InvalidKindError,))
    values, records, *lanes, numbers = chunk.lanes
    named = name_ids(shape.ids(records), shape.parts(records), values)
    decoded.unnamed += [len(decoded.rows) + position for position in named.unnamed]
    decoded.ids += named.kept
    decoded.rows += chunk.rows
    decoded.index += numbers
    decoded.identities.append(b"".join(named.digests))
    decoded.contents.append(b"".join(map(xxhash.xxh3_64_digest, values)))
    columns: list[list[Any]] = [*decoded.instants_ms, *decoded.durations_us]
    for column, lane in zip(columns, lanes, strict=True):
        column.extend(lane)


def _add_one_by_one(decoded: DecodedRows, shape: Shape, block: Block, positions: Sequence[int]) -> None:
    """Add the records at these positions that `understand` takes; all others are refused."""
    understood: dict[int, Understood] = {}
    for position in positions:
        found = understand_at(block, position)
        if isinstance(found, InvalidRecord):
            decoded.refused[position] = found
        else:
            understood[position] = found
    records = [found.record for found in understood.values()]
    chunk = _Chunk(rows=list(understood), lanes=[[block.values[row] for row in understood], records])
    first = len(decoded.rows)
    _add(decoded, shape, chunk)
    # Both ways agree, by test. Should they ever not, it is a dead letter all the same; its reason is a placeholder.
    decoded.refused |= {row: InvalidRecord(reason=Reason.TOO_DEEP, path="$") for row in chunk.refused}
    for number, row in enumerate(chunk.rows, first):
        if understood[row].mended:
            decoded.mended[number] = ",".join(understood[row].mended)


def _unreadable(values: Sequence[bytes | None]) -> list[int]:
    try:
        if max(map(len, values)) <= SHALLOW_BYTES and all(map(bytes.isascii, values)):  # type: ignore[arg-type]
            return []
    except TypeError:  # a null among them
        pass
    return [
        position
        for position, value in enumerate(values)
        if value is None or len(value) > MAX_BYTES or not is_utf8(value) or not is_shallow(value)
    ]
