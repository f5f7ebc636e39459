"""A question to views in one piece: nothing in it but tables, parts of its own and values."""

import re

import pytest

import sql
from sql.as_of import as_of
from sql.whole import filled, literal, selects, values_in, within

_NAME = re.compile(r"^CREATE OR REPLACE VIEW (\w+) AS$", re.MULTILINE)
_ARGUMENTS = "(month = {month:String}, policy = {policy:String})"
_VIEWS = {name for view in sql.views() for name in _NAME.findall(view.read_text("utf-8"))} | set(sql.views_as_of())
_MONTHLY = ("verdicts", "months", "listed_declarations", "month_progress", "source_completeness", "gaps", "windows")


def test_a_view_within_a_view_becomes_what_it_selects() -> None:
    whole = selects(
        {
            "inner_": "-- why\nCREATE OR REPLACE VIEW inner_ AS\nSELECT a FROM t FINAL WHERE m = '{month:String}'\n",
            "outer_": f"CREATE OR REPLACE VIEW outer_ AS\nSELECT * FROM inner_{_ARGUMENTS} AS i JOIN u USING a\n",
        }
    )
    assert within(f"SELECT 1 FROM outer_{_ARGUMENTS} WHERE a IN (SELECT a FROM inner_{_ARGUMENTS})", whole) == (
        "SELECT 1 FROM (\nSELECT * FROM (\nSELECT a FROM t FINAL WHERE m = '{month:String}'\n) AS i JOIN u USING a\n)"
        " WHERE a IN (SELECT a FROM (\nSELECT a FROM t FINAL WHERE m = '{month:String}'\n))"
    )


def test_a_name_that_only_begins_like_a_view_stays() -> None:
    assert within("SELECT * FROM gaps_ JOIN gaps2 ON 1", {"gaps": "SELECT 1"}) == "SELECT * FROM gaps_ JOIN gaps2 ON 1"


def test_what_a_view_asks_beforehand_is_left_out() -> None:
    statement = (
        "CREATE OR REPLACE VIEW v AS\nWITH\n"
        f"    (SELECT * FROM frames{_ARGUMENTS}) AS frame,\n"
        "    frame.month_start AS from_\n"
        "SELECT from_, frame.tiers.numerator, seen_ms.1\n"
    )
    whole = selects({"v": statement})
    assert whole == {"v": "WITH\n    frame.month_start AS from_\nSELECT from_, frame.tiers.numerator, seen_ms.1"}
    assert values_in(whole["v"]) == ["frame.month_start", "frame.tiers.numerator", "seen_ms.1"]


def test_values_are_written_as_clickhouse_tells_them() -> None:
    assert literal("it's", "String") == r"CAST('it\'s', 'String')"
    assert literal("2025-11-17 00:00:00.000", "DateTime64(3, 'UTC')") == (
        r"CAST('2025-11-17 00:00:00.000', 'DateTime64(3, \'UTC\')')"
    )
    assert filled("frame.a + seen_ms.2", {"frame.a": "1", "seen_ms.2": "2"}) == "1 + 2"


@pytest.mark.parametrize("view", _MONTHLY)
@pytest.mark.parametrize("words", [str, as_of], ids=["now", "as of"])
def test_no_view_is_left_in_a_question_about_a_month(view: str, words: type[str]) -> None:
    text = sql.whole(words(f"SELECT * FROM {view}{_ARGUMENTS}"))
    assert not set(re.findall(r"\b(?:FROM|JOIN) (\w+)", text)) & _VIEWS
    assert " AS frame" not in text
    assert " AS seen_ms" not in text


def test_every_view_asks_beforehand_by_the_same_words() -> None:
    asked = {
        line.strip()
        for view in sql.views()
        for line in view.read_text("utf-8").splitlines()
        if line.endswith((" AS frame,", " AS seen_ms,"))
    }
    assert len(asked) == 2, asked
