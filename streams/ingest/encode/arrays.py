"""Arrow arrays in the shapes that ClickHouse casts cheaply: no Python object per record."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

RECORDED_AT = pa.timestamp("ms", "UTC")
"""DateTime64(3, 'UTC') as Arrow says it."""

Integers = npt.NDArray[np.integer]


def dictionary(values: Sequence[str], index: Integers) -> pa.DictionaryArray:
    """A LowCardinality(String) column: `values[index[i]]` for every row i. `values` may repeat itself."""
    distinct = {value: number for number, value in enumerate(dict.fromkeys(values))}
    numbers = np.fromiter((distinct[value] for value in values), np.int32, len(values))
    indices = numbers[index] if len(values) else np.empty(0, np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(list(distinct), pa.string()))


def distinct(numbers: Integers, end: int) -> tuple[Integers, Integers]:
    """The distinct ones of numbers below `end`, ascending, and of every number its place among them.

    As `numpy.unique` with its inverse, without sorting: for numbers of which there are not many more than rows.
    """
    places = np.zeros(end, np.int32)
    places[numbers] = 1
    found = np.flatnonzero(places)
    places[found] = np.arange(len(found), dtype=np.int32)
    return found, places[numbers]


def fixed_bytes(digests: bytes, width: int) -> pa.FixedSizeBinaryArray:
    """FixedString(width) from the rows' bytes laid end to end."""
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(digests) // width, [None, pa.py_buffer(digests)])


def big_endian_integers(digests: bytes) -> npt.NDArray[np.uint64]:
    """Eight-byte digests laid end to end, as the integers that the hash functions call them."""
    return np.frombuffer(digests, ">u8").astype(np.uint64)


def instants(milliseconds: npt.NDArray[np.int64]) -> pa.Array:
    """DateTime64(3, 'UTC') from milliseconds since the epoch."""
    return pa.array(milliseconds).cast(RECORDED_AT)


def sparse_strings(strings: Sequence[str], wanted: npt.NDArray[np.bool_]) -> pa.StringArray:
    """String column that keeps `strings[i]` where wanted and the empty string elsewhere."""
    encoded = [strings[row].encode() for row in np.flatnonzero(wanted).tolist()]
    lengths = np.zeros(len(strings), np.int32)
    lengths[wanted] = [len(text) for text in encoded]
    offsets = np.zeros(len(strings) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.StringArray.from_buffers(len(strings), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))
