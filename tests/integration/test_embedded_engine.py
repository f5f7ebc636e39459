"""The embedded engine through clickhouse-connect's ordinary HTTP client, as any other program meets it."""

import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import numpy as np
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

from tests.engine_requests import client_of, password_of

UTC = dt.UTC
AT = dt.datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
_UNKNOWN_TABLE, _SYNTAX_ERROR, _UNKNOWN_DATABASE, _UNKNOWN_SETTING, _THROW_IF = 60, 62, 81, 115, 395
_COLUMNS = "k UInt64, s LowCardinality(String), d DateTime64(3, 'UTC'), a Array(String)"


@pytest.fixture
def plain(engine: str) -> Iterator[Client]:
    """A client as anyone gets it, on an empty database."""
    with client_of(engine) as root:
        root.command("CREATE DATABASE plain")
        with client_of(engine, "plain") as client:
            client.command(f"CREATE TABLE t ({_COLUMNS}) ENGINE = MergeTree ORDER BY k")
            yield client
        root.command("DROP DATABASE plain SYNC")


def arrow_rows(count: int) -> pa.Table:
    return pa.table(
        {
            "k": pa.array(range(count), pa.uint64()),
            "s": pa.array([f"s{number % 3}" for number in range(count)]).dictionary_encode(),
            "d": pa.array([dt.datetime(2026, 1, 1, tzinfo=UTC)] * count, pa.timestamp("ms", "UTC")),
            "a": pa.array([["x"]] * count),
        }
    )


def test_values_of_every_kind_come_back_as_they_went_in(plain: Client) -> None:
    row = (1, "tab\t'quote'\\", AT, ["ä", ""])
    plain.insert("t", [row], column_names=["k", "s", "d", "a"])
    assert plain.query("SELECT * FROM t", query_tz="UTC", tz_mode="aware").result_rows == [row]


def test_parameters_of_every_kind_arrive_unchanged(plain: Client) -> None:
    values = {"n": 7, "s": "it's\\\t\n{x}", "a": ["x'y", "\\", "\t"], "t": (1, "q"), "d": "2026-01-02 03:04:05.678"}
    row = plain.query(
        "SELECT {n:UInt8}, {s:String}, {a:Array(String)}, {t:Tuple(UInt8, String)}, {d:DateTime64(3, 'UTC')}",
        values,
        tz_mode="aware",
    ).first_row
    assert list(row) == [*(values[name] for name in "nsat"), AT]


def test_parameters_larger_than_a_statement_arrive(plain: Client) -> None:
    names = [f"name-{number}" for number in range(50_000)]
    found = plain.query("SELECT length({a:Array(String)}), {a:Array(String)}[50000]", {"a": names}).first_row
    assert tuple(found) == (50_000, "name-49999")


def test_columns_and_arrow_tables_go_in_and_out(plain: Client) -> None:
    assert plain.insert_arrow("t", arrow_rows(1000)).written_rows == 1000
    columns = [np.arange(1000, 1005, dtype="u8"), list("abcde"), [["q"]] * 5]
    plain.insert("t", columns, column_names=["k", "s", "a"], column_oriented=True)
    assert plain.query("SELECT k FROM t ORDER BY k DESC LIMIT 2").result_rows == [(1004,), (1003,)]
    table = plain.query_arrow("SELECT k, s FROM t ORDER BY k LIMIT 2")
    assert table.to_pylist() == [{"k": 0, "s": "s0"}, {"k": 1, "s": "s1"}]
    assert plain.query_arrow("SELECT k, s FROM t WHERE k > 9999").num_rows == 0


@pytest.mark.parametrize("compression", [False, "lz4", "zstd", "gzip"])
def test_inserts_arrive_in_every_compression(engine: str, plain: Client, compression: bool | str) -> None:
    with client_of(engine, "plain", compress=compression) as client:
        client.insert("t", [[number, "c" * 20] for number in range(5000)], column_names=["k", "s"])
        client.insert_arrow("t", arrow_rows(5000))
    assert plain.query("SELECT count(), uniqExact(k) FROM t").first_row == (10_000, 5_000)


def test_an_insert_streams_from_a_generator(plain: Client) -> None:
    lines = (f'{{"k": {number}, "s": "g"}}\n'.encode() for number in range(100_000))
    assert plain.raw_insert("t", insert_block=lines, fmt="JSONEachRow").written_rows == 100_000
    assert plain.command("SELECT sum(k) FROM t") == 99_999 * 50_000


