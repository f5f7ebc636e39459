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


def test_c4_all_but_one_own_error_are_somebodys() -> None:
    open_codes = {
        code
        for code, rows in code_tables().tables[ERROR_TABLE].rows.items()
        if rows[0][1] in (Responsible.NONE, Responsible.UNKNOWN)
    }
    assert open_codes == {"status_unknown"}


SPELT: dict[str, tuple[str, list[str]]] = {
    "smpp_command_status": ("0x0000000B", ["b", "B", "0xb", "0XB", "0b", "0x0000000b", "000000000B"]),
    "gsm_map_error": ("map:27", ["MAP:27", "map:027", "map:0x27", "Map:0X027"]),
    "q850_cause": ("16", ["016", "0x16", "0X0016"]),
    "sip_status": ("pjsip:701", ["PJSIP:0701"]),
    "whatsapp_error": ("status:(other)", ["STATUS:(OTHER)"]),
}


@pytest.mark.parametrize("name", SPELT)
def test_c3_case_zeros_and_0x_do_not_matter(name: str) -> None:
    listed, spellings = SPELT[name]
    table = code_tables().tables[name]
    for code in (listed, *spellings):
        row = table.row(code, 0)
        assert row is not None, code
        assert row.code == listed


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("smpp_command_status", "11 "),
        ("smpp_command_status", "ESME_RINVDSTADR"),
        ("smpp_command_status", ""),
        ("gsm_map_error", "27"),
        ("gsm_map_error", "map:27x"),
        ("q850_cause", "0x1A"),
        ("q850_cause", "-16"),
        ("q850_cause", "\u0661\u0666"),
        ("smtp_enhanced_status", "5.1.01"),
        ("smtp_enhanced_status", "0550"),
        ("vendor_dlr_err", "SS7STYLE:001"),
        ("platform_error", "Queue_full"),
    ],
)
def test_c3_no_other_spelling_is_the_same_code(name: str, code: str) -> None:
    assert code_tables().tables[name].row(code, 0) is None


@pytest.mark.parametrize(
    ("name", "listed", "within", "without"),
    [
        (
            "smpp_command_status",
            "0x00000400-0x000004FF",
            ["400", "0x4ff", "0000047a"],
            ["3ff", "500", "1024", "0x00000400-0x000004FF"],
        ),
        ("whatsapp_error", "200-299", ["200", "0299", "0x250"], ["199", "300", "status:250", "2.5e2"]),
        (
            "vendor_dlr_err",
            "routemobile:144-196",
            ["routemobile:144", "routemobile:196"],
            ["routemobile:143", "routemobile:197", "routemobile:0150", "Routemobile:150", "150", "8x8:150"],
        ),
    ],
)
def test_c3_a_range_covers_the_codes_from_end_to_end(
    name: str, listed: str, within: list[str], without: list[str]
) -> None:
    table = code_tables().tables[name]
    assert {row.code for code in within if (row := table.row(code, 0))} == {listed}
    assert all(table.row(code, 0) for code in within)
    assert listed not in {row.code for code in without if (row := table.row(code, 0))}


def test_c3_a_range_as_written_keeps_its_digits() -> None:
    parsed = parse_code_table("vendor_dlr_err", table("x:008-120,,platform,yes,,", "y:8-12,,operator,yes,,"), "t.csv")
    known = {code for code in ("x:008", "x:8", "x:120", "x:0120", "y:8", "y:08", "y:12") if parsed.row(code, 0)}
    assert known == {"x:008", "x:120", "y:8", "y:12"}


def test_c4_two_spellings_of_a_code_are_rows_of_one() -> None:
    dated = table("0xB,,customer,yes,,,", "0000000b,,operator,yes,,,2026-10-01T00:00:00+05:00", header=DATED)
    parsed = parse_code_table("smpp_command_status", dated, "t.csv")
    assert parsed.responsible("b", CHANGE - 1) is Responsible.CUSTOMER
    assert parsed.responsible("b", CHANGE) is Responsible.OPERATOR
