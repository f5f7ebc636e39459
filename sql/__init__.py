"""Migrations, views and queries, as files; this package finds them."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (files(__name__) / "queries" / f"{name}.sql").read_text("utf-8")


def evaluation() -> str:
    """The statement that counts minutes into the table `minutes`."""
    return query("insert_minutes") + query("count_minutes")


def views() -> list[Traversable]:
    """The views, in the order in which they build on each other (their numbers)."""
    found = (entry for entry in (files(__name__) / "views").iterdir() if entry.name.endswith(".sql"))
    return sorted(found, key=lambda entry: entry.name)
