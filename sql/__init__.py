"""Migrations, views and queries, as files; this package finds them."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

Touched = Literal["by_blocks", "by_name", "between"]
"""How service-minutes are named: each way is a question of its own, `queries/touched_<way>.sql`."""


def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (files(__name__) / "queries" / f"{name}.sql").read_text("utf-8")


def counting(touched: Touched) -> str:
    """The question what the ledger counts of some service-minutes."""
    return query(f"touched_{touched}") + query("count_minutes")


def evaluation(touched: Touched) -> str:
    """The statement that counts service-minutes into the table `minutes`."""
    return query("insert_minutes") + counting(touched)


def changed(touched: Touched) -> str:
    """The question for the counts that stand, of some service-minutes."""
    return query(f"touched_{touched}") + query("changed_minutes")


def views() -> list[Traversable]:
    """The views, in the order in which they build on each other (their numbers)."""
    found = (entry for entry in (files(__name__) / "views").iterdir() if entry.name.endswith(".sql"))
    return sorted(found, key=lambda entry: entry.name)
