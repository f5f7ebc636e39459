"""The one way in which questions are put to ClickHouse: a client for as long as needed, its failures in one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from streams.clickhouse.client import connect
from streams.clickhouse.errors import translate
from streams.core.settings import Settings

Row = Mapping[str, Any]
_SILENT_S: Final = 1.5


@contextmanager
def open_session(settings: Settings, *, long_parameters: bool = False) -> Iterator[Client]:
    """A client for a command, or for the life of a server; calls may overlap, for it keeps no state in ClickHouse.

    `long_parameters`: see `connect`.

    Raises:
        ZectoError: ClickHouse cannot be reached, is not set up, or refuses; its hint says what to do.
    """
    client = connect(settings, long_parameters=long_parameters)
    try:
        yield client
    except ClickHouseError as error:
        raise translate(error, settings) from error
    finally:
        client.close()


def rows(client: Client, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a query, by column name."""
    return list(client.query(text, parameters=dict(parameters)).named_results())


def refuse_silence(client: Client) -> None:
    """See within 1.5 s that ClickHouse answers at all, before a question whose client would wait and try again.

    Raises:
        urllib3.exceptions.HTTPError: it does not.
    """
    client.http.request("GET", f"{client.url}/ping", timeout=_SILENT_S, retries=False)
