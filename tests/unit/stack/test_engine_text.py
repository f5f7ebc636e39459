"""Where an INSERT's data begin, and which FORMAT a statement names."""

import time

import pytest

from streams.stack.engine_text import Insert, find_insert, find_target, output_format, reads_input, returns_rows


@pytest.mark.parametrize(
    ("text", "statement", "input_format", "data"),
    [
        (b"INSERT INTO t FORMAT Native\n\x01\x02", b"INSERT INTO t ", "Native", b"\x01\x02"),
        (b"insert into `a`.`format` (`x`) format CSV 1,2\n", b"insert into `a`.`format` (`x`) ", "CSV", b"1,2\n"),
        (b"INSERT INTO t FORMAT CSV\r\n1,2", b"INSERT INTO t ", "CSV", b"1,2"),
        (b"INSERT INTO t FORMAT CSV\n\n1,2", b"INSERT INTO t ", "CSV", b"\n1,2"),
        (b"INSERT INTO t SETTINGS a='FORMAT' FORMAT TSV\n1", b"INSERT INTO t SETTINGS a='FORMAT' ", "TSV", b"1"),
        (b"-- FORMAT x\nINSERT/* FORMAT */INTO t FORMAT CSV\n", b"-- FORMAT x\nINSERT/* FORMAT */INTO t ", "CSV", b""),
        (b"INSERT INTO t (format) FORMAT CSV\n", b"INSERT INTO t (format) ", "CSV", b""),
        (b"INSERT INTO t VALUES (1, 'FORMAT')", b"INSERT INTO t ", "Values", b" (1, 'FORMAT')"),
        (b"  INSERT INTO t FORMAT CSV", b"  INSERT INTO t ", "CSV", b""),
    ],
)
def test_an_insert_is_split_from_its_data_as_clickhouse_does(
    text: bytes, statement: bytes, input_format: str, data: bytes
) -> None:
    found = find_insert(text)
    assert found == Insert(statement=statement, input_format=input_format, data_start=len(text) - len(data))


@pytest.mark.parametrize(
    "text",
    [
        b"SELECT 1 FORMAT CSV",
        b"INSERT INTO t SELECT * FROM s",
        b"INSERT INTO t WITH 1 AS x SELECT x FORMAT CSV",
        b"(SELECT 'INSERT INTO t FORMAT CSV')",
        b"/* INSERT INTO t FORMAT CSV */ SELECT 1",
        b"",
    ],
)
def test_statements_that_carry_no_data_are_left_whole(text: bytes) -> None:
    assert find_insert(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"SELECT 1\n FORMAT Native", "Native"),
        (b"SELECT 1 format JSONEachRow ;", "JSONEachRow"),
        (b"SELECT 1 FORMAT CSV SETTINGS max_threads = 1", "CSV"),
        (b"SELECT format FROM t", None),
        (b"SELECT 'x FORMAT CSV'", None),
        (b"SELECT 1 -- FORMAT CSV", None),
        (b"SELECT 1 FORMAT CSV -- all", "CSV"),
        (b"SELECT (SELECT 1 FORMAT CSV)", None),
    ],
)
def test_the_format_clause_at_the_end_names_the_output(text: bytes, name: str | None) -> None:
    assert output_format(text) == name


@pytest.mark.parametrize(
    ("text", "rows"), [(b"select 1", True), (b"-- a\n(SELECT 1)", True), (b"CREATE TABLE t", False)]
)
def test_statements_that_answer_with_rows_are_known(text: bytes, rows: bool) -> None:
    assert returns_rows(text) is rows


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        (b"INSERT INTO t SELECT * FROM input('a UInt8') FORMAT CSV\n1", True),
        (b"-- x\ninsert into t select lower(a) from Input ('a String')", True),
        (b"INSERT INTO t SELECT 'input(' FROM s /* input( */", False),
        (b"SELECT input(1)", False),
    ],
)
def test_an_insert_that_selects_its_own_data_is_seen(text: bytes, reads: bool) -> None:
    assert reads_input(text) is reads


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        (b"INSERT INTO t", ("t", "", "")),
        (b'insert into table `a b`."t" (`x`, y) ', ('`a b`."t"', "`x`, y", "")),
        (b"INSERT INTO t (* EXCEPT(b)) SETTINGS async_insert = 0", ("t", "* EXCEPT(b)", "SETTINGS async_insert = 0")),
        (b"INSERT INTO t SETTINGS x = 1", ("t", "", "SETTINGS x = 1")),
        (b"INSERT INTO FUNCTION file('x.csv')", None),
        (b"INSERT INTO {name:Identifier} (a)", None),
    ],
)
def test_an_inserts_table_is_found_with_columns_and_settings(
    statement: bytes, target: tuple[str, str, str] | None
) -> None:
    found = find_target(statement)
    assert (found and (found.table, found.columns, found.settings)) == target


@pytest.mark.parametrize("piece", [b"FORMAT x SETTINGS ", b"FORMAT ", b" ", b"'\\", b"\\'", b"/*", b"(", b"`\\", b"$"])
def test_the_time_for_a_statement_grows_with_its_length_alone(piece: bytes) -> None:
    text = b"SELECT 1 " + piece * (200_000 // len(piece)) + b"\\"
    start = time.process_time()
    output_format(text), reads_input(text), returns_rows(text), find_insert(b"INSERT INTO t " + text)
    assert time.process_time() - start < 2
