"""The fixtures themselves: what every other test stands on."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from confluent_kafka.admin import AdminClient

from streams.clickhouse.client import connect
from streams.core.settings import Settings
from tests.chaos.waiting import until
from tests.databases import Databases


def test_each_test_gets_a_migrated_database_of_its_own(client: Client, database: Settings) -> None:
    assert client.command("SELECT currentDatabase()") == database.clickhouse_database
    assert client.command("EXISTS TABLE ledger_requests") == 1


def test_a_returned_database_is_emptied_before_it_is_lent_again(databases: Databases) -> None:
    with databases.lent() as first, connect(first) as client:
        client.command("INSERT INTO expirations (month) VALUES (202609)")
        with databases.lent() as other:
            assert other.clickhouse_database != first.clickhouse_database
    with databases.lent() as again, connect(again) as client:
        assert again.clickhouse_database == first.clickhouse_database
        assert again.kafka_group != first.kafka_group
        assert client.command("SELECT count() FROM expirations") == 0
        assert client.command("SELECT count() > 0 FROM calendar") == 1


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE minutes",
        "CREATE TABLE older AS minutes",
        "CREATE OR REPLACE VIEW months AS SELECT 1",
        "ALTER TABLE blocks ADD COLUMN more UInt8",
        "INSERT INTO input_topics VALUES ('one more')",
        "INSERT INTO policies SELECT * REPLACE ('UTC' AS zone) FROM policies",
    ],
)
def test_a_database_that_was_changed_is_not_lent_again(databases: Databases, change: str) -> None:
    with databases.lent() as changed, connect(changed) as client:
        client.command(change)
    with databases.lent() as settings, connect(settings) as client:
        assert settings.clickhouse_database != changed.clickhouse_database
        assert client.command("SELECT count() > 0 FROM policies") == 1
        known = client.query("SHOW DATABASES").result_columns[0]
        assert changed.clickhouse_database not in known


def test_a_database_still_written_to_is_not_lent_again(databases: Databases) -> None:
    with ThreadPoolExecutor(1) as pool:
        with databases.lent() as written, connect(written) as client:
            late = "INSERT INTO expirations (month) SELECT 202609 FROM numbers(4) WHERE sleepEachRow(0.5) = 0"
            writing = pool.submit(client.command, late)
            with connect(written) as other:
                began = "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO expirations%'"
                until(lambda: other.command(began) == 1, named="the late insert")
        with databases.lent() as settings:
            assert settings.clickhouse_database != written.clickhouse_database
        with suppress(ClickHouseError):  # its table may be gone
            writing.result()


def test_each_test_gets_empty_topics(settings: Settings) -> None:
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    # a broker under load lists what it has made a little later
    until(
        lambda: {"api.requests", "sla.minutes", "sla.dead-letters"} <= set(admin.list_topics(timeout=10).topics),
        named="all topics",
    )
