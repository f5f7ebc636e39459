"""Classification once per distinct kind of record and validity of the code tables (C4), not once per record."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streams.ingest.encode.arrays import dictionary, distinct
from streams.ingest.encode.ledger_columns import LedgerColumns
from streams.rules.classify import Classification, OutcomeRules

_FIRST_VALIDITY_AT_MS: Final = 0


class Classes(NamedTuple):
    """What of a row decides beside its kind, where few cases differ: row i has the values `values[numbers[i]]`."""

    numbers: npt.NDArray[np.integer[Any]]
    values: Sequence[tuple[Any, ...]]


def classify_by_validity(
    columns: LedgerColumns,
    rules: OutcomeRules,
    decided_by: slice,
    classify: Callable[..., Classification],
    classes: Classes | None = None,
) -> tuple[npt.NDArray[np.int8], pa.DictionaryArray]:
    """Outcome numbers and reasons of every row, by C2 and C3.

    `classify` is given the values of the row's kind that decide, None for one that is absent, those of its class, an
    instant in milliseconds and the rules. Between two neighbouring edges of the code tables a classification does not
    depend on the time, so that of the first instant holds until the next edge.
    """
    kinds, edges_ms = columns.kinds, rules.tables.edges_ms
    if not len(columns.index):
        return np.empty(0, np.int8), dictionary([], columns.index)
    classes = classes or Classes(numbers=np.zeros(len(columns.index), np.int8), values=[()])
    validity_ranges = np.searchsorted(np.asarray(edges_ms, np.int64), columns.time_ms, side="right")
    cases = (validity_ranges * len(classes.values) + classes.numbers) * len(kinds) + columns.index
    found, rows = distinct(cases, (len(edges_ms) + 1) * len(classes.values) * len(kinds))
    starts = [_FIRST_VALIDITY_AT_MS, *edges_ms]

    @cache
    def once(values: tuple[Any, ...], of_class: tuple[Any, ...], at_ms: int) -> Classification:
        return classify(*values, *of_class, at_ms, rules)

    def verdict(case: int) -> Classification:
        rest, kind = divmod(case, len(kinds))
        validity, of_class = divmod(rest, len(classes.values))
        return once(kinds[kind][decided_by], classes.values[of_class], starts[validity])

    verdicts = [verdict(case) for case in found.tolist()]
    outcomes = np.array([verdict.outcome for verdict in verdicts], np.int8)
    return outcomes[rows], dictionary([verdict.reason for verdict in verdicts], rows)
