"""One way to ClickHouse: clickhouse-connect's ordinary HTTP client, as the settings say."""

import logging
from typing import Final

import clickhouse_connect
import urllib3
from clickhouse_connect.driver.client import Client

from streams.clickhouse.address import address, host
from streams.clickhouse.errors import Failure, translate
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings

# The client logs what it raises; what is raised is reported once, in one line.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())

_CONNECT_TIMEOUT_S: Final = 5
_SILENT_S: Final = 5
_ANSWER_TIMEOUT_S: Final = 300
# Two searches for conditions to rewrite, which find none in our questions: they change no answer, and take a third of
# what the rules of a month cost to analyse.
_SETTINGS: Final = {"async_insert": 0, "optimize_and_compare_chain": 0, "optimize_extract_common_expressions": 0}


def _refuse_silence(settings: Settings) -> None:
    """See that something answers at all: the client would wait for its first answer as long as for any.

    What answers otherwise, or refuses, is left to the client to tell.

    Raises:
        ZectoError: what takes the connection says nothing.
    """
    place = address(settings)
    shown = f"[{place['host']}]" if ":" in place["host"] else place["host"]
    try:
        urllib3.request("GET", f"{place['interface']}://{shown}:{place['port']}/ping", timeout=_SILENT_S, retries=False)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise ZectoError(
            f"ClickHouse at {host(settings)} takes connections and says nothing for {_SILENT_S} s",
            hint="see whether it is stopped, or overloaded",
            code=Code.CLICKHOUSE_UNREACHABLE,
        ) from error
    except (urllib3.exceptions.HTTPError, ValueError):
        return


def connect(settings: Settings, *, database: str | None = None, long_parameters: bool = False) -> Client:
    """A client bound to the settings' database; inserts answer only once they are written (`async_insert=0`).

    Its calls raise the client's own errors: ask through `session.open_session`, which translates them.

    `long_parameters`: queries and their parameters are form fields, for an address may be too long for a server. A
    field may have 128 KiB: enough for a query as it is written here, but not for any that values are filled into.

    Raises:
        ZectoError: the URL is none, nothing answers there, or what answers refuses.
    """
    _refuse_silence(settings)
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
    except Failure as error:
        raise translate(error, settings) from error
