"""Whether a database is what this version's `migrate` makes of one."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.reference import input_topics, policies
from streams.clickhouse.migrate import policy_rows

_INPUTS: Final = "SELECT DISTINCT topic FROM input_topics"
_MIGRATIONS: Final = "SELECT DISTINCT version FROM schema_versions"
_VIEWS: Final = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'"


def differences(client: Client) -> list[str]:
    """What of this version's migrations, views, input topics and policies a database lacks or has otherwise.

    Raises:
        ClickHouseError: the database is not set up, or does not answer.
    """
    applied = _column(client, _MIGRATIONS)
    wanted = {int(entry.name[:4]): entry.name for entry in (files("sql") / "migrations").iterdir() if _is_sql(entry)}
    views = _column(client, _VIEWS)
    expected = [entry.name.removesuffix(".sql").partition("_")[2] for entry in sql.views()]
    inputs = {topic.name for topic in input_topics()}
    return [
        *(f"migration {name} is missing" for version, name in sorted(wanted.items()) if version not in applied),
        *(f"view {name} is missing" for name in expected if name not in views),
        *(["input topics are others"] if _column(client, _INPUTS) != inputs else []),
        *(f"policy {name} is another" for name in _other_policies(client)),
    ]


def _other_policies(client: Client) -> list[str]:
    columns, rows = policy_rows(policies())
    found = client.query(f"SELECT {', '.join(columns)} FROM policies FINAL").result_rows  # noqa: S608  our own names
    stored = {row[0]: [_plain(value) for value in row] for row in found}
    return [str(row[0]) for row in rows if stored.get(row[0]) != [_plain(value) for value in row]]


def _plain(value: Any) -> Any:  # noqa: ANN401  a cell of any column
    """A cell as it compares: instants without their zone, sequences and named tuples by their values."""
    if hasattr(value, "tzinfo"):
        return value.replace(tzinfo=None)
    if isinstance(value, Mapping):
        return [_plain(item) for item in value.values()]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _column(client: Client, query: str) -> set[Any]:
    return {row[0] for row in client.query(query).result_rows}


def _is_sql(entry: Any) -> bool:  # noqa: ANN401  a traversable
    return bool(entry.name.endswith(".sql"))
