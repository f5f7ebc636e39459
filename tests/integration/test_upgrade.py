"""A database of 0.1.0, with rows in every table, brought to this version by `migrate`."""

import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster

from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.clickhouse.versions import differences
from streams.core.settings import Settings

pytestmark = pytest.mark.engine

_LAST_MIGRATION: Final = "0012"
_REPLACED: Final = {"claim_answers", "policies", "recounts"}
"""Tables that are others now, or hold less: answers by account, names of policies, what is to be counted again."""
_RENAMED_VIEWS: Final = (
    *("chosen_requests", "chosen_messages", "chosen_probes", "listed_for_themselves", "listed_for_lateness"),
    *("chosen_requests_as_known", "minutes_as_known", "months_as_known", "verdicts_as_known"),
)
_COLUMNS: Final = """
SELECT table, groupArray((name, type, default_kind)) FROM
(
    SELECT table, name, type, default_kind FROM system.columns
    WHERE database = currentDatabase() AND table IN
        (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')
        AND table != 'schema_versions'
    ORDER BY table, position
)
GROUP BY table
"""
_TABLES: Final = "SELECT name FROM system.tables WHERE database = currentDatabase()"
_PROBE: Final = """
INSERT INTO ledger_probes (service, minute, identity, content, offset, {column})
VALUES ('sms', '2026-09-01 00:00:00', 'an id', 7, {offset}, {at})
"""


@pytest.fixture
def upgraded(engine: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a database that only the migrations of 0.1.0 have run on, with views of its names."""
    settings = Settings(clickhouse_url=engine, clickhouse_database="of_0_1_0")
    _migrate_as_then(settings, tmp_path)
    client = connect(settings)
    for name in _RENAMED_VIEWS:
        client.command(f"CREATE VIEW {name} AS SELECT known_at FROM ledger_requests")
    yield settings
    client.command(f"DROP DATABASE {settings.clickhouse_database}")
    client.close()


def test_rows_of_every_table_survive_the_renaming(upgraded: Settings) -> None:
    client = connect(upgraded)
    before = dict(client.query(_COLUMNS).result_rows)
    for table, columns in before.items():
        _fill(client, table, columns)
    stored = {table: _rows(client, table, [name for name, *_ in columns]) for table, columns in before.items()}
    answers = client.query("SELECT account_id, claim_id, month FROM claim_answers ORDER BY ALL").result_rows
    migrate_database(upgraded)
    for table, columns in before.items():
        assert len(stored[table]) == 3, table
        if table not in _REPLACED:
            assert stored[table] <= _rows(client, table, [_now(name) for name, *_ in columns]), table
    carried = client.query("SELECT account_id, claim_id, month FROM answers_to_claims ORDER BY ALL").result_rows
    assert carried == answers


def test_i2_the_earliest_row_still_wins_after_the_renaming(upgraded: Settings) -> None:
    client = connect(upgraded)
    client.command(_PROBE.format(column="known_at", offset=1, at=1_788_264_000.5))
    migrate_database(upgraded)
    client.command(_PROBE.format(column="recorded_at", offset=2, at=1_788_264_000.6))
    assert _kept(client) == (1, 1_788_264_000_500)
    client.command(_PROBE.format(column="recorded_at", offset=3, at=1_788_264_000.4))
    assert _kept(client) == (3, 1_788_264_000_400)


@pytest.mark.deep
def test_an_upgraded_database_is_as_a_new_one(upgraded: Settings) -> None:
    migrate_database(upgraded)
    client = connect(upgraded)
    names = [name for (name,) in client.query(_TABLES).result_rows]
    assert differences(client) == []
    assert not [name for name in names if name in _RENAMED_VIEWS or name.endswith("_as_known")]


def test_a_renaming_that_was_cut_short_goes_on(upgraded: Settings) -> None:
    client = connect(upgraded)
    client.command("ALTER TABLE ledger_requests RENAME COLUMN known_at TO recorded_at")
    client.command("ALTER TABLE blocks RENAME COLUMN first_known_at TO first_recorded_at")
    migrate_database(upgraded)
    assert differences(client) == []
    assert client.query("SELECT last_recorded_at FROM blocks").result_rows == []


def _migrate_as_then(settings: Settings, tmp_path: Path) -> None:
    with as_file(files("sql") / "migrations") as folder:
        for path in folder.glob("*.sql"):
            if path.name[:4] <= _LAST_MIGRATION:
                shutil.copy(path, tmp_path)
    cluster = ClickhouseCluster(db_url=settings.clickhouse_url, driver="clickhouse-connect")
    cluster.migrate(settings.clickhouse_database, tmp_path, multi_statement=True)


def _fill(client: Client, table: str, columns: list[tuple[str, str, str]]) -> None:
    given = [(name, type_) for name, type_, kind in columns if kind == ""]
    structure = ", ".join(f"`{name}` {type_}" for name, type_ in given).replace("\\", "\\\\").replace("'", "\\'")
    names = ", ".join(f"`{name}`" for name, _ in given)
    client.command(f"INSERT INTO {table} ({names}) SELECT {names} FROM generateRandom('{structure}', 1, 4, 2) LIMIT 3")


def _rows(client: Client, table: str, names: list[str]) -> set[bytes]:
    quoted = ", ".join(f"`{name}`" for name in names)
    return set(client.raw_query(f"SELECT {quoted} FROM {table} FORMAT TSV").splitlines())


def _now(name: str) -> str:
    return name.replace("known_at", "recorded_at")


def _kept(client: Client) -> tuple[int, int]:
    offset, at_ms = client.query(
        "SELECT offset, toUnixTimestamp64Milli(recorded_at) FROM ledger_probes FINAL"
    ).first_row
    return int(offset), int(at_ms)