def test_rows_columns_and_arrow_stream_block_by_block(plain: Client) -> None:
    plain.insert_arrow("t", arrow_rows(200_000))
    with plain.query_row_block_stream("SELECT k FROM t") as stream:
        sizes = [len(block) for block in stream]
    assert sum(sizes) == 200_000
    assert len(sizes) > 1
    with plain.query_column_block_stream("SELECT k, s FROM t") as blocks:
        assert sum(len(keys) for keys, _ in blocks) == 200_000
    with plain.query_arrow_stream("SELECT k, s FROM t") as batches:
        assert sum(batch.num_rows for batch in batches) == 200_000
    with plain.query_arrow_stream("SELECT k FROM t WHERE k > 1e9") as batches:
        assert sum(batch.num_rows for batch in batches) == 0


def test_external_data_is_a_table_of_its_query(plain: Client) -> None:
    data = ExternalData(file_name="ext", data=b"1\t2\n3\t4\n", fmt="TSV", structure="a Int32, b Int32")
    assert plain.query("SELECT sum(a), sum(b) FROM ext", external_data=data).first_row == (4, 6)
    with pytest.raises(DatabaseError):
        plain.query("SELECT * FROM ext")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT * FROM nowhere", _UNKNOWN_TABLE),
        ("SELEC 1", _SYNTAX_ERROR),
        ("SELECT throwIf(number = 3) FROM numbers(5)", _THROW_IF),
        ("INSERT INTO nowhere VALUES (1)", _UNKNOWN_TABLE),
        ("SELECT 1 SETTINGS no_such_setting = 1", _UNKNOWN_SETTING),
    ],
)
def test_an_error_carries_clickhouses_own_code_and_text(plain: Client, statement: str, code: int) -> None:
    with pytest.raises(DatabaseError, match=f"Code: {code}. DB::Exception") as raised:
        plain.query(statement)
    assert raised.value.code == code
    with pytest.raises(DatabaseError) as raised:
        plain.command(statement)
    assert raised.value.code == code


def test_an_error_in_the_data_stores_nothing(plain: Client) -> None:
    body = b'{"k": 1}\n' * 10 + b'{"k": "x"}\n' + b'{"k": 1}\n' * 500_000
    with pytest.raises(DatabaseError) as raised:
        plain.raw_insert("t", insert_block=body, fmt="JSONEachRow")
    assert raised.value.code is not None
    assert plain.command("SELECT count() FROM t") == 0


@pytest.mark.parametrize(
    ("table", "refused", "code"),
    [
        ("(a UInt64, CONSTRAINT small CHECK a < 5) ENGINE = MergeTree ORDER BY a", [1, 9], 469),
        ("(a UInt64) ENGINE = MergeTree ORDER BY a PARTITION BY a", list(range(200)), 252),
    ],
    ids=["a constraint", "too many partitions"],
)
def test_a_refused_insert_is_never_taken_for_stored(plain: Client, table: str, refused: list[int], code: int) -> None:
    plain.command(f"CREATE TABLE refusing {table}")
    inserts: tuple[Callable[[], object], ...] = (
        lambda: plain.insert("refusing", [[number] for number in refused], ["a"]),
        lambda: plain.insert_arrow("refusing", pa.table({"a": pa.array(refused, pa.uint64())})),
    )
    for insert in inserts:
        with pytest.raises(DatabaseError) as caught:
            insert()
        assert caught.value.code == code
        assert plain.query("SELECT count() FROM refusing").first_row == (0,)
    plain.command("INSERT INTO refusing (a) SETTINGS max_threads = 1 FORMAT CSV", data="1\n2\n")
    assert plain.query("SELECT count() FROM refusing").first_row == (2,)


def test_columns_left_out_of_an_insert_get_their_defaults(plain: Client) -> None:
    plain.command(
        "CREATE TABLE defaulting (a UInt8, b UInt8 DEFAULT a + 1, c UInt8 MATERIALIZED a + 2, d UInt8 ALIAS a + 3)"
        " ENGINE = MergeTree ORDER BY a"
    )
    plain.insert("defaulting", [[1]], ["a"])
    plain.insert("defaulting", [[2, 9]], ["a", "b"])
    plain.command("INSERT INTO defaulting FORMAT JSONEachRow", data='{"a": 3}')
    assert plain.query("SELECT a, b, c, d FROM defaulting ORDER BY a").result_rows == [
        (1, 2, 3, 4),
        (2, 9, 4, 5),
        (3, 4, 5, 6),
    ]


@pytest.mark.parametrize("data", [None, "1,one"])
def test_what_the_embedded_engine_would_silently_drop_is_refused(plain: Client, data: str | None) -> None:
    with pytest.raises(DatabaseError, match="NOT_IMPLEMENTED"):
        plain.command("INSERT INTO t (k, s) SELECT * FROM input('k UInt64, s String') FORMAT CSV\n1,one", data=data)


