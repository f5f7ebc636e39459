"""A question to the views as one statement, in which there is nothing but tables and values.

ClickHouse analyses a parameterized view anew for every reference to it, and whatever stands in that view again; what a
view asks beforehand (the month's frame, how far all is seen) is asked once for every place that uses it. Of a month
that is half a second before the first row is read. The views stay small, build on each other and are what people ask;
the program asks the same texts in one piece, with the answers to what they ask beforehand written into them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_BODY: Final = re.compile(r"\A(?:--[^\n]*\n)*CREATE OR REPLACE VIEW \w+ AS\n(?P<select>.*)\Z", re.DOTALL)
_REFERENCE: Final = re.compile(r"\b(?P<verb>FROM|JOIN) (?P<name>\w+)(?:\([^()]*\))?(?= AS \w+|\s|\)|$)")
_ASKED_FIRST: Final = re.compile(
    r"^ +\(SELECT (?P<selected>[^\n]*) FROM (?P<source>[^\n]*)\) AS (?P<name>frame|seen_ms),\n", re.MULTILINE
)
_VALUE: Final = re.compile(r"\b(?:frame\.[a-z]\w*(?:\.\w+)?|seen_ms\.[12])")


def selects(statements: Mapping[str, str]) -> dict[str, str]:
    """What each of these views selects, by its name, with the others that it builds on in it.

    `statements` create the views, in an order in which each builds on those before it; all take their parameters by the
    same names. Values stay named: `frame.month_start`, `seen_ms.1`.
    """
    whole: dict[str, str] = {}
    for name, statement in statements.items():
        found = _BODY.match(statement)
        assert found, name  # noqa: S101  a view's file creates a view
        whole[name] = within(_ASKED_FIRST.sub("", found["select"]), whole).strip()
    return whole


def within(question: str, whole: Mapping[str, str]) -> str:
    """A question with what these views select in the place of their names."""

    def replaced(found: re.Match[str]) -> str:
        return f"{found['verb']} (\n{whole[found['name']]}\n)" if found["name"] in whole else found[0]

    return _REFERENCE.sub(replaced, question)


def asked_first(statements: Iterable[str]) -> dict[str, str]:
    """What views ask beforehand, by name, as tables of one row to select their values from.

    As scalars they would be resolved for each of their values, and nullable, and what is compared with them too.
    """
    return {found["name"]: _as_table(found) for text in statements for found in _ASKED_FIRST.finditer(text)}


def values_in(text: str) -> list[str]:
    """The names of the values that a text needs."""
    return sorted({found[0] for found in _VALUE.finditer(text)})


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its values written into it."""
    return _VALUE.sub(lambda found: values[found[0]], text)


def literal(value: str, type_: str) -> str:
    """A value of ClickHouse from its text (`toString`) and the name of its type."""
    return f"CAST({_quoted(value)}, {_quoted(type_)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _as_table(scalar: re.Match[str]) -> str:
    """`(SELECT * FROM t) AS frame` as it is; `(SELECT tuple(x) FROM t) AS seen_ms` as a table with that one column."""
    selected, source, name = scalar["selected"], scalar["source"], scalar["name"]
    if selected == "*":
        return f"(SELECT * FROM {source}) AS {name}"  # noqa: S608  of our own views
    return f"(SELECT {selected} AS {name} FROM {source}) AS of_{name}"  # noqa: S608
