"""The embedded engine's process: stopped, killed, started twice."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from streams.core.errors import ZectoError
from streams.stack.engine_process import Engine, start_engine
from tests.engine_requests import address_of

_BLOCK_ROWS = 20_000
_KILLS = 3


Start = Callable[..., Engine]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts engines on this test's one data directory, and stops what the test leaves."""
    started: list[Engine] = []

    def start_one(directory: Path = tmp_path, **options: Any) -> Engine:  # noqa: ANN401  as `start_engine` takes them
        running = start_engine(directory, log=directory / "engine.log", **options)
        started.append(running)
        return running

    yield start_one
    for running in started:
        running.stop()


def client_of(engine: Engine) -> Client:
    return clickhouse_connect.get_client(**address_of(engine.url), autogenerate_session_id=False)


def create_table(engine: Engine) -> None:
    with client_of(engine) as client:
        client.command(
            "CREATE TABLE blocks (block UInt64, row UInt64) ENGINE = MergeTree ORDER BY block "
            "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
        )


def insert_until_refused(engine: Engine, first_block: int, acknowledged: list[int], begun: threading.Event) -> None:
    """Insert block after block; `acknowledged` has the numbers of those that the engine confirmed."""
    rows = pa.array(range(_BLOCK_ROWS), pa.uint64())
    block = first_block
    try:
        with client_of(engine) as client:
            while True:
                numbers = pa.array([block] * _BLOCK_ROWS, pa.uint64())
                client.insert_arrow("blocks", pa.table({"block": numbers, "row": rows}))
                acknowledged.append(block)
                block += 1
                if len(acknowledged) >= 10:
                    begun.set()
    except (ClickHouseError, OSError):
        begun.set()


def test_kill_9_during_inserts_loses_nothing_that_was_confirmed(start: Start) -> None:
    engine = start()
    create_table(engine)
    confirmed: list[int] = []
    for kill in range(_KILLS):
        acknowledged: list[int] = []
        begun = threading.Event()
        arguments = (engine, kill * 1_000_000, acknowledged, begun)
        inserting = threading.Thread(target=insert_until_refused, args=arguments)
        inserting.start()
        assert begun.wait(60)
        engine.part.kill()
        inserting.join(60)
        assert not inserting.is_alive()
        assert acknowledged
        confirmed += acknowledged
        engine = start()
    with client_of(engine) as client:
        found = client.query("SELECT block, count(), uniqExact(row) FROM blocks GROUP BY block").result_rows
    assert {(count, distinct) for _, count, distinct in found} == {(_BLOCK_ROWS, _BLOCK_ROWS)}
    assert set(confirmed) <= {block for block, _, _ in found}


def test_a_stop_lets_the_request_under_way_finish(start: Start) -> None:
    own_engine = start()
    answers: list[object] = []

    def ask() -> None:
        with client_of(own_engine) as client:
            answers.append(client.command("SELECT sleep(2)"))

    asking = threading.Thread(target=ask)
    with client_of(own_engine) as client:
        asking.start()
        while not client.command("SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleep(2)%'"):
            assert asking.is_alive(), "the query was never seen"
    own_engine.stop()
    asking.join(30)
    assert answers == [0]
    assert own_engine.part.process.returncode == 0


def test_data_and_databases_survive_a_restart_on_another_port(start: Start) -> None:
    engine = start()
    create_table(engine)
    with client_of(engine) as client:
        client.insert("blocks", [[1, 2]], column_names=["block", "row"])
    engine.stop()
    engine = start()
    with client_of(engine) as client:
        assert client.query("SELECT * FROM blocks").result_rows == [(1, 2)]


def test_an_engine_without_a_table_starts_again_and_again(start: Start) -> None:
    for _ in range(3):
        engine = start()
        with client_of(engine) as client:
            assert client.command("SELECT count() FROM system.tables WHERE database = 'default'") == 0
        engine.stop()


def test_a_second_engine_on_the_same_data_is_refused(start: Start) -> None:
    own_engine = start()
    with pytest.raises(ZectoError, match="is in use by process"):
        start()
    with client_of(own_engine) as client:
        assert client.ping()


def test_a_port_that_is_taken_is_one_clear_line(start: Start, tmp_path: Path) -> None:
    own_engine = start()
    with pytest.raises(ZectoError, match=f"port {own_engine.port} is taken"):
        start(tmp_path / "other", port=own_engine.port)
