"""One way to ClickHouse: clickhouse-connect's ordinary HTTP client, as the settings say."""

import logging
from typing import Final

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from streams.clickhouse.address import address
from streams.clickhouse.errors import Failure, translate
from streams.core.settings import Settings

# The client logs what it raises; what is raised is reported once, in one line.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())

_CONNECT_TIMEOUT_S: Final = 5
_ANSWER_TIMEOUT_S: Final = 300
# Two searches for conditions to rewrite, which find none in our questions: they change no answer, and take a third of
# what the rules of a month cost to analyse.
_SETTINGS: Final = {"async_insert": 0, "optimize_and_compare_chain": 0, "optimize_extract_common_expressions": 0}


def connect(settings: Settings, *, database: str | None = None) -> Client:
    """A client bound to the settings' database; inserts answer only once they are written (`async_insert=0`).

    Its calls raise the client's own errors: ask through `session.open_session`, which translates them.

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
            settings=_SETTINGS,
        )
    except Failure as error:
        raise translate(error, settings) from error
