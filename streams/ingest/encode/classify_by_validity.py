"""Classification once per distinct kind of record and era of the code tables (C4), not once per record."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streams.ingest.encode.arrays import dictionary, distinct
from streams.ingest.encode.ledger_columns import LedgerColumns
from streams.rules.classify import Classification

_FIRST_ERA_AT_MS: Final = 0


def classified(
    columns: LedgerColumns,
    edges_ms: Sequence[int],
    credit_issuer: int,
    classify: Callable[[tuple[Any, ...], int], Classification],
) -> tuple[npt.NDArray[np.int8], pa.DictionaryArray]:
    """Outcome numbers and reasons of every row; the first `credit_issuer` values of its kind and its time decide.

    Between two neighbouring edges a classification does not depend on the time, so that of the era's first instant
    holds for all of it.
    """
    kinds = columns.kinds
    if not len(columns.index):
        return np.empty(0, np.int8), dictionary([], columns.index)
    validity_ranges = np.searchsorted(np.asarray(edges_ms, np.int64), columns.time_ms, side="right")
    pairs, rows = distinct(validity_ranges * len(kinds) + columns.index, (len(edges_ms) + 1) * len(kinds))
    starts = [_FIRST_ERA_AT_MS, *edges_ms]
    once = cache(classify)
    verdicts = [once(kinds[pair % len(kinds)][:credit_issuer], starts[pair // len(kinds)]) for pair in pairs.tolist()]
    outcomes = np.array([verdict.outcome for verdict in verdicts], np.int8)
    return outcomes[rows], dictionary([verdict.reason for verdict in verdicts], rows)
