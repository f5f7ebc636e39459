"""Split an insert by month: ClickHouse refuses one that spans more than a hundred partitions of a table."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

_MONTHS_IN_ONE_INSERT: Final = 100


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
