import pytest

from schemas.codes import ALWAYS_MS, CodeTableError, Responsible, assemble_tables, parse_code_table
from schemas.instants import parse_instant
from schemas.reference import code_tables
from streams.rules.classify import CODE_OF_STATE, ERROR_TABLE, HTTP_TABLE, STATE_TABLE, TABLE_OF_CODE_SYSTEM

HEADER = "code,name,responsible,final,notes,source"
DATED = f"{HEADER},valid_from"
CHANGE = parse_instant("2026-10-01T00:00:00+05:00")


def table(*lines: str, header: str = HEADER) -> str:
    return "\n".join((header, *lines)) + "\n"


def test_c4_without_dates_a_row_always_applied() -> None:
    parsed = parse_code_table("t", table("503,down,platform,temporary,,RFC"), "t.csv")
    assert parsed.rows == {"503": ((ALWAYS_MS, Responsible.PLATFORM),)}
    assert parsed.responsible("503", 0) is Responsible.PLATFORM
    assert parsed.responsible("504", 0) is None


def test_c4_the_latest_row_decides_to_the_millisecond() -> None:
    dated = table(
        "x,,operator,yes,,,2026-10-01T00:00:00+05:00",
        "x,,customer,yes,,,",
        "y,,content,yes,,,2026-10-01T00:00:00+05:00",
        header=DATED,
    )
    parsed = parse_code_table("t", dated, "t.csv")
    assert parsed.responsible("x", CHANGE - 1) is Responsible.CUSTOMER
    assert parsed.responsible("x", CHANGE) is Responsible.OPERATOR
    assert parsed.responsible("y", CHANGE - 1) is None, "before its date a row does not exist"
    assert assemble_tables({"t": parsed}).edges_ms == (CHANGE,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"t\.csv:1: the header must be"),
        (table(header="code,responsible"), r"t\.csv:1: the header must be"),
        (table("a,,platform,yes,,", "a,,operator,yes,,"), r"t\.csv:3: code a stands twice"),
        (table("a,,us,yes,,"), r"t\.csv:2: responsible 'us'"),
        (table("a,,platform,yes,"), r"t\.csv:2: 5 cells instead of 6"),
        (table(",,platform,yes,,"), r"t\.csv:2: the code is empty"),
        (table('a,"two', 'lines",platform,yes,,', ",,platform,yes,,"), r"t\.csv:4: the code is empty"),
        (table('a,"x,platform,yes,,'), r"t\.csv:2"),
        (table("a,,platform,yes,,,2026-10-01", header=DATED), r"t\.csv:2: valid_from '2026-10-01'"),
        (table("a,,platform,yes,,,", "a,,operator,yes,,,", header=DATED), r"t\.csv:3: code a stands twice"),
    ],
)
def test_c4_a_bad_table_is_refused_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(CodeTableError, match=message):
        parse_code_table("t", text, "t.csv")


def test_c4_every_table_that_a_rule_names_is_there() -> None:
    tables = code_tables()
    assert {HTTP_TABLE, ERROR_TABLE, STATE_TABLE, *TABLE_OF_CODE_SYSTEM.values()} <= set(tables.tables)
    for code in CODE_OF_STATE.values():
        assert tables.responsible(STATE_TABLE, code, 0) is not None


def test_c4_an_own_error_code_is_always_somebodys() -> None:
    answers = {rows[0][1] for rows in code_tables().tables[ERROR_TABLE].rows.values()}
    assert not answers & {Responsible.NONE, Responsible.UNKNOWN}
