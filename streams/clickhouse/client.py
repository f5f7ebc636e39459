"""One way to ClickHouse: clickhouse-connect's ordinary HTTP client, as the settings say."""

import logging
from typing import Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings

# The client logs what it raises; what is raised is told once, in one line.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())

_CONNECT_TIMEOUT_S = 5
_ANSWER_TIMEOUT_S = 300
_DEFAULT_PORTS = {"http": 8123, "https": 8443}
# Two searches for conditions to rewrite, which find none in our questions: they change no answer, and take a third of
# what the rules of a month cost to analyse.
_SETTINGS = {"async_insert": 0, "optimize_and_compare_chain": 0, "optimize_extract_common_expressions": 0}


def connect(settings: Settings, *, database: str | None = None, long_parameters: bool = False) -> Client:
    """A client bound to the settings' database; inserts answer only once they are written (`async_insert=0`).

    `long_parameters`: queries and their parameters are form fields, for an address may be too long for a server. A
    field may have 128 KiB: enough for a query as it is written here, but not for any that values are filled into.

    Raises:
        ZectoError: the URL is none, nothing answers there, or what answers refuses.
    """
    try:
        return clickhouse_connect.get_client(
            **address(settings),
            database=settings.clickhouse_database if database is None else database,
            connect_timeout=_CONNECT_TIMEOUT_S,
            send_receive_timeout=_ANSWER_TIMEOUT_S,
            autogenerate_session_id=False,
            form_encode_query_params=long_parameters,
            settings=_SETTINGS,
        )
    except (ClickHouseError, OSError) as error:
        text = str(error)
        if "UNKNOWN_DATABASE" in text:
            raise ZectoError(
                f"{host(settings)} has no database {settings.clickhouse_database}: run zecto-sla migrate"
            ) from error
        if "DB::Exception" in text:
            said = text.partition("DB::Exception: ")[2].splitlines()[0]
            raise ZectoError(f"ClickHouse at {host(settings)} refuses: {said}") from error
        raise ZectoError(
            f"no ClickHouse answers at {host(settings)}",
            hint="start one (zecto-sla up) or set ZECTO_CLICKHOUSE_URL",
            code=Code.CLICKHOUSE_UNREACHABLE,
        ) from error


def address(settings: Settings) -> dict[str, Any]:
    """What `clickhouse_connect.get_client` needs to find the server.

    Raises:
        ZectoError: the URL is not http(s)://[user:password@]host[:port].
    """
    parts = urlsplit(settings.clickhouse_url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ZectoError("ZECTO_CLICKHOUSE_URL is not http(s)://[user:password@]host[:port]")
    found: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port or _DEFAULT_PORTS[parts.scheme],
        "interface": parts.scheme,
    }
    if parts.username:
        found |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return found


def host(settings: Settings) -> str:
    """The server as it may be shown: without user and password."""
    return urlsplit(settings.clickhouse_url).netloc.rpartition("@")[2]
