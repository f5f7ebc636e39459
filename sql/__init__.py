"""Migrations, views and queries, as files; this package finds them, and makes of the views those as known at a cut."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from sql.as_known import twins


def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (files(__name__) / "queries" / f"{name}.sql").read_text("utf-8")


def views() -> list[Traversable]:
    """The views, in the order in which they build on each other (their numbers)."""
    found = (entry for entry in (files(__name__) / "views").iterdir() if entry.name.endswith(".sql"))
    return sorted(found, key=lambda entry: entry.name)


def views_as_known() -> dict[str, str]:
    """Statements that create the views as known at a cut, by name, in the order in which they build on each other."""
    return twins((view.read_text("utf-8") for view in views()), query("evaluate_minutes"))
