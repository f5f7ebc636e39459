"""Migrations, views and queries, as files; this package finds them, and makes of the views those as known at a cut."""

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from sql.as_of import twins
from sql.whole import asked_first as asked
from sql.whole import selects, values_in, within

_NAME = re.compile(r"^CREATE OR REPLACE VIEW (\w+) AS$", re.MULTILINE)


def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (files(__name__) / "queries" / f"{name}.sql").read_text("utf-8")


def views() -> list[Traversable]:
    """The views, in the order in which they build on each other (their numbers)."""
    found = (entry for entry in (files(__name__) / "views").iterdir() if entry.name.endswith(".sql"))
    return sorted(found, key=lambda entry: entry.name)


def views_as_of() -> dict[str, str]:
    """Statements that create the views as known at a cut, by name, in the order in which they build on each other."""
    return twins((view.read_text("utf-8") for view in views()), query("evaluate_minutes"))


def whole(question: str) -> str:
    """A question to views, also as known, in one piece; its values are still named (`sql.whole`)."""
    return within(question, _selects())


@cache
def asked_first() -> dict[str, str]:
    """What the views of a month ask beforehand, by name: tables of one row."""
    return asked(view.read_text("utf-8") for view in views())


@cache
def values_asked_first() -> list[str]:
    """The names of all the values that the views of a month take from what they ask beforehand."""
    return values_in("\n".join(_selects().values()))


@cache
def _selects() -> dict[str, str]:
    plain = [view.read_text("utf-8") for view in views()]
    return selects({_NAME.findall(text)[0]: text for text in plain} | views_as_of())
