"""Inserts are split so that none spans more months than ClickHouse takes at once."""

import pyarrow as pa

from streams.clickhouse.month_batches import within_months

MONTH_S = 31 * 86_400


def table(months: int, rows: int = 3) -> pa.Table:
    minutes = [month * MONTH_S for month in range(months)] * rows
    return pa.table({"minute": pa.array(minutes, pa.uint32()), "n": list(range(len(minutes)))})


def test_a_hundred_months_are_one_insert_one_more_two() -> None:
    assert len(list(within_months(table(100)))) == 1
    assert len(list(within_months(table(101)))) == 2


def test_every_row_goes_into_exactly_one_insert() -> None:
    whole = table(250)
    parts = list(within_months(whole))
    assert len(parts) == 3
    assert sorted(n for part in parts for n in part["n"].to_pylist()) == whole["n"].to_pylist()
    for part in parts:
        assert len(set(part["minute"].to_pylist())) <= 100


def test_a_table_that_is_not_partitioned_by_minute_stays_whole() -> None:
    plain = pa.table({"n": [1, 2]})
    assert list(within_months(plain)) == [plain]
    nullable = pa.table({"minute": pa.array([None, *range(0, 200 * MONTH_S, MONTH_S)], pa.uint32())})
    assert list(within_months(nullable)) == [nullable]
