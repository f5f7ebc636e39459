"""Statements that reach the engine's process, told by their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stack.engine_access import check_statement
from streams.stack.engine_query import EngineError

_DENIED = 497


@pytest.mark.parametrize(
    "text",
    [
        "SELECT file('x')",
        "SELECT `file`('x')",
        "SELECT \"file\" ('x')",
        "SELECT `\\x66ile`('x')",
        "SELECT/**/file/**/('x')",
        "SELECT * APPLY(file) FROM t",
        "SELECT arrayMap(file, names) FROM t",
        "INSERT INTO t VALUES (file('x'))",
        "SELECT 1 INTO OUTFILE 'x'",
        "SELECT 1 into /* */ outfile 'x'",
        "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        "ATTACH TABLE t FROM '/x' (a Int8) ENGINE = MergeTree ORDER BY a",
        "SELECT * FROM Python(x)",
        "SELECT * FROM executable('x', 'TSV', 'a String')",
        "SELECT $a$ ' $a$, file('x'), $a$ ' $a$",
        "SELECT \u2018 ' \u2019, file('x') -- '",
    ],
)
def test_statements_that_reach_the_process_are_refused(text: str) -> None:
    with pytest.raises(EngineError) as raised:
        check_statement(text.encode(), {})
    assert raised.value.code == _DENIED


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'file(x)', 'it''s INTO OUTFILE', '\\' file'",
        "SELECT 1 -- file('x')\n /* INTO OUTFILE 'x' */ # file",
        "SELECT files, profile FROM t WHERE a = '$a$ \u2018'",
        "INSERT INTO t SELECT * FROM outfile",
        "ATTACH TABLE t",
        "SELECT a FROM t",
    ],
)
def test_words_in_strings_and_comments_pass(text: str) -> None:
    check_statement(text.encode(), {})


def test_a_parameter_cannot_name_the_function() -> None:
    with pytest.raises(EngineError):
        check_statement(b"SELECT * APPLY({f:Identifier})", {"param_f": "file"})
    check_statement(b"SELECT {f:String}", {"param_f": "profile"})


@given(st.text(alphabet="'\"`\\ab -/*#\n$(", max_size=20))
def test_names_are_found_outside_quotes_and_comments(prefix: str) -> None:
    closed = prefix.translate(str.maketrans("", "", "'\"`\\-/*#$"))
    with pytest.raises(EngineError):
        check_statement(f"SELECT {closed} file('x')".encode(), {})
