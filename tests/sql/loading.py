"""Puts rows told as dictionaries into tables, instants in milliseconds."""

from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

_INSTANTS = {"minute", "recorded_at", "time", "start", "end", "announced_at", "first_recorded_at", "last_recorded_at"}


def insert(client: Client, table: str, rows: list[dict[str, Any]]) -> None:
    """Rows as dictionaries, instants in milliseconds."""
    if rows:
        names = list(rows[0])
        client.insert(table, [[_cell(name, row[name]) for name in names] for row in rows], names)


def _cell(name: str, value: Any) -> Any:  # noqa: ANN401  a cell of any column
    return _at(value) if name in _INSTANTS and value is not None else value


def _at(instant_ms: int) -> datetime:
    return datetime.fromtimestamp(instant_ms // 1000, UTC).replace(microsecond=instant_ms % 1000 * 1000)
