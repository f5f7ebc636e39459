"""The numbers of ClickHouse's errors, as the real engine sends them and the client keeps them."""

import asyncio
from collections.abc import Callable

import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from streams.clickhouse.errors import ServerCode, is_transient
from streams.clickhouse.session import open_session
from streams.clickhouse.store import Store
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings

pytestmark = pytest.mark.engine

_MONTHS = 250
_LITTLE_MEMORY = {"max_memory_usage": 1_000_000}


def _half_way(client: Client) -> None:
    """Fail after the first rows are on their way, when no header can say so any more."""
    query = "SELECT throwIf(number = 3000000, 'late') FROM numbers(4000000) SETTINGS max_block_size = 1000"
    with client.query_row_block_stream(query) as blocks:
        for _ in blocks:
            pass


@pytest.mark.parametrize(
    ("ask", "number"),
    [
        (lambda client: client.query("SELECT 1 FROM nowhere"), ServerCode.UNKNOWN_TABLE),
        (lambda client: client.query("SELECT 1 FROM nowhere.nothing"), ServerCode.UNKNOWN_DATABASE),
        (lambda client: client.query("SELECT nothing FROM minutes"), ServerCode.UNKNOWN_IDENTIFIER),
        (lambda client: client.query("SELECT 1 FROM nowhere(month = '2026-09')"), ServerCode.UNKNOWN_FUNCTION),
        (
            lambda client: client.query("SELECT groupArray(number) FROM numbers(9000000)", settings=_LITTLE_MEMORY),
            ServerCode.MEMORY_LIMIT_EXCEEDED,
        ),
        (_half_way, 395),  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
    ],
)
def test_the_client_keeps_the_engines_number(client: Client, ask: Callable[[Client], object], number: int) -> None:
    with pytest.raises(Error) as raised:
        ask(client)
    assert raised.value.code == number


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT 1 FROM nowhere", Code.DATABASE_NOT_SET_UP),
        ("SELECT 1 FROM nowhere(month = '2026-09')", Code.DATABASE_DIFFERS),
        ("SELECT (1", Code.CLICKHOUSE_REFUSES),
    ],
)
def test_a_session_translates_what_it_is_answered(database: Settings, query: str, code: Code) -> None:
    with pytest.raises(ZectoError) as raised, open_session(database) as client:
        client.query(query)
    assert raised.value.code is code


def test_a_database_that_does_not_exist_is_no_absence(database: Settings) -> None:
    nowhere = database.model_copy(update={"clickhouse_database": "nowhere"})
    with pytest.raises(ZectoError, match="run zecto-sla migrate") as raised, open_session(nowhere):
        pytest.fail("it opened")
    assert raised.value.code is Code.DATABASE_NOT_SET_UP


def test_nobody_there_is_an_absence() -> None:
    nobody = Settings(clickhouse_url="http://127.0.0.1:1")
    with pytest.raises(ZectoError, match=r"no ClickHouse answers at 127\.0\.0\.1:1") as raised, open_session(nobody):
        pytest.fail("it opened")
    assert raised.value.code is Code.CLICKHOUSE_UNREACHABLE


def test_an_insert_into_many_months_never_meets_a_servers_limit(client: Client) -> None:
    client.command(
        "CREATE TABLE many (minute DateTime) ENGINE = MergeTree PARTITION BY toYYYYMM(minute) ORDER BY minute"
    )
    seconds = [(1_000_000_000 + number * 31 * 86_400) for number in range(_MONTHS)]
    table = pa.table({"minute": pa.array(seconds, pa.uint32())})
    with pytest.raises(Error) as raised:
        client.insert_arrow("many", table)
    assert raised.value.code == ServerCode.TOO_MANY_PARTS
    client.set_client_setting("max_partitions_per_insert_block", 1)
    asyncio.run(Store(client).insert("many", table))
    assert client.command("SELECT count() FROM many") == _MONTHS
    assert is_transient(raised.value)
