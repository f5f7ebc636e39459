"""Migrations, views and queries, as files; this package finds them."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

Touched = Literal["by_blocks", "by_name", "between"]
"""How service-minutes are named: each way is a question of its own, `queries/touched_<way>.sql`."""
Kind = Literal["requests", "messages", "probes"]
"""What is counted of a service-minute: each kind by a question of its own, `queries/count_<kind>.sql`."""
Known = Literal["requests", "messages_and_probes"]
"""Of what a question says how many distinct records there are, `queries/known_<of>.sql`."""


def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (files(__name__) / "queries" / f"{name}.sql").read_text("utf-8")


def known(of: Known, touched: Touched) -> str:
    """The question how many distinct records there are in some service-minutes."""
    return query(f"touched_{touched}") + query(f"known_{of}")


def tallies(touched: Touched) -> str:
    """The question for the tallies of requests in some service-minutes, and whether these are what counts."""
    return query(f"touched_{touched}") + query("tally_requests")


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
