"""No table function, table engine, database engine or disk of the embedded engine reaches a file or an address."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from tests.engine_requests import address_of

pytestmark = pytest.mark.engine

_SECRET = "held by a file"  # noqa: S105  what must not be read
# By what these make of their arguments, nothing leaves the engine.
_HARMLESS = frozenset({"sqlstandardvalues", "values"})


class Listener:
    """Counts who connects."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.close()


@pytest.fixture
def client(engine: str) -> Iterator[Client]:
    with clickhouse_connect.get_client(**address_of(engine), autogenerate_session_id=False) as connected:
        connected.command("CREATE DATABASE IF NOT EXISTS reach ENGINE = Atomic")
        yield connected
        connected.command("DROP DATABASE reach")


def _arguments(port: int, place: Path) -> list[str]:
    url = f"http://127.0.0.1:{port}"
    return [
        f"'{url}/bucket/x', 'CSV', 'a String'",
        f"'{url}/bucket/x'",
        f"'127.0.0.1:{port}', 'system', 'one', 'u', 'p'",
        f"'127.0.0.1:{port}', 'system.one'",
        f"'hdfs://127.0.0.1:{port}/x', 'CSV', 'a String'",
        f"'{url}/', 'c', 'b', 'CSV'",
        f"'{place}', 'CSV', 'a String'",
        f"'{place}'",
    ]


def _told(client: Client, statement: str) -> str:
    """What the engine answers, be it an error."""
    try:
        return str(client.query(statement).result_rows)
    except ClickHouseError as error:
        return str(error)


def _names(client: Client, table: str) -> list[str]:
    return [str(row[0]) for row in client.query(f"SELECT name FROM system.{table} ORDER BY name").result_rows]


def test_no_table_function_reaches_a_file_or_an_address(client: Client, listener: Listener, tmp_path: Path) -> None:
    place = tmp_path / "x.csv"
    place.write_text(_SECRET)
    functions = [name for name in _names(client, "table_functions") if name.lower() not in _HARMLESS]
    assert {"url", "s3", "remote", "file"} <= set(functions)
    for name in functions:
        for arguments in _arguments(listener.port, place):
            assert _SECRET not in _told(client, f"SELECT * FROM {name}({arguments}) LIMIT 1"), name
            assert listener.visits == 0, name
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("kind", ["TABLE", "DATABASE"])
def test_no_engine_reaches_a_file_or_an_address(client: Client, listener: Listener, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "x.csv"
    place.write_text(_SECRET)
    for name in _names(client, f"{kind.lower()}_engines"):
        for arguments in _arguments(listener.port, place):
            what = "TABLE reach.made (a String)" if kind == "TABLE" else "DATABASE reach_made"
            _told(client, f"CREATE {what} ENGINE = {name}({arguments})")
            assert _SECRET not in _told(client, "SELECT * FROM reach.made LIMIT 1"), name
            _told(client, f"DROP {kind} IF EXISTS {'reach.made' if kind == 'TABLE' else 'reach_made'} SYNC")
            assert listener.visits == 0, name
    assert list(tmp_path.iterdir()) == [place]


_DISKS = (
    "disk(type = web, endpoint = 'http://{at}/x/')",
    "`disk`(type = s3_plain, endpoint = 'http://{at}/bucket/x/', access_key_id = 'a', secret_access_key = 'b')",
    "disk /* */ (type = local, path = '{path}/')",
    "DISK(type = local, path = '{path}/')",
)


@pytest.mark.parametrize("disk", _DISKS)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE reach.made (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = {disk}",
        "CREATE TEMPORARY TABLE made (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = {disk}",
        "CREATE TABLE reach.made (a String) ENGINE = Log SETTINGS disk = {disk}",
        "CREATE DATABASE reach_made ENGINE = Atomic SETTINGS disk = {disk}",
    ],
)
def test_no_disk_made_up_in_a_statement_is_opened(
    client: Client, listener: Listener, tmp_path: Path, statement: str, disk: str
) -> None:
    made = disk.format(at=f"127.0.0.1:{listener.port}", path=tmp_path / "made")
    _told(client, statement.format(disk=made))
    assert listener.visits == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("setting", ["disk = 'x'", "storage_policy = 'x'", "table_disk = 1"])
def test_no_setting_chooses_the_disk_of_tables(client: Client, setting: str) -> None:
    assert "should not be changed" in _told(client, f"SET merge_tree_{setting}")
