"""A table of many rows looks as one of few, and takes no millisecond a row."""

import io
import time

import pytest

from streams.core import tables
from streams.core.console import TextConsole, styled
from streams.core.shown_text import shown_json

_ROWS = 20_000
_IN_TIME_S = 5.0


def _drawn(rows: int, width: int = 200) -> str:
    table = tables.table_of("claim", ">figures", "why", title="of many")
    for number in range(rows):
        table.add_row(f"c{number}\x1b", styled(f"{number:,}", "bold red"), "wide 漢字" if number % 2 else "")
    file = io.StringIO()
    TextConsole(file=file, width=width).print(table)
    return file.getvalue()


@pytest.mark.parametrize("width", [200, 27, 26, 22])
def test_a_long_table_looks_as_rich_draws_it(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    by_rich = _drawn(300, width)
    monkeypatch.setattr(tables, "_MANY_ROWS", 10)
    drawn = _drawn(300, width)
    assert [line.rstrip() for line in drawn.splitlines()] == [line.rstrip() for line in by_rich.splitlines()]
    assert r"c7\x1b" in drawn


def test_a_long_table_is_drawn_in_time() -> None:
    began_s = time.process_time()
    assert _drawn(_ROWS).count("\n") == _ROWS + 2
    assert time.process_time() - began_s < _IN_TIME_S


def test_one_control_character_does_not_slow_a_long_text() -> None:
    began_s = time.process_time()
    assert shown_json("x" * 20_000_000 + "\x7f").endswith(r"\u007f")
    assert time.process_time() - began_s < 1.0
