"""A merge that a full disk cut short: undone from what it merged; where that is gone, said and never passed over."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.clickhouse.store import Store
from streams.core.settings import Settings
from streams.operations.doctor.broken import look_at_broken
from streams.operations.doctor.codes import FindingCode, Level
from streams.stack.engine_process import Engine, start_engine
from tests.engine_requests import address_of
from tests.integration.ledger_world import digest, in_blocks
from tests.unit.ingest.making import record

pytestmark = pytest.mark.engine

_INSERTS = 5
_ROWS = 1_000


@pytest.fixture
def engine_here(tmp_path: Path) -> Iterator[Engine]:
    """An engine of this test's own, whose files it may spoil."""
    running = start_engine(tmp_path / "clickhouse", log=tmp_path / "engine.log")
    yield running
    running.stop()


def client_of(engine: Engine) -> Client:
    return clickhouse_connect.get_client(**address_of(engine.url), autogenerate_session_id=False)


def merged_table(client: Client, *, kept_s: int) -> Path:
    """A table `merged` with all rows in one part that was merged from several; returns the part's directory."""
    client.command(
        "CREATE TABLE merged (row UInt64) ENGINE = MergeTree ORDER BY row "
        f"SETTINGS old_parts_lifetime = {kept_s}, min_bytes_for_full_part_storage = 0"
    )
    for number in range(_INSERTS):
        client.command(f"INSERT INTO merged SELECT number + {number * _ROWS} FROM numbers({_ROWS})")
    client.command("OPTIMIZE TABLE merged FINAL")
    query = "SELECT path FROM system.parts WHERE table = 'merged' AND active"
    return Path(str(client.query(query).first_row[0]))


def cut_short(part: Path) -> None:
    """Leave half of the rows' file, as a full disk does; and nothing of the others."""
    for file in part.iterdir():
        os.truncate(file, file.stat().st_size // 2 if file.name == "data.bin" else 0)


def sum_of_rows(client: Client) -> int:
    return int(client.query("SELECT sum(row) FROM merged").first_row[0])


ALL_ROWS = sum(range(_INSERTS * _ROWS))


def said(tmp_path: Path) -> str:
    return (tmp_path / "engine.log").read_text()


def test_a_query_on_a_truncated_part_succeeds_when_asked_again(engine_here: Engine, tmp_path: Path) -> None:
    client = client_of(engine_here)
    cut_short(merged_table(client, kept_s=480))

    async def ask() -> int:
        return int((await Store(client).rows("SELECT sum(row) AS total FROM merged", {}))[0]["total"])

    assert asyncio.run(ask()) == ALL_ROWS
    assert "goes back to what it was merged from: all_1_5_1" in said(tmp_path)
    assert client.query("SELECT count() FROM system.detached_parts").first_row[0] == 0


def test_a_truncated_part_nobody_asks_for_is_undone_within_seconds(engine_here: Engine, tmp_path: Path) -> None:
    client = client_of(engine_here)
    cut_short(merged_table(client, kept_s=480))
    deadline = time.monotonic() + 20
    while "goes back to what" not in said(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert sum_of_rows(client) == ALL_ROWS


def test_with_broken_sources_a_query_fails_rather_than_miss_rows(engine_here: Engine, tmp_path: Path) -> None:
    client = client_of(engine_here)
    merged_table(client, kept_s=480)
    for (path,) in client.query("SELECT path FROM system.parts WHERE table = 'merged'").result_rows:
        cut_short(Path(str(path)))
    with pytest.raises(ClickHouseError, match=r"CANNOT_READ_ALL_DATA|CORRUPTED_DATA"):
        sum_of_rows(client)
    assert "rows are lost" in said(tmp_path)


def test_what_a_cut_merge_took_is_back_after_a_restart(engine_here: Engine, tmp_path: Path) -> None:
    client = client_of(engine_here)
    part = merged_table(client, kept_s=480)
    cut_short(part)
    engine_here.part.process.kill()
    engine_here.part.process.wait()
    again = start_engine(tmp_path / "clickhouse", log=tmp_path / "engine.log")
    try:
        assert sum_of_rows(client_of(again)) == ALL_ROWS
    finally:
        again.stop()


def test_i2_doctor_reports_a_ledger_that_lost_rows(engine_here: Engine, tmp_path: Path) -> None:
    settings = Settings(
        kafka_bootstrap="127.0.0.1:1", clickhouse_url=engine_here.url, clickhouse_database="v", kafka_group="none"
    )
    migrate_database(settings)
    client = connect(settings)
    values = [record("api.requests", request_id=f"r-{number}") for number in range(100)]
    asyncio.run(digest(client, list(in_blocks("api.requests", values, []))))
    assert look_at_broken(client).level is Level.OK
    query = "SELECT path FROM system.parts WHERE database = 'v' AND table = 'ledger_requests' AND active"
    for (path,) in client.query(query).result_rows:
        cut_short(Path(str(path)))
    engine_here.part.process.kill()
    engine_here.part.process.wait()
    again = start_engine(tmp_path / "clickhouse", log=tmp_path / "engine.log")
    try:
        found = look_at_broken(connect(settings.model_copy(update={"clickhouse_url": again.url})))
        assert (found.code, found.fields) == (FindingCode.RECORDS_MISSING, {"minutes": 1})
        assert found.details[0]["table"] == "ledger_requests"
    finally:
        again.stop()
