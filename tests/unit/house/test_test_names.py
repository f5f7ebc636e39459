"""A test's name says one thing, in words that can be read at a glance, and is no other test's of its file."""

import ast
from collections import Counter
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[2]
WORDS: Final = 10


def _names(path: Path) -> list[str]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [function.name for function in functions if function.name.startswith("test_")]


NAMES: Final = {path.relative_to(TESTS).as_posix(): _names(path) for path in sorted(TESTS.rglob("test_*.py"))}


def _words(name: str) -> list[str]:
    return [word for word in name.split("_")[1:] if word]


def test_every_file_of_tests_has_some() -> None:
    assert len(NAMES) > 100
    assert [path for path, names in NAMES.items() if not names] == []


def test_names_have_at_most_ten_words() -> None:
    assert {name: path for path, names in NAMES.items() for name in names if len(_words(name)) > WORDS} == {}


def test_no_name_occurs_twice_in_a_file() -> None:
    counts = {path: Counter(names) for path, names in NAMES.items()}
    assert {path: name for path, names in counts.items() for name, count in names.items() if count > 1} == {}
