"""Requests that no other record touches: their tallies are their counts.

The question `sql/queries/tally_requests.sql` proves which service-minutes are of this kind; nearly all are, unless
records were replayed, revised or share an id.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streams.clickhouse.arrow import numbers
from streams.counting.rows import Integers, NamedNumbers, added
from streams.rules.classify import Outcome

REQUEST_OUTCOMES: Final = tuple(one for one in Outcome if one not in (Outcome.ACCEPTED, Outcome.ENROUTE))
"""Pending are messages alone (C3)."""
_APART: Final = (Outcome.OK, Outcome.PLATFORM, Outcome.UNKNOWN, Outcome.CLAIMED)
"""Outcomes out of scope that are counted one by one, too (C5)."""
_LISTS: Final = ("in_scope", "outcomes", "sources", "is_unnamed", "mended_fields", "numbers")


class _Tallies:
    """Tallies one after the other, each with the row of its service-minute; each (n,)."""

    def __init__(self, tallied: pa.Table) -> None:
        lists = {name: tallied.column(name).combine_chunks() for name in _LISTS}
        self._size = len(tallied)
        self._rows = np.repeat(np.arange(self._size), pc.list_value_length(lists["numbers"]).to_numpy())
        self._numbers = _array(lists["numbers"]).astype(np.int64)
        self.outcomes = _array(lists["outcomes"])
        self.scoped = _array(lists["in_scope"]).astype(bool)
        self.unnamed = _array(lists["is_unnamed"]).astype(bool)
        self._sources = lists["sources"].flatten()
        self._mended = pc.split_pattern(lists["mended_fields"].flatten(), ",")
        self.unsourced = pc.equal(self._sources, "").to_numpy(zero_copy_only=False)

    def sum(self, which: npt.NDArray[np.bool_]) -> Integers:
        """(size,): of each service-minute, the tallies that are meant."""
        return added(self._rows[which], self._numbers[which], self._size)

    def sources(self) -> pa.Array:
        """(size,) maps: how many name each source (B3)."""
        return self._by_name(self._sources, np.arange(len(self._rows)))

    def mended(self) -> pa.Array:
        """(size,) maps: of how many each optional field could not be read (B3)."""
        lengths = pc.list_value_length(self._mended).to_numpy()
        return self._by_name(self._mended.flatten(), np.repeat(np.arange(len(self._rows)), lengths))

    def _by_name(self, names: pa.Array, tallies: npt.NDArray[np.intp]) -> pa.Array:
        given = pc.not_equal(names, "").to_numpy(zero_copy_only=False)
        of = tallies[given]
        named = NamedNumbers(rows=self._rows[of], names=names.filter(pa.array(given)), counts=self._numbers[of])
        return named.column(self._size)


def _array(lists: pa.ListArray) -> npt.NDArray[Any]:
    found: npt.NDArray[Any] = lists.flatten().to_numpy(zero_copy_only=False)
    return found


def plain_requests(tallied: pa.Table) -> pa.Table:
    """Counts as of `sql/queries/count_requests.sql`, from the tallies of service-minutes that are plain.

    Each identity has one record, which counts (I2): none is corrected, in conflict or another request's (I3, I4), and
    whatever is valid was heard (I4). Columns of which nothing is counted are left out.
    """
    tallies = _Tallies(tallied)
    columns = {
        f"requests_{one.label}": tallies.sum(tallies.scoped & (tallies.outcomes == one)) for one in REQUEST_OUTCOMES
    }
    columns |= {
        f"requests_out_of_scope_{one.label}": tallies.sum(~tallies.scoped & (tallies.outcomes == one)) for one in _APART
    }
    return pa.table(
        {
            "service": numbers(tallied, "service"),
            "minute": numbers(tallied, "minute"),
            "records": numbers(tallied, "records"),
            **columns,
            "requests_out_of_scope": tallies.sum(~tallies.scoped),
            "requests_heard": columns["requests_ok"] + columns["requests_platform"],
            "unsourced": tallies.sum(tallies.unsourced),
            "unnamed": tallies.sum(tallies.unnamed),
            "request_sources": tallies.sources(),
            "mended": tallies.mended(),
        }
    )
