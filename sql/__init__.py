"""Migrations, views and queries, as files; this package finds them."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

Touched = Literal["by_blocks", "by_name", "between"]
"""How service-minutes are named: each way is a question of its own, `queries/touched_<way>.sql`."""
Kind = Literal["requests", "messages", "probes"]
"""What is counted of a service-minute: each kind by a question of its own, `queries/count_<kind>.sql`."""


def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (files(__name__) / "queries" / f"{name}.sql").read_text("utf-8")


def tallies(touched: Touched) -> str:
    """The question how much there is of each kind in some service-minutes, and whether tallies are its counts."""
    return query(f"touched_{touched}") + query("tally_minutes")


def counting(kind: Kind, touched: Touched) -> str:
    """The question what the ledger counts of a kind in some service-minutes."""
    return query(f"touched_{touched}") + query(f"count_{kind}")


def changed(touched: Touched) -> str:
    """The question for the counts that stand, of some service-minutes."""
    return query(f"touched_{touched}") + query("changed_minutes")


def views() -> list[Traversable]:
    """The views, in the order in which they build on each other (their numbers)."""
    found = (entry for entry in (files(__name__) / "views").iterdir() if entry.name.endswith(".sql"))
    return sorted(found, key=lambda entry: entry.name)
