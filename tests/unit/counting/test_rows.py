"""Rows of `minutes` from the counts of requests, messages and probes."""

from typing import Any

import pyarrow as pa

from streams.counting.rows import VERSION_FLOOR, minute_counts, minute_rows, named_minutes, only

_NAMES = pa.map_(pa.string(), pa.uint32())


def _table(rows: list[dict[str, Any]], **maps: list[dict[str, int]]) -> pa.Table:
    table = pa.Table.from_pylist(rows)
    for name, column in maps.items():
        table = table.append_column(name, pa.array([sorted(one.items()) for one in column], _NAMES))
    return table


REQUESTS = _table(
    [
        {"service": 2, "minute": 60, "records": 3, "requests_ok": 3, "unnamed": 1},
        {"service": 1, "minute": 120, "records": 2, "requests_ok": 1, "unnamed": 0},
    ],
    mended=[{"route": 1}, {}],
    request_sources=[{"b": 2, "a": 1}, {}],
)
PROBES = _table([{"service": 1, "minute": 120, "records": 1, "probes_ok": 1, "unnamed": 1}], mended=[{"status": 1}])


def test_a_row_is_all_kinds_of_its_service_minute() -> None:
    first, second = minute_counts([REQUESTS, PROBES]).to_pylist()
    assert (first["service"], first["minute"], second["service"], second["minute"]) == (1, 120, 2, 60)
    assert (first["records"], first["requests_ok"], first["probes_ok"], first["unnamed"]) == (3, 1, 1, 1)
    assert (second["records"], second["requests_ok"], second["probes_ok"], second["unnamed"]) == (3, 3, 0, 1)


def test_a_version_is_of_what_was_known_of_all_kinds() -> None:
    requests = _table([{"service": 1, "minute": 120, "records": 1}, {"service": 2, "minute": 60, "records": 2}])
    messages = _table([{"service": 1, "minute": 120, "records": 1}])
    found = minute_rows([REQUESTS, PROBES], [requests, messages])
    assert found["version"].to_pylist() == [VERSION_FLOOR + 2, VERSION_FLOOR + 2]
    assert found["records"].to_pylist() == [3, 3]


def test_what_came_while_counting_does_not_raise_a_version() -> None:
    found = minute_rows([REQUESTS, PROBES], [REQUESTS.slice(0, 1)])
    assert found["records"].to_pylist() == [3, 3]
    assert found["version"].to_pylist() == [VERSION_FLOOR, VERSION_FLOOR + 3]


def test_what_expired_while_counting_has_no_row() -> None:
    assert len(minute_rows([PROBES], [REQUESTS, PROBES])) == 0
    assert minute_rows([REQUESTS], [REQUESTS, PROBES]).select(["service", "minute"]).to_pylist() == [
        {"service": 2, "minute": 60}
    ]


def test_names_are_added_and_in_order() -> None:
    again = _table([{"service": 1, "minute": 120, "records": 1}], mended=[{"status": 4, "route": 1}])
    found = minute_counts([REQUESTS, PROBES, again])
    assert found["mended"].to_pylist() == [[("route", 1), ("status", 5)], [("route", 1)]]
    assert found["request_sources"].to_pylist() == [[], [("a", 1), ("b", 2)]]


def test_where_nothing_is_counted_there_is_no_row() -> None:
    assert len(minute_counts([])) == len(minute_rows([REQUESTS.slice(0, 0)], [REQUESTS])) == 0


def test_only_the_minutes_meant_are_kept() -> None:
    assert named_minutes(REQUESTS) == [(2, 60), (1, 120)]
    assert only(REQUESTS, [(1, 120), (1, 60)])["minute"].to_pylist() == [120]
