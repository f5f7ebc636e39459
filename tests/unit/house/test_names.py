"""Names: a class stands once, files and functions are read in one sitting, and old words stay gone."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
_FILES: Final = sorted(path for folder in ("schemas", "sql", "streams") for path in (ROOT / folder).rglob("*.py"))
_FILE_LINES: Final = 300
_FUNCTION_LINES: Final = 91
_MEDIAN_LINES: Final = 8
# Words of an earlier private vocabulary, and what a reader of the field calls the thing (docs/reference/glossary.md).
_OLD_WORDS: Final = {
    "warrant": "amount due",
    "shelf": "document store",
    "stood": "stated, effective",
    "surroundings": "dependencies",
    "wiring": "build, dependencies",
    "seams": "adapters",
    "owe": "enqueue",
    "owes": "pending",
    "lives": "incarnations",
    "eras": "validity",
    "reckoning": "accounting",
    "flaw": "violation",
    "defect": "invalid record",
    "told": "view, described",
    "telling": "views",
    "teller": "views",
    "befalls": "episode",
}
# The contract's name of a field, which policy files carry.
_CONTRACTS_OWN: Final = frozenset({"told_by_us"})
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_class_name_stands_in_one_file() -> None:
    places: defaultdict[str, set[str]] = defaultdict(set)
    for path in _FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].add(_named(path))
    assert {name: sorted(files) for name, files in places.items() if len(files) > 1} == {}


def test_a_file_is_read_in_one_sitting() -> None:
    lines = {_named(path): len(path.read_text("utf-8").splitlines()) for path in _FILES}
    assert {name: count for name, count in lines.items() if count > _FILE_LINES} == {}


def test_functions_stay_small() -> None:
    lengths = {(_named(path), name): length for path in _FILES for name, length in _functions(path)}
    assert {place: length for place, length in lengths.items() if length > _FUNCTION_LINES} == {}
    assert median(lengths.values()) <= _MEDIAN_LINES


@pytest.mark.parametrize("path", _FILES, ids=_named)
def test_no_identifier_speaks_the_old_vocabulary(path: Path) -> None:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
    names = {token.string for token in tokens if token.type == tokenize.NAME} - _CONTRACTS_OWN
    found = {
        name: _OLD_WORDS[word.lower()] for name in names for word in _WORDS.findall(name) if word.lower() in _OLD_WORDS
    }
    assert found == {}
