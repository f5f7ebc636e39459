"""What the embedded engine refuses, and how: passwords, files, addresses, pages, bodies, half-open requests."""

import gzip
import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import urlopen

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.stack.engine_process import start_engine
from tests.engine_requests import address_of, password_of, request_of

_AUTHENTICATION_FAILED, _READONLY, _ACCESS_DENIED, _NOT_TO_BE_CHANGED = 516, 164, 497, 452


@pytest.fixture(scope="module")
def client(engine: str) -> Iterator[Client]:
    with clickhouse_connect.get_client(**address_of(engine), autogenerate_session_id=False) as connected:
        yield connected


def ask(engine: str, path: str, data: bytes | None = None, **headers: str) -> tuple[int, bytes, str]:
    try:
        with urlopen(request_of(engine, path, data=data, headers=headers)) as answer:  # noqa: S310  the loopback engine
            return answer.status, answer.read(), ""
    except OSError as error:
        found = getattr(error, "headers", {})
        return getattr(error, "code", 0), getattr(error, "read", bytes)(), found.get("X-ClickHouse-Exception-Code", "")


def send_raw(engine: str, request: bytes) -> bytes:
    parts = urlsplit(engine)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 20) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


def head_of(engine: str, *lines: bytes) -> bytes:
    key = b"X-ClickHouse-Key: " + password_of(engine)
    return b"\r\n".join([b"POST / HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", key, *lines, b"", b""])


@pytest.mark.parametrize("password", ["", "wrong", "ä"])
def test_a_wrong_password_is_answered_as_clickhouse_does(engine: str, password: str) -> None:
    path = f"/?query=SELECT+1&user=default&password={quote(password)}"
    parts = urlsplit(engine)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        code = answer.headers["X-ClickHouse-Exception-Code"]
        assert (answer.status, code) == (403, str(_AUTHENTICATION_FAILED))
        assert b"(AUTHENTICATION_FAILED)" in answer.read()


def test_a_ping_needs_no_password(engine: str) -> None:
    assert ask(engine, "/ping", None, **{"X-ClickHouse-Key": ""})[:2] == (200, b"Ok.\n")


def test_the_client_hears_of_a_wrong_password(engine: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        clickhouse_connect.get_client(**{**address_of(engine), "password": "wrong"})
    assert raised.value.code == _AUTHENTICATION_FAILED


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM file('x', 'LineAsString')",
        "SELECT file('x')",
        "SELECT * FROM `/x/y`",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT * FROM remote('127.0.0.1:1', 'system.one')",
        "SELECT * FROM s3('http://127.0.0.1:1/bucket/x', 'CSV')",
        "SELECT * FROM executable('x', 'TSV', 'a String')",
        "SELECT * FROM sqlite('x', 't')",
        "SELECT 1 INTO OUTFILE 'x'",
        "INSERT INTO FUNCTION file('x', 'CSV', 'a UInt8') VALUES (1)",
        "CREATE TABLE outside (a UInt8) ENGINE = File(CSV)",
        "CREATE TABLE outside (a UInt8) ENGINE = URL('http://127.0.0.1:1/', CSV)",
        "CREATE DATABASE outside ENGINE = Filesystem('/')",
        "CREATE USER outside",
        "GRANT ALL ON *.* TO default",
        "BACKUP DATABASE default TO File('x')",
        "SYSTEM SHUTDOWN",
    ],
)
def test_files_addresses_and_the_process_are_out_of_reach(client: Client, statement: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        client.command(statement)
    assert raised.value.code in (60, _ACCESS_DENIED)


@pytest.mark.parametrize("name", ["dialect", "format_template_row", "format_schema"])
def test_no_setting_opens_another_way_to_files(client: Client, name: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        client.command(f"SELECT 1 SETTINGS {name} = 'prql'")
    assert raised.value.code == _NOT_TO_BE_CHANGED


@pytest.mark.parametrize("lifted", ["readonly=0", "readonly=", "readonly=3", "readonly=00"])
def test_no_parameter_lifts_read_only(engine: str, lifted: str) -> None:
    status, _, code = ask(engine, f"/?query=CREATE+DATABASE+by_get&{lifted}")
    assert (status, code) == (500, str(_READONLY))


def test_no_statement_lifts_read_only(engine: str) -> None:
    assert ask(engine, f"/?query={quote('CREATE TABLE x (a Int8) ENGINE=Memory SETTINGS readonly=0')}")[0] == 500
    assert ask(engine, f"/?query={quote('SET readonly = 0')}")[2] == str(_READONLY)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://page.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "page.example"},
    ],
)
def test_a_page_from_elsewhere_is_refused_even_with_the_password(engine: str, headers: dict[str, str]) -> None:
    assert ask(engine, "/?query=SELECT+1", None, **headers)[0] == 403


