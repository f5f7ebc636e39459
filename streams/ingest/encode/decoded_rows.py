"""The columns that every ledger table has, grown chunk by chunk over a block.

A block is worked through in chunks small enough to stay in the processor's cache: one pass per step over a thousand
records costs a third less than over forty thousand.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import xxhash

from schemas.decoding import DECODE_ERRORS, DECODERS, MAX_BYTES, SHALLOW_BYTES, is_shallow, is_utf8
from schemas.instants import InstantError, parse_instant
from streams.ingest.encode.survivors import survivors, without
from streams.kafka.block import Block

_CHUNK_RECORDS: Final = 1_000

_FORM: Final = "2026-09-01T12:34:56.789Z"
_DIGITS: Final = [place for place, character in enumerate(_FORM) if character.isdigit()]
_MARKS: Final = [place for place, character in enumerate(_FORM) if not character.isdigit()]
_MARK_BYTES: Final = np.frombuffer("".join(_FORM[place] for place in _MARKS).encode(), np.uint8)[:, None]
_ZERO: Final = ord("0")
# Century, year, month, day, hour, minute, second: where their tens and ones stand, and the most that each can be.
_TENS: Final = [0, 2, 5, 8, 11, 14, 17]
_ONES: Final = [place + 1 for place in _TENS]
_MOST: Final = np.array([20, 99, 12, 31, 23, 59, 59], np.uint8)[:, None]
# Numbers of one byte times these are wide enough for what comes of them.
_HOUR_S: Final = np.int32(3_600)
_MINUTE_S: Final = np.int32(60)
_HUNDRED: Final = np.int32(100)

_FIRST_YEAR: Final = 2000
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()
_MONTH_STARTS: Final = np.array(
    [dt.date(_FIRST_YEAR + month // 12, month % 12 + 1, 1).toordinal() - _EPOCH_DAY for month in range(1_201)]
)
"""Days since the epoch of the first of each month from January 2000 to January 2100."""

Kind = tuple[Any, ...]
"""The values of a record that repeat; classification and checks run once per distinct kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a topic's records become rows. Functions from lists to lists, so that each is one comprehension.

    `instants` are the fields that hold instants, the one that gives the minute first. `kinds` are the values that
    repeat; `valid` says what the record's `violation()` says of them. `measures` are numbers, NULL where absent.
    """

    topic: str
    ids: Callable[[Sequence[Any]], list[str]]
    instants: Sequence[Callable[[Sequence[Any]], list[str]]]
    kinds: Callable[[Sequence[Any]], list[Kind]]
    valid: Callable[[Kind], bool]
    measures: Sequence[Callable[[Sequence[Any]], list[int | None]]]


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
    """Rows of a block so far, in parallel; `rows` are their positions in the block, `refused` those of the others."""

    interning: Interning
    ids: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    instants_ms: list[list[int]] = field(default_factory=list)
    measures: list[list[int | None]] = field(default_factory=list)
    identities: list[bytes] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)


def decode_rows(block: Block, shape: Shape) -> DecodedRows:
    """Decode, check and hash the records of a block; valid as `schemas.decoding` defines it."""
    decoded = DecodedRows(Interning(shape.valid))
    decoded.instants_ms = [[] for _ in shape.instants]
    decoded.measures = [[] for _ in shape.measures]
    for first in range(0, len(block.values), _CHUNK_RECORDS):
        values = block.values[first : first + _CHUNK_RECORDS]
        _add(decoded, shape, _Chunk(rows=list(range(first, first + len(values))), lanes=[list(values)]))
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
    chunk.drop(_unreadable(chunk.lanes[0]))
    chunk.widen(DECODERS[shape.topic].decode, chunk.lanes[0], DECODE_ERRORS)
    for texts_of in shape.instants:
        chunk.add(*parse_instants(texts_of(chunk.lanes[1])))
    chunk.widen(decoded.interning.__getitem__, shape.kinds(chunk.lanes[1]), (InvalidKindError,))
    values, records, *instant_lanes, numbers = chunk.lanes
    ids = shape.ids(records)
    decoded.ids += ids
    decoded.rows += chunk.rows
    decoded.refused += chunk.refused
    decoded.index += numbers
    decoded.identities.append(b"".join(map(xxhash.xxh3_128_digest, map(str.encode, ids))))
    decoded.contents.append(b"".join(map(xxhash.xxh3_64_digest, values)))
    for instants_ms, lane in zip(decoded.instants_ms, instant_lanes, strict=True):
        instants_ms.extend(lane)
    for measure, measures_of in zip(decoded.measures, shape.measures, strict=True):
        measure.extend(measures_of(records))


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


def parse_instants(texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """Milliseconds since the epoch (T1) of the texts that are instants, in order, and the positions of the others.

    The form that nearly all records use is read by arithmetic on arrays, all others one by one. What
    `schemas.instants.parse_instant` says decides; a property test holds this to it text by text.
    """
    if set(map(len, texts)) != {len(_FORM)}:
        return survivors(parse_instant, texts, (InstantError,))
    joined = "".join(texts).encode(errors="replace")
    if len(joined) != len(_FORM) * len(texts):
        return survivors(parse_instant, texts, (InstantError,))
    instants_ms, plain = _parse_form(np.frombuffer(joined, np.uint8).reshape(-1, len(_FORM)).T.copy())
    if plain.all():
        return instants_ms.tolist(), []
    return survivors(parse_instant, texts, (InstantError,))


def _parse_form(characters: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Of texts, a column each, the instants, and which have the form and a date and a time that there is."""
    numbers = characters - _ZERO
    plain = (numbers[_DIGITS].max(axis=0) <= 9) & (characters[_MARKS] == _MARK_BYTES).all(axis=0)  # noqa: PLR2004
    tens = numbers[_TENS] * 10 + numbers[_ONES]
    century, year, month, day, hour, minute, second = tens
    plain &= (tens <= _MOST).all(axis=0) & (century == _FIRST_YEAR // 100) & (month >= 1) & (day >= 1)
    months = np.where(plain, year.astype(np.int32) * 12 + month - 1, 0)
    days = _MONTH_STARTS[months] + day - 1
    plain &= days < _MONTH_STARTS[months + 1]
    seconds = days * 86_400 + (hour * _HOUR_S + minute * _MINUTE_S + second)
    return seconds * 1000 + (numbers[20] * _HUNDRED + numbers[21] * 10 + numbers[22]), plain