def test_an_insert_of_values_with_parameters_stores_them_once(plain: Client) -> None:
    plain.command("INSERT INTO t (k, s) VALUES ({k:UInt64}, {s:String})", {"k": 1, "s": "it's"})
    plain.command("INSERT INTO t (k, s) VALUES", data="(2, 'two'), (3, lower('THREE'))")
    assert plain.query("SELECT k, s FROM t ORDER BY k").result_rows == [(1, "it's"), (2, "two"), (3, "three")]


def test_an_error_in_mid_stream_reaches_the_reader(plain: Client) -> None:
    query = "SELECT throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 1000"
    with plain.query_row_block_stream(query) as stream, pytest.raises(StreamFailureError, match="Code: 395"):
        list(stream)
    assert plain.command("SELECT 1") == 1


def test_who_waits_for_the_end_learns_how_long_it_took(plain: Client) -> None:
    question = "SELECT sum(number), sleep(0.05) FROM numbers(10)"
    assert int(plain.query(question, settings={"wait_end_of_query": 1}).summary["elapsed_ns"]) >= 50_000_000


def test_an_unknown_database_is_an_error_and_none_is_made(engine: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        client_of(engine, "no_such_database")
    assert raised.value.code == _UNKNOWN_DATABASE


def test_settings_hold_for_their_query_alone(plain: Client) -> None:
    asked = "SELECT getSetting('max_block_size')"
    assert plain.command(asked, settings={"max_block_size": 4711}) == 4711
    assert plain.command(asked) != 4711
    assert plain.command("SELECT getSetting('async_insert')") == "false"


def test_two_databases_in_parallel_never_mix(engine: str) -> None:
    def fill(name: str) -> int:
        with client_of(engine, name, autogenerate_session_id=False) as client:
            client.command("CREATE TABLE own (name String) ENGINE = MergeTree ORDER BY name")
            for _ in range(40):
                client.insert("own", [[name]], column_names=["name"])
                assert client.command("SELECT currentDatabase()") == name
            return int(client.command("SELECT countIf(name = {x:String}) = 40 AND count() = 40 FROM own", {"x": name}))

    names = ["one", "two", "three"]
    with client_of(engine) as root:
        for name in names:
            root.command(f"CREATE DATABASE {name}")
        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(fill, names)) == [1, 1, 1]
        for name in names:
            root.command(f"DROP DATABASE {name} SYNC")


def test_a_long_query_holds_up_neither_ping_nor_query(engine: str) -> None:
    ended = threading.Event()

    def long_query() -> None:
        with client_of(engine) as client:
            client.query("SELECT sleep(3)")
        ended.set()

    thread = threading.Thread(target=long_query)
    with client_of(engine) as client:
        thread.start()
        while not client.command("SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleep(3)%'"):
            assert not ended.is_set(), "the long query was never seen"
        assert client.ping()
        assert client.command("SELECT 1") == 1
        assert not ended.is_set()
    thread.join()


def test_a_client_that_dies_in_mid_insert_stores_nothing(engine: str, plain: Client) -> None:
    address = urlsplit(engine)
    rows = b"7\tx\n" * 50_000
    head = b"POST /?database=plain&query=INSERT+INTO+t+(k,s)+FORMAT+TSV HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += b"X-ClickHouse-Key: %s\r\n" % password_of(engine)
    for framing in (
        b"Content-Length: %d\r\n\r\n" % (len(rows) + 1),
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(rows),
    ):
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            connection.sendall(head + framing + rows)
            connection.shutdown(socket.SHUT_WR)
            assert b" 400 " in connection.recv(4096)
    assert plain.command("SELECT count() FROM t") == 0


@pytest.mark.parametrize("output_format", ["TSV", "JSON", "Native", "ArrowStream", "RowBinary"])
@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT number FROM numbers(5000000)"])
def test_a_client_that_leaves_takes_nothing_with_it(engine: str, statement: str, output_format: str) -> None:
    address = urlsplit(engine)
    asked = quote(f"{statement} FORMAT {output_format}")
    head = f"POST /?client_protocol_version=54405&query={asked} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n"
    head += f"X-ClickHouse-Key: {password_of(engine).decode()}\r\n\r\n"
    for reads in (0, 1, 0, 1):
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            connection.sendall(head.encode())
            connection.recv(reads)
    with client_of(engine) as client:
        assert client.command("SELECT 1") == 1
