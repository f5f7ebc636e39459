"""Puts a world's rows into a migrated database and asks the views what they make of them."""

from typing import Any

from clickhouse_connect.driver.client import Client

import sql
from streams.clickhouse.migrate import write_policies
from tests.sql.world import Row, World, at

_INSTANTS = {"minute", "recorded_at", "time", "start", "end", "announced_at", "first_recorded_at", "last_recorded_at"}
_TABLES = (
    "ledger_requests",
    "ledger_receipts",
    "ledger_probes",
    "declarations",
    "manifests",
    "dead_letters",
    "blocks",
    "minutes",
    "frontiers",
    "listings",
    "policies",
)


def load(client: Client, world: World) -> None:
    """Replace what the database holds by the world, evaluated as a worker would."""
    for table in _TABLES:
        client.command(f"TRUNCATE TABLE {table}")
    write_policies(client, (world.policy,))
    for table, rows in world.tables.items():
        if table != "lost":
            insert(client, table, rows)
    insert(client, "blocks", [_lost_block(row) for row in world.tables["lost"]] + [_stored_block(world)])
    client.command(sql.query("evaluate_minutes"), parameters={"blocks": [("t", 0, 0)], "minutes": []})
    _set_frontiers(client, world)


def insert(client: Client, table: str, rows: list[Row]) -> None:
    """Rows as dictionaries, instants in milliseconds."""
    if rows:
        names = list(rows[0])
        client.insert(table, [[_cell(name, row[name]) for name in names] for row in rows], names)


def _cell(name: str, value: Any) -> Any:  # noqa: ANN401  a cell of any column
    if name == "touched_minute":
        return [at(minute) for minute in value]
    return at(value) if name in _INSTANTS and value is not None else value


def _stored_block(world: World) -> Row:
    touched = sorted(
        {
            (row["service"], row["minute"])
            for table in ("ledger_requests", "ledger_receipts", "ledger_probes")
            for row in world.tables[table]
        }
    )
    return {
        "topic": "api.requests",
        "topic_id": "t",
        "partition": 0,
        "first": 0,
        "next": 1,
        "state": "stored",
        "first_recorded_at": 0,
        "last_recorded_at": 0,
        "touched_service": [service for service, _ in touched],
        "touched_minute": [minute for _, minute in touched],
    }


def _lost_block(row: Row) -> Row:
    return {
        "topic": row["topic"],
        "topic_id": "t",
        "partition": 1,
        "first": 7,
        "next": 9,
        "state": "lost",
        "first_recorded_at": row["first_recorded_at"],
        "last_recorded_at": row["last_recorded_at"],
        "touched_service": [],
        "touched_minute": [],
    }


def _set_frontiers(client: Client, world: World) -> None:
    topics = [topic for (topic,) in client.query("SELECT DISTINCT topic FROM input_topics").result_rows]
    seen = at(world.frontier_ms)
    client.insert(
        "listings", [[topic, topic, 1, seen] for topic in topics], ["topic", "topic_id", "partitions", "listed_at"]
    )
    client.insert(
        "frontiers",
        [[topic, topic, 0, 1, 1, seen] for topic in topics],
        ["topic", "topic_id", "partition", "stored_next", "evaluated_next", "frontier"],
    )
