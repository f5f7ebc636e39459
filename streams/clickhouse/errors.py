"""What ClickHouse refuses, by its own numbers: what passes by itself, and what a person has to do.

clickhouse-connect takes the number from the header `X-ClickHouse-Exception-Code`, or from the trailer of an answer that
failed half-way, and keeps it as `Error.code`. Without it the answer came from something before ClickHouse, such as a
proxy, or from nothing at all.
"""

from enum import IntEnum
from typing import Final

from clickhouse_connect.driver.exceptions import (
    ClickHouseError,
    DataError,
    Error,
    IntegrityError,
    InternalError,
    NotSupportedError,
    ProgrammingError,
)
from urllib3.exceptions import HTTPError

from streams.clickhouse.address import host
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings


class ServerCode(IntEnum):
    """Numbers on which this program acts (src/Common/ErrorCodes.cpp in ClickHouse's sources)."""

    NO_SUCH_COLUMN_IN_TABLE = 16
    UNKNOWN_FUNCTION = 46
    """Also a parameterized view that does not exist."""
    UNKNOWN_IDENTIFIER = 47
    UNKNOWN_TABLE = 60
    UNKNOWN_DATABASE = 81
    TIMEOUT_EXCEEDED = 159
    READONLY = 164
    """Also a replica that loses its session with Keeper."""
    UNKNOWN_USER = 192
    WRONG_PASSWORD = 193
    REQUIRED_PASSWORD = 194
    TOO_MANY_SIMULTANEOUS_QUERIES = 202
    SOCKET_TIMEOUT = 209
    NETWORK_ERROR = 210
    NO_ZOOKEEPER = 225
    ABORTED = 236
    """It shuts down."""
    MEMORY_LIMIT_EXCEEDED = 241
    TABLE_IS_READ_ONLY = 242
    NOT_ENOUGH_SPACE = 243
    TOO_MANY_PARTS = 252
    """Also an insert into too many months, which no insert of ours is (`month_batches.INSERT_LIMIT`)."""
    NO_ACTIVE_REPLICAS = 254
    ALL_CONNECTION_TRIES_FAILED = 279
    TOO_FEW_LIVE_REPLICAS = 285
    UNKNOWN_STATUS_OF_INSERT = 319
    QUERY_WAS_CANCELLED = 394
    SYSTEM_ERROR = 425
    CANNOT_SCHEDULE_TASK = 439
    AUTHENTICATION_FAILED = 516
    SERVER_OVERLOADED = 745
    KEEPER_EXCEPTION = 999


_TRANSIENT: Final = frozenset(
    {
        ServerCode.TIMEOUT_EXCEEDED,
        ServerCode.READONLY,
        ServerCode.TOO_MANY_SIMULTANEOUS_QUERIES,
        ServerCode.SOCKET_TIMEOUT,
        ServerCode.NETWORK_ERROR,
        ServerCode.NO_ZOOKEEPER,
        ServerCode.ABORTED,
        ServerCode.MEMORY_LIMIT_EXCEEDED,
        ServerCode.TABLE_IS_READ_ONLY,
        ServerCode.NOT_ENOUGH_SPACE,
        ServerCode.TOO_MANY_PARTS,
        ServerCode.NO_ACTIVE_REPLICAS,
        ServerCode.ALL_CONNECTION_TRIES_FAILED,
        ServerCode.TOO_FEW_LIVE_REPLICAS,
        ServerCode.UNKNOWN_STATUS_OF_INSERT,
        ServerCode.QUERY_WAS_CANCELLED,
        ServerCode.SYSTEM_ERROR,
        ServerCode.CANNOT_SCHEDULE_TASK,
        ServerCode.SERVER_OVERLOADED,
        ServerCode.KEEPER_EXCEPTION,
    }
)
_NOT_SET_UP: Final = frozenset({ServerCode.UNKNOWN_TABLE, ServerCode.UNKNOWN_DATABASE})
_DIFFERS: Final = frozenset(
    {ServerCode.NO_SUCH_COLUMN_IN_TABLE, ServerCode.UNKNOWN_FUNCTION, ServerCode.UNKNOWN_IDENTIFIER}
)
_LOGIN: Final = frozenset(
    {
        ServerCode.UNKNOWN_USER,
        ServerCode.WRONG_PASSWORD,
        ServerCode.REQUIRED_PASSWORD,
        ServerCode.AUTHENTICATION_FAILED,
    }
)
# What the client finds wrong by itself, before it asks or in what it was answered.
_CLIENTS_OWN: Final = (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError)
_BEFORE_THE_WORDS: Final = "DB::Exception: "

Failure = (ClickHouseError, HTTPError, OSError)
"""Everything that a question to ClickHouse fails with."""


def code_of(error: BaseException) -> int | None:
    """ClickHouse's number of an error; None: ClickHouse itself said nothing."""
    return error.code if isinstance(error, Error) else None


def is_transient(error: BaseException) -> bool:
    """Whether trying again later can cure it: nothing answered, or ClickHouse itself says so."""
    code = code_of(error)
    if code is not None:
        return code in _TRANSIENT
    return isinstance(error, Error | HTTPError | OSError)


def first_line(error: BaseException) -> str:
    """ClickHouse's or the client's own words, in one line, for people."""
    text = str(error)
    words = text.partition(_BEFORE_THE_WORDS)[2] if code_of(error) is not None else text
    return next(iter((words or text).splitlines()), type(error).__name__).rstrip(".")


def classify(error: BaseException) -> Code:
    """What an error of ClickHouse or its client means to a program."""
    code = code_of(error)
    if code in _NOT_SET_UP:
        return Code.DATABASE_NOT_SET_UP
    if code in _DIFFERS:
        return Code.DATABASE_DIFFERS
    if code in _LOGIN:
        return Code.CLICKHOUSE_LOGIN
    if code in _TRANSIENT:
        return Code.CLICKHOUSE_OVERLOADED
    if code is not None or isinstance(error, _CLIENTS_OWN):
        return Code.CLICKHOUSE_REFUSES
    return Code.CLICKHOUSE_UNREACHABLE


def translate(error: BaseException, settings: Settings) -> ZectoError:
    """The error in one line, with what to do."""
    code, place, database = classify(error), host(settings), settings.clickhouse_database
    match code:
        case Code.CLICKHOUSE_UNREACHABLE:
            hint = "start one (zecto-sla up) or set ZECTO_CLICKHOUSE_URL"
            return ZectoError(f"no ClickHouse answers at {place}", hint=hint, code=code)
        case Code.DATABASE_NOT_SET_UP:
            message = f"database {database} at {place} is not set up"
            return ZectoError(message, hint="run zecto-sla migrate first", code=code)
        case Code.DATABASE_DIFFERS:
            message = f"database {database} at {place} is not as this version needs it: {first_line(error)}"
            return ZectoError(message, hint="run zecto-sla migrate of this version", code=code)
        case Code.CLICKHOUSE_LOGIN:
            message = f"ClickHouse at {place} refuses: {first_line(error)}"
            return ZectoError(message, hint="set user and password in ZECTO_CLICKHOUSE_URL", code=code)
        case Code.CLICKHOUSE_OVERLOADED:
            message = f"ClickHouse at {place} cannot do it now: {first_line(error)}"
            return ZectoError(message, hint="try again later", code=code)
        case _:
            return ZectoError(f"ClickHouse at {place} refuses: {first_line(error)}", code=code)
