"""The one way in which questions are put to ClickHouse: a client for as long as needed, its failures in one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from streams.clickhouse.client import connect
from streams.clickhouse.errors import translate
from streams.core.settings import Settings

Row = Mapping[str, Any]


@contextmanager
def open_session(settings: Settings) -> Iterator[Client]:
    """A client for a command, or for the life of a server; calls may overlap, for it keeps no state in ClickHouse.

    Raises:
        ZectoError: ClickHouse cannot be reached, is not set up, or refuses; its hint says what to do.
    """
    client = connect(settings)
    try:
        yield client
    except ClickHouseError as error:
        raise translate(error, settings) from error
    finally:
        client.close()


def rows(client: Client, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a query, by column name."""
    return list(client.query(text, parameters=dict(parameters)).named_results())