def test_parameters_come_as_form_fields_of_either_kind(engine: str) -> None:
    values = [f"name-{number}" for number in range(50_000)]
    fields = {"query": "SELECT length({a:Array(String)})", "param_a": str(values), "max_threads": "1"}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask(engine, "/", urlencode(fields).encode(), **kind)[:2] == (200, b"50000\n")
    options = {**address_of(engine), "form_encode_query_params": True}
    with clickhouse_connect.get_client(**options, autogenerate_session_id=False) as client:
        found = client.query("SELECT length({a:Array(String)}), {b:String}", {"a": values, "b": "it's\n&=+"}).first_row
    assert tuple(found) == (50_000, "it's\n&=+")


def test_a_statement_sent_by_curl_as_a_form_runs(engine: str) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask(engine, "/", b"SELECT 1 = 1 AS query", **kind)[:2] == (200, b"1\n")


@pytest.mark.parametrize(
    "start",
    ["INSERT INTO t" + " " * 200_000 + "x", "INSERT INTO t (" + "x) (" * 50_000, "INSERT INTO t" + ". " * 100_000],
)
def test_a_long_insert_freezes_nothing(engine: str, start: str) -> None:
    began = time.monotonic()
    assert ask(engine, "/", f"{start} FORMAT CSV\n1".encode())[0] in (400, 404, 500)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("piece", ["FORMAT x SETTINGS ", "FORMAT ", "( ", "'\\"])
def test_a_long_statement_freezes_nothing(engine: str, piece: str) -> None:
    start = time.monotonic()
    status = ask(engine, "/", ("SELECT 1 " + piece * (200_000 // len(piece))).encode())[0]
    assert status in (400, 500)
    assert ask(engine, "/ping")[0] == 200
    assert time.monotonic() - start < 10


def test_a_small_body_that_grows_without_measure_is_refused(engine: str, client: Client) -> None:
    client.command("CREATE TABLE IF NOT EXISTS grown (a String) ENGINE = MergeTree ORDER BY a")
    body = gzip.compress(b"0" * (100 << 20))
    path = f"/?query={quote('INSERT INTO grown FORMAT TSV')}"
    status, text, _ = ask(engine, path, body, **{"Content-Encoding": "gzip"})
    assert (status, b"times its size" in text) == (400, True)
    assert client.command("SELECT count() FROM grown") == 0


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: x"],
        [b"Content-Length: -1"],
        [b"Content-Length: 1", b"Content-Length: 2"],
        [b"Content-Length: 99999999999999999999999"],
    ],
)
def test_a_bad_length_is_answered_400(engine: str, lines: list[bytes]) -> None:
    assert send_raw(engine, head_of(engine, *lines)).startswith(b"HTTP/1.1 400 ")


def test_a_bad_chunk_is_answered_400(engine: str) -> None:
    request = head_of(engine, b"Transfer-Encoding: chunked") + b"x\r\n"
    assert send_raw(engine, request).startswith(b"HTTP/1.1 400 ")


@given(data=st.binary(min_size=1, max_size=200))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_answered_and_the_engine_goes_on(engine: str, data: bytes) -> None:
    parts = urlsplit(engine)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 20) as connection:
        connection.sendall(data + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        connection.makefile("rb").read()
    assert ask(engine, "/ping")[0] == 200


@pytest.mark.deep
def test_nothing_of_it_leaves_a_traceback_or_the_password(tmp_path: Path) -> None:
    running = start_engine(tmp_path / "clickhouse", log=tmp_path / "engine.log")
    try:
        for request in (b"\x00\r\n\r\n", head_of(running.url, b"Content-Length: 9") + b"x", b"GET / HTTP/1.1\r\n"):
            parts = urlsplit(running.url)
            with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
                connection.sendall(request)
        ask(running.url, "/?query=SELECT+nonsense")
    finally:
        running.stop()
    told = (tmp_path / "engine.log").read_text()
    assert "Traceback" not in told
    assert running.password not in told + running.shown
