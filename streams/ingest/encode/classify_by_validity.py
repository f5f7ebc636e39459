"""Classification once per distinct kind of record and validity of the code tables (C4), not once per record."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.codes import CodeTables
from streams.ingest.encode.arrays import dictionary, distinct
from streams.ingest.encode.ledger_columns import LedgerColumns
from streams.rules.classify import Classification

_FIRST_VALIDITY_AT_MS: Final = 0


def classify_by_validity(
    columns: LedgerColumns, tables: CodeTables, decided_by: slice, classify: Callable[..., Classification]
) -> tuple[npt.NDArray[np.int8], pa.DictionaryArray]:
    """Outcome numbers and reasons of every row, by C2 and C3.

    `classify` is given the values of the row's kind that decide, None for one that is absent, an instant in
    milliseconds and the code tables. Between two neighbouring edges of the tables a classification does not depend on
    the time, so that of the first instant holds until the next edge.
    """
    kinds, edges_ms = columns.kinds, tables.edges_ms
    if not len(columns.index):
        return np.empty(0, np.int8), dictionary([], columns.index)
    validity_ranges = np.searchsorted(np.asarray(edges_ms, np.int64), columns.time_ms, side="right")
    pairs, rows = distinct(validity_ranges * len(kinds) + columns.index, (len(edges_ms) + 1) * len(kinds))
    starts = [_FIRST_VALIDITY_AT_MS, *edges_ms]

    @cache
    def once(values: tuple[Any, ...], at_ms: int) -> Classification:
        return classify(*values, at_ms, tables)

    verdicts = [once(kinds[pair % len(kinds)][decided_by], starts[pair // len(kinds)]) for pair in pairs.tolist()]
    outcomes = np.array([verdict.outcome for verdict in verdicts], np.int8)
    return outcomes[rows], dictionary([verdict.reason for verdict in verdicts], rows)
