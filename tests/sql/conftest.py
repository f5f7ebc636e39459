"""One migrated database a test module, emptied before each test."""

import itertools
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from streams.clickhouse import connect
from streams.migrations import migrate_database
from streams.settings import Settings
from tests.sql.scenario import Scenario, clear

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def module_client(engine: str) -> Iterator[Client]:
    """A client on a migrated database of the module's own."""
    settings = Settings(
        kafka_bootstrap="127.0.0.1:1",
        clickhouse_url=engine,
        clickhouse_database=f"rules_{next(_numbers)}",
        kafka_group="none",
    )
    migrate_database(settings)
    client = connect(settings)
    yield client
    client.command(f"DROP DATABASE {settings.clickhouse_database} SYNC")
    client.close()


@pytest.fixture
def empty(module_client: Client) -> Client:
    """The module's database, emptied: for scenarios of other months."""
    clear(module_client)
    return module_client


@pytest.fixture
def month(empty: Client) -> Scenario:
    """September 2026 of which nothing is told yet."""
    return Scenario(empty)
