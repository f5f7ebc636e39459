"""No program reads sentences: errors are told apart by code and fields, never by their words."""

import ast
from pathlib import Path

import pytest

_STREAMS = Path(__file__).parents[3] / "streams"
_SEARCHES = {"partition", "rpartition", "replace", "split", "startswith", "endswith", "removeprefix", "find", "index"}
_MATCHES = {"match", "search", "fullmatch", "findall", "sub"}


def searched_words(text: str) -> list[str]:
    """The places in a program that look for something in the text of an error."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(text)) if _searches(node)]


def _searches(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[words]):
            return _is_words(words)
        case ast.Call(func=ast.Attribute(value=words, attr=attribute)) if attribute in _SEARCHES and _is_words(words):
            return True
        case ast.Call(func=ast.Attribute(attr=attribute), args=arguments) if attribute in _MATCHES:
            return any(_is_words(argument) for argument in arguments)
    return False


def _is_words(node: ast.expr) -> bool:
    """Whether an expression is the text of an error: `str(error)`, `error.message`, `error.args[0]`."""
    match node:
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[ast.Name(id="error" | "exc" | "exception")]):
            return True
        case ast.Attribute(value=ast.Name(id="error" | "exc" | "exception"), attr="message" | "msg" | "strerror"):
            return True
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id="error"), attr="args")):
            return True
    return False


@pytest.mark.parametrize("file", sorted(_STREAMS.rglob("*.py")), ids=lambda file: str(file.relative_to(_STREAMS)))
def test_no_program_looks_into_the_words_of_errors(file: Path) -> None:
    assert searched_words(file.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "'taken' in str(error)",
        "'taken' not in error.message",
        "str(error).replace('a', 'b')",
        "re.search('Code: [0-9]+', str(exc))",
        "pattern.match(error.message)",
        "error.args[0].startswith('no')",
    ],
)
def test_a_look_into_words_is_seen(text: str) -> None:
    assert searched_words(text) == [text]


def test_showing_words_is_no_look_into_them() -> None:
    assert searched_words("print(str(error).splitlines()[0], f'{error}', error.code in known)") == []
