"""The records of a block as arrays: what classification, the tables and the row of `blocks` are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.instants import MINUTE_MS
from schemas.violations import InvalidRecord
from streams.ingest.encode.arrays import big_endian_integers, dictionary, fixed_bytes, instants
from streams.ingest.encode.decoded_rows import Shape, decode_rows
from streams.ingest.encode.encoded_block import Touched
from streams.kafka.block import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerColumns:
    """Rows of a ledger table in parallel arrays; row i is of kind `kinds[index[i]]`; `minute` in seconds (T2).

    `rows` are their positions in the block; `refused` says of the others why they are none. `durations_us` are of the
    fields of the topic's shape, NULL where absent; `mended` names fields with commas.
    """

    partition: int
    rows: npt.NDArray[np.int64]
    refused: Mapping[int, InvalidRecord]
    ids: Sequence[str]
    durations_us: Sequence[pa.Array]
    kinds: Sequence[tuple[Any, ...]]
    index: npt.NDArray[np.int32]
    instants_ms: Sequence[npt.NDArray[np.int64]]
    minute: npt.NDArray[np.uint32]
    identity: pa.FixedSizeBinaryArray
    content: npt.NDArray[np.uint64]
    unnamed: npt.NDArray[np.bool_]
    mended: pa.DictionaryArray
    offset: npt.NDArray[np.uint64]
    recorded_at_ms: npt.NDArray[np.int64]

    @property
    def time_ms(self) -> npt.NDArray[np.int64]:
        """The instant that gives the minute and the era of the code tables (C4)."""
        return self.instants_ms[0]

    def columns_of_kinds(self, width: int) -> Sequence[Sequence[Any]]:
        """The distinct kinds, transposed: one list for each of their `width` values."""
        return [[kind[position] for kind in self.kinds] for position in range(width)]

    def of_kind(self, values: Sequence[int], type_: npt.DTypeLike) -> npt.NDArray[Any]:
        """A column of numbers that depend on the kind alone: `values[k]` for rows of `kinds[k]`."""
        return np.array(values, type_)[self.index]

    def numbers(self, values: Sequence[int], type_: npt.DTypeLike) -> pa.Array:
        """The same as a column of a table."""
        return pa.array(self.of_kind(values, type_))

    def texts(self, values: Sequence[str | None]) -> pa.DictionaryArray:
        """A LowCardinality(String) column that depends on the kind alone; None is the empty string."""
        return dictionary([value or "" for value in values], self.index)

    def touched(self, services: npt.NDArray[np.int8]) -> Touched:
        """The distinct service-minutes of the rows."""
        pairs = np.unique(self.minute.astype(np.int64) * 256 + services)
        return Touched(services=(pairs % 256).astype(np.int8), minutes=(pairs // 256).astype(np.uint32))


class LedgerRows(NamedTuple):
    """Rows of a ledger table, the service-minutes they touch, and the columns they were made from."""

    table: str
    rows: pa.Table
    touched: Touched
    columns: LedgerColumns


def ledger_columns(block: Block, shape: Shape) -> LedgerColumns:
    """Decode the records of a block, and lay out what all ledger tables share."""
    decoded = decode_rows(block, shape)
    instants_ms = [np.array(column, np.int64) for column in decoded.instants_ms]
    rows = np.array(decoded.rows, np.int64)
    return LedgerColumns(
        partition=block.partition,
        rows=rows,
        refused=decoded.refused,
        ids=decoded.ids,
        durations_us=[pa.array(column, pa.uint64()) for column in decoded.durations_us],
        kinds=list(decoded.interning),
        index=np.array(decoded.index, np.int32),
        instants_ms=instants_ms,
        minute=(instants_ms[0] // MINUTE_MS * (MINUTE_MS // 1000)).astype(np.uint32),
        identity=fixed_bytes(b"".join(decoded.identities), 16),
        content=big_endian_integers(b"".join(decoded.contents)),
        unnamed=_flags(decoded.unnamed, len(rows)),
        mended=_sparse_texts(decoded.mended, len(rows)),
        offset=np.asarray(block.offsets, np.uint64)[rows],
        recorded_at_ms=np.asarray(block.timestamps_ms, np.int64)[rows],
    )


def shared_columns(columns: LedgerColumns) -> dict[str, pa.Array]:
    """Columns of the same name and type in every ledger table."""
    return {
        "minute": pa.array(columns.minute),
        "identity": columns.identity,
        "content": pa.array(columns.content),
        "unnamed": pa.array(columns.unnamed),
        "mended": columns.mended,
        "partition": pa.array(np.full(len(columns.minute), columns.partition, np.uint16)),
        "offset": pa.array(columns.offset),
        "recorded_at": instants(columns.recorded_at_ms),
    }


def milliseconds_in_minute(columns: LedgerColumns) -> pa.Array:
    """The instant that gives the minute, less the minute."""
    return pa.array((columns.time_ms % MINUTE_MS).astype(np.uint16))


def _flags(set_rows: Sequence[int], rows: int) -> npt.NDArray[np.bool_]:
    flags = np.zeros(rows, np.bool_)
    flags[list(set_rows)] = True
    return flags


def _sparse_texts(texts: Mapping[int, str], rows: int) -> pa.DictionaryArray:
    index = np.zeros(rows, np.int32)
    index[list(texts)] = np.arange(1, len(texts) + 1)
    return dictionary(["", *texts.values()], index)
