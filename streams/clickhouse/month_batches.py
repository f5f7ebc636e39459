"""Split an insert by month: a month is a partition, and ClickHouse limits how many of them one insert may span."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

_MONTHS_IN_ONE_INSERT: Final = 100
INSERT_LIMIT: Final = {"max_partitions_per_insert_block": _MONTHS_IN_ONE_INSERT}
"""The limit for an insert that was split, whatever the server's own is: it is never met."""


def within_months(table: pa.Table, most: int = _MONTHS_IN_ONE_INSERT) -> Iterator[pa.Table]:
    """The same rows, in tables of at most `most` months each by `minute`.

    A partition key is never NULL, so a table whose minutes may be (dead letters) is not partitioned by them.
    """
    if "minute" not in table.column_names or table.column("minute").null_count:
        yield table
        return
    seconds = table.column("minute").to_numpy().astype(np.int64)
    months = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    distinct = np.unique(months)
    if len(distinct) <= most:
        yield table
        return
    for first in range(0, len(distinct), most):
        wanted = np.isin(months, distinct[first : first + most])
        yield table.filter(pa.array(wanted))
