"""ClickHouse's errors are told apart by their numbers: what passes, what a person has to do."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError
from urllib3.exceptions import ProtocolError

from streams.clickhouse.errors import ServerCode, classify, first_line, is_transient, translate
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings

_SETTINGS = Settings(clickhouse_url="http://reader:secret@ledger:8123", clickhouse_database="zecto")


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("Error executing HTTP request"),
        ProtocolError("Connection broken"),
        ConnectionRefusedError(),
        DatabaseError("a proxy's 502"),
        DatabaseError("in whatever words", code=ServerCode.MEMORY_LIMIT_EXCEEDED),
        DatabaseError("in whatever words", code=ServerCode.TOO_MANY_PARTS),
        DatabaseError("in whatever words", code=ServerCode.NO_ZOOKEEPER),
    ],
)
def test_an_absence_and_an_overload_pass(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("MEMORY_LIMIT_EXCEEDED", code=ServerCode.UNKNOWN_TABLE),
        DatabaseError("a number of tomorrow's ClickHouse", code=9_999),
        ZectoError("the broker refuses"),
        ValueError("a fault of ours"),
    ],
)
def test_a_refusal_and_a_fault_of_ours_do_not(error: Exception) -> None:
    assert not is_transient(error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OperationalError("Error executing HTTP request"), Code.CLICKHOUSE_UNREACHABLE),
        (DatabaseError("UNKNOWN_TABLE, says a proxy"), Code.CLICKHOUSE_UNREACHABLE),
        (ConnectionRefusedError(), Code.CLICKHOUSE_UNREACHABLE),
        (DatabaseError("no words", code=ServerCode.UNKNOWN_TABLE), Code.DATABASE_NOT_SET_UP),
        (DatabaseError("no words", code=ServerCode.UNKNOWN_DATABASE), Code.DATABASE_NOT_SET_UP),
        (DatabaseError("no words", code=ServerCode.UNKNOWN_IDENTIFIER), Code.DATABASE_DIFFERS),
        (DatabaseError("no words", code=ServerCode.AUTHENTICATION_FAILED), Code.CLICKHOUSE_LOGIN),
        (DatabaseError("no words", code=ServerCode.NOT_ENOUGH_SPACE), Code.CLICKHOUSE_OVERLOADED),
        (DatabaseError("no words", code=9_999), Code.CLICKHOUSE_REFUSES),
        (ProgrammingError("wrong number of parameters"), Code.CLICKHOUSE_REFUSES),
    ],
)
def test_the_number_decides_and_not_the_words(error: Exception, code: Code) -> None:
    assert classify(error) is code
    assert translate(error, _SETTINGS).code is code


@pytest.mark.parametrize("number", [None, *ServerCode, 9_999])
def test_every_refusal_is_one_line_without_the_password(number: int | None) -> None:
    said = "Received ClickHouse exception, code: 0, server response: Code: 0. DB::Exception: Not now.\n(for url secret)"
    line = str(translate(DatabaseError(said, code=number), _SETTINGS))
    assert "\n" not in line
    assert "ledger:8123" in line
    assert "secret" not in line


def test_the_words_shown_are_clickhouses_own() -> None:
    said = "server response: Code: 62. DB::Exception: Syntax error: failed at 1. (SYNTAX_ERROR)\nmore"
    assert first_line(DatabaseError(said, code=62)) == "Syntax error: failed at 1. (SYNTAX_ERROR)"
    assert first_line(DatabaseError("", code=62)) == "DatabaseError"
