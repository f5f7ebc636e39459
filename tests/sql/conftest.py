"""One migrated database a test module, emptied before each test."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from streams.clickhouse.client import connect
from tests.databases import Databases
from tests.sql.scenario import Scenario, clear


@pytest.fixture(scope="module")
def module_client(databases: Databases) -> Iterator[Client]:
    """A client on a migrated database of the module's own."""
    with databases.lent() as settings, connect(settings) as client:
        yield client


@pytest.fixture
def empty(module_client: Client) -> Client:
    """The module's database, emptied: for scenarios of other months."""
    clear(module_client)
    return module_client


@pytest.fixture
def month(empty: Client) -> Scenario:
    """September 2026 of which nothing is told yet."""
    return Scenario(empty)
