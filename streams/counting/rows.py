"""Rows of `minutes`, put together from the counts of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streams.clickhouse.arrow import entries, numbers

VERSION_FLOOR: Final = 2**40
"""What versions of the contract's second edition lie above: no count of the first edition is as great."""
MAPS: Final = ("mended", "request_sources", "message_sources")
"""Columns that hold a number by name."""

Integers = npt.NDArray[np.int64]
_MINUTE_BITS: Final = 32
_NONE: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedNumbers:
    """Entries of a column of maps, in any order; numbers of one row and name are added."""

    rows: Integers
    names: pa.Array
    """(n,) strings."""
    counts: Integers

    def column(self, size: int) -> pa.Array:
        """(size,) maps, each by its names in order."""
        known = pa.array(sorted(pc.unique(self.names).to_pylist()), pa.string())
        codes = pc.index_in(self.names, known).to_numpy().astype(np.int64)
        found, of = np.unique(self.rows * max(len(known), 1) + codes, return_inverse=True)
        sums = added(of, self.counts, len(found))
        owners, codes = np.divmod(found, max(len(known), 1))
        offsets = np.searchsorted(owners, np.arange(size + 1))
        return pa.MapArray.from_arrays(
            pa.array(offsets, pa.int32()), known.take(pa.array(codes)), pa.array(sums, pa.uint32())
        )


def added(rows: npt.NDArray[np.integer[Any]], counts: Integers, size: int) -> Integers:
    """(size,): the sum of the counts of each row."""
    whole = np.zeros(size, dtype=np.int64)
    np.add.at(whole, rows, counts)
    return whole


def places_of(counts: pa.Table) -> Integers:
    """(n,): service-minutes as numbers, in the order of (service, minute)."""
    return (numbers(counts, "service") << _MINUTE_BITS) + numbers(counts, "minute")


def named_minutes(counts: pa.Table) -> list[tuple[int, int]]:
    """The service-minutes of a table, by the service's number and the second at which the minute begins."""
    return list(zip(numbers(counts, "service").tolist(), numbers(counts, "minute").tolist(), strict=True))


def only(counts: pa.Table, named: Sequence[tuple[int, int]]) -> pa.Table:
    """The rows of a table that are of these service-minutes."""
    wanted = [(service << _MINUTE_BITS) + second for service, second in named]
    return counts.filter(pa.array(np.isin(places_of(counts), wanted)))


def minute_rows(kinds: Sequence[pa.Table], known: Sequence[pa.Table]) -> pa.Table:
    """(n,): rows of `minutes` of all service-minutes that these tables count, by service and minute.

    `known`: how many distinct records of a kind (`records`) a service-minute was known to have before it was counted.
    Their sum is its `version`: it grows with the set, so an older row that lands late never replaces a newer one. A
    minute of which less was found than was known has expired from the ledger in between, and has no row: what counts
    of it is stored already.
    """
    rows = minute_counts(kinds)
    places = places_of(rows)
    versions = np.zeros(len(places), dtype=np.int64)
    for of in known:
        counted = np.isin(places_of(of), places)
        places_known = np.searchsorted(places, places_of(of)[counted])
        versions += added(places_known, numbers(of, "records")[counted], len(places))
    rows = rows.append_column("version", pa.array((versions + VERSION_FLOOR).astype(np.uint64)))
    return rows.filter(pa.array(numbers(rows, "records") >= versions))


def minute_counts(kinds: Sequence[pa.Table]) -> pa.Table:
    """(n,): what these tables count of service-minutes, by service and minute, in columns named as those of `minutes`.

    A table is the answer to `sql/queries/count_<kind>.sql`, or what `plain_requests` makes; each holds a service-minute
    once at most, and no two tables hold one of the same kind. A column that no table has is left out: it counts
    nothing.
    """
    of_kinds = [places_of(counts) for counts in kinds]
    places = np.unique(np.concatenate([_NONE, *of_kinds]))
    parts = [(counts, np.searchsorted(places, of)) for counts, of in zip(kinds, of_kinds, strict=True)]
    columns: dict[str, Any] = _sums(parts, len(places))
    columns |= {name: _named(parts, name).column(len(places)) for name in MAPS}
    return pa.table(
        {
            "service": (places >> _MINUTE_BITS).astype(np.int8),
            "minute": (places & (2**_MINUTE_BITS - 1)).astype(np.uint32),
            **columns,
        }
    )


_Parts = Sequence[tuple[pa.Table, npt.NDArray[np.intp]]]
"""Tables of counts, and in which row of the result each of their rows belongs."""


def _sums(parts: _Parts, size: int) -> dict[str, Integers]:
    """(size,) each: the columns that any table has, by name."""
    names = sorted({name for counts, _ in parts for name in counts.column_names} - {"service", "minute", *MAPS})
    sums = {name: np.zeros(size, dtype=np.int64) for name in ("records", *names)}
    for counts, rows in parts:
        for name in sums.keys() & set(counts.column_names):
            sums[name][rows] += numbers(counts, name)  # a service-minute is there once at most
    return sums


def _named(parts: _Parts, name: str) -> NamedNumbers:
    found = [(rows, *entries(counts, name)) for counts, rows in parts if name in counts.column_names]
    return NamedNumbers(
        rows=np.concatenate([_NONE, *(rows[owners] for rows, owners, *_ in found)]),
        names=pa.concat_arrays(
            [pa.array([], pa.string()), *(pa.array(keys, pa.string()).take(codes) for _, _, keys, codes, _ in found)]
        ),
        counts=np.concatenate([_NONE, *(of_names for *_, of_names in found)]),
    )
