"""Of how many records of each kind a row of `minutes` is, for the watch: the row itself says only their sum."""

from collections import defaultdict
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

import sql
from streams.counting.rows import named_minutes
from tests.simulation.database import count_kinds, tally_requests

_COLUMN: Final = pa.map_(pa.string(), pa.int64())


class CountedOf:
    """What the questions of each task that counts were answered, since its last count began."""

    def __init__(self) -> None:
        self._of: dict[object, defaultdict[tuple[int, int], dict[sql.Kind, int]]] = {}

    def note(self, asker: object, query: str, found: pa.Table) -> None:
        """Keep how many records an answer is of; tallies are asked once a count, and forget the count before."""
        if query in tally_requests():
            self._of[asker] = defaultdict(dict)
            self._keep(asker, "requests", found.filter(pc.equal(found["is_plain"], 1)))
        elif kind := count_kinds().get(query):
            self._keep(asker, kind, found)

    def _keep(self, asker: object, kind: sql.Kind, found: pa.Table) -> None:
        for place, records in zip(named_minutes(found), found["records"].to_pylist(), strict=True):
            # A question by blocks brings minutes too that were counted by their tallies.
            self._of[asker][place].setdefault(kind, records)

    def added(self, asker: object, rows: pa.Table) -> pa.Table:
        """Rows of `minutes`, with a column `counted_of`: how many records of each kind each row counts."""
        found = [list(self._of[asker][place].items()) for place in named_minutes(rows)]
        return rows.append_column("counted_of", pa.array(found, _COLUMN))
