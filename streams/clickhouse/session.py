"""Questions to ClickHouse whose failures are told in one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from streams.clickhouse.client import connect
from streams.core.errors import ZectoError
from streams.core.settings import Settings

Row = Mapping[str, Any]

_UNKNOWN_TABLE = "UNKNOWN_TABLE"
_UNKNOWN_DATABASE = "UNKNOWN_DATABASE"


@contextmanager
def asking(settings: Settings) -> Iterator[Client]:
    """A client for a few questions.

    Raises:
        ZectoError: ClickHouse cannot be reached, is not migrated, or refuses; the message says what to do.
    """
    client = connect(settings)
    try:
        yield client
    except ClickHouseError as error:
        text = str(error)
        if _UNKNOWN_TABLE in text or _UNKNOWN_DATABASE in text:
            raise ZectoError(
                f"database {settings.clickhouse_database} is not set up; run zecto-sla migrate first"
            ) from error
        raise ZectoError(f"ClickHouse: {(text.splitlines() or ['no answer'])[0]}") from error
    finally:
        client.close()


def rows(client: Client, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a query, by column name."""
    return list(client.query(text, parameters=dict(parameters)).named_results())
