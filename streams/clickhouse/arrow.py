"""Questions whose answers are columns: numpy arrays as they come, no Python object a row."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from numpy.typing import NDArray

import sql
from schemas.fields import SERVICES, Service
from streams.rules.month.exact import Counts, Indices

NO_CUT_MS: Final = 2**62
"""A cut that nothing reaches: all that is stored is known."""

# Columns come from next door: to compress them costs more than it saves.
_SETTINGS: Final = {
    "output_format_arrow_low_cardinality_as_dictionary": 1,
    "output_format_arrow_compression_method": "none",
}

COUNTED_SERVICES: Final[Mapping[int, Service]] = dict(enumerate(SERVICES, start=1))
"""Services by their numbers in the database."""


def ask(client: Client, query: str, parameters: Mapping[str, Any]) -> pa.Table:
    """The answer to `sql/queries/<query>.sql`, by columns."""
    return ask_text(client, sql.query(query), parameters)


def ask_text(
    client: Client, text: str, parameters: Mapping[str, Any], settings: Mapping[str, Any] | None = None
) -> pa.Table:
    """The answer to a question, by columns."""
    found: pa.Table = client.query_arrow(text, parameters=dict(parameters), settings={**_SETTINGS, **(settings or {})})
    return found


def numbers(table: pa.Table, name: str) -> Counts:
    """A column of numbers as int64."""
    return joined(table.column(name)).astype(np.int64, copy=False)


def unless_zero(table: pa.Table, name: str) -> NDArray[Any] | None:
    """A column of numbers, of whatever type; None if all are zero, which is seen without copying them."""
    column = table.column(name)
    return joined(column) if any(_numbers(chunk).any() for chunk in column.chunks) else None


def joined(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column of numbers in one piece, of whatever type."""
    chunks = [_numbers(chunk) for chunk in column.chunks]
    return chunks[0] if len(chunks) == 1 else np.concatenate([np.zeros(0, dtype=np.int8), *chunks])


def entries(table: pa.Table, name: str) -> tuple[Indices, list[str], Indices, Counts]:
    """The entries of a column of maps, by rows: of which row each is, all keys, which of them it has, its number."""
    maps = table.column(name).combine_chunks()
    start, end = maps.offsets[0].as_py(), maps.offsets[-1].as_py()
    coded = maps.keys.slice(start, end - start)
    coded = coded if isinstance(coded, pa.DictionaryArray) else coded.dictionary_encode()
    return (
        np.repeat(np.arange(len(maps), dtype=np.int32), np.diff(maps.offsets.to_numpy())),
        coded.dictionary.to_pylist(),
        # as few bits as there are keys for: these are sorted by their digits
        coded.indices.to_numpy().astype(np.min_scalar_type(len(coded.dictionary)), copy=False),
        _numbers(maps.items.slice(start, end - start)),
    )


def _numbers(chunk: pa.Array) -> NDArray[Any]:
    found: NDArray[Any] = chunk.to_numpy(zero_copy_only=False)
    return found
