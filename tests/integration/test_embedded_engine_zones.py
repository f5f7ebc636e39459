"""Instants with their time zones through clickhouse-connect: the engine's answer to `client_protocol_version`."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.external import ExternalData

from streams.stack.engine_native import BLOCK_INFO, FIRST_VERSION, NEXT_VERSION
from tests.engine_requests import client_of

KARACHI = ZoneInfo("Asia/Karachi")
AT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=KARACHI)
_NOT_IMPLEMENTED, _UNKNOWN_IDENTIFIER = 48, 47
_KINDS = [
    "DateTime('Asia/Karachi')",
    "LowCardinality(String)",
    "DateTime('UTC')",
    "Array(Nullable(String))",
    "Nullable(DateTime('Asia/Karachi'))",
    "DateTime64(3, 'Asia/Karachi')",
    "Map(String, UInt8)",
    "DateTime('Europe/London')",
]


@pytest.fixture(scope="module")
def zones(engine: str) -> Iterator[Client]:
    """A client on a database with one table of many kinds of columns, a row in it."""
    with client_of(engine) as root:
        root.command("CREATE DATABASE zones")
        with client_of(engine, "zones") as client:
            columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(_KINDS))
            client.command(f"CREATE TABLE t (k UInt64, {columns}) ENGINE = MergeTree ORDER BY k")
            client.insert("t", [[0, AT, "DateTime", AT, ["\x08DateTime", None], AT, AT, {"a": 1}, AT]])
            yield client
        root.command("DROP DATABASE zones SYNC")


def test_zoned_instants_come_back_as_they_went_in(zones: Client) -> None:
    row = zones.query("SELECT * EXCEPT (k) FROM t", tz_mode="aware").first_row
    assert list(row) == [AT, "DateTime", AT, ["\x08DateTime", None], AT, AT, {"a": 1}, AT]
    offsets = [value.utcoffset() for value in row if isinstance(value, dt.datetime)]
    assert offsets == [dt.timedelta(hours=hours) for hours in (5, 0, 5, 5, 0)]


def test_columns_have_their_whole_types(zones: Client) -> None:
    assert [kind.name for kind in zones.query("SELECT * EXCEPT (k) FROM t").column_types] == _KINDS


def test_a_parameter_with_a_zone_means_the_same_instant(zones: Client) -> None:
    query = "SELECT {at:DateTime('Asia/Karachi')} AS at, count() FROM t WHERE c0 = {at:DateTime('Asia/Karachi')}"
    assert zones.query(query, {"at": AT}).first_row == (AT, 1)


def test_data_frames_carry_the_zone(zones: Client) -> None:
    pandas = pytest.importorskip("pandas")
    frame = zones.query_df("SELECT c0, c2 FROM t")
    assert str(frame["c0"].dt.tz) == "Asia/Karachi"
    assert frame["c0"][0] == pandas.Timestamp(AT)


def test_arrow_tables_carry_the_instant(zones: Client) -> None:
    table = zones.query_arrow("SELECT c0, c5 FROM t")
    assert table["c0"].to_pylist() == [int(AT.timestamp())]
    assert table["c5"].to_pylist() == [AT]


def test_many_blocks_with_zones_arrive_whole(zones: Client) -> None:
    query = "SELECT toString(number) AS s, toDateTime(number, 'Asia/Karachi') AS at FROM numbers(300000)"
    with zones.query_row_block_stream(query) as stream:
        rows = [row for block in stream for row in block]
    assert len(rows) == 300_000
    assert rows[-1] == ("299999", dt.datetime.fromtimestamp(299_999, KARACHI))
    assert zones.query(query).result_rows == rows


def test_many_blocks_without_zones_arrive_whole(zones: Client) -> None:
    query = "SELECT number, toLowCardinality(toString(number % 7)) AS s FROM numbers(300000)"
    numbers, texts = zones.query(query, column_oriented=True).result_columns
    assert np.array_equal(numbers, np.arange(300_000))
    assert list(texts) == [str(number % 7) for number in range(300_000)]


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("SELECT c0 FROM t WHERE k = 1", []),
        ("SELECT c0 -- FORMAT\n FROM t ; -- the end", [(AT,)]),
        ("SELECT c0 FROM t SETTINGS max_threads = 1", [(AT,)]),
        ("WITH 1 AS x SELECT c0, x FROM t UNION ALL SELECT c0, 2 FROM t ORDER BY x", [(AT, 1), (AT, 2)]),
        ("SHOW TABLES", [("t",)]),
        ("EXISTS t", [(1,)]),
    ],
)
def test_statements_of_every_kind_are_answered(zones: Client, statement: str, rows: list[tuple[object, ...]]) -> None:
    assert zones.query(statement).result_rows == rows


def test_a_description_keeps_all_its_columns(zones: Client) -> None:
    assert len(zones.query("DESCRIBE TABLE t").column_names) > 2


def test_external_data_may_have_zones(zones: Client) -> None:
    query = "SELECT toDateTime(n, 'Asia/Karachi') AS at FROM ext"
    data = ExternalData(file_name="ext", data=b"5\n", fmt="TSV", structure="n UInt32")
    assert zones.query(query, external_data=data).first_row == (dt.datetime.fromtimestamp(5, KARACHI),)


@pytest.mark.parametrize("setting", ["describe_compact_output", "describe_include_subcolumns"])
def test_settings_of_descriptions_change_no_answer(zones: Client, setting: str) -> None:
    assert zones.query("SELECT c0, c3, c6 FROM t", settings={setting: 1}).column_names == ("c0", "c3", "c6")


def test_an_error_tells_of_the_statement_as_it_was_sent(zones: Client) -> None:
    with pytest.raises(DatabaseError, match="In scope SELECT nothing") as raised:
        zones.query("SELECT nothing, toDateTime(0, 'Asia/Karachi')")
    assert raised.value.code == _UNKNOWN_IDENTIFIER


def test_a_block_begins_as_a_servers_does(zones: Client) -> None:
    asked = {"client_protocol_version": FIRST_VERSION}
    block = zones.raw_query("SELECT toDateTime(1, 'Asia/Karachi') AS at", fmt="Native", settings=asked)
    assert block == BLOCK_INFO + b"\x01\x01\x02at\x18DateTime('Asia/Karachi')\x01\x00\x00\x00"
    assert zones.raw_query("SELECT 1 AS a", fmt="Native") == b"\x01\x01\x01a\x05UInt8\x01"


@pytest.mark.parametrize("version", [1, FIRST_VERSION - 1, NEXT_VERSION, "x"])
def test_versions_that_are_not_spoken_are_refused(zones: Client, version: object) -> None:
    with pytest.raises(DatabaseError) as raised:
        zones.raw_query("SELECT 1", fmt="Native", settings={"client_protocol_version": version})
    assert raised.value.code == _NOT_IMPLEMENTED
