"""The parts themselves: data files, broker and topics, ClickHouse and what `migrate` puts there."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

import sql
from schemas.reference import code_tables, input_topics, policies, topics
from streams.clickhouse import host
from streams.data_files import check_data_files
from streams.doctor.findings import Finding, fault, named, ok
from streams.errors import ZectoError
from streams.kafka.admin import TopicState
from streams.kafka.topics import check_topics
from streams.migrations import policy_rows
from streams.settings import Settings

_MIGRATE: Final = "run zecto-sla migrate of this version"
_VIEWS: Final = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'"
_MIGRATIONS: Final = "SELECT DISTINCT version FROM schema_versions"
_INPUTS: Final = "SELECT DISTINCT topic FROM input_topics"


def look_at_files() -> Finding:
    """Topics, code tables and policies that come with this version."""
    try:
        check_data_files()
    except ZectoError as error:
        return fault("data files", str(error), "mend the file, or install this version anew")
    known = ", ".join(policy.policy_id for policy in policies())
    told = f"{len(topics())} topics, {len(code_tables().tables)} code tables, policies {known}"
    return ok("data files", f"{told} can be used")


def look_at_broker(settings: Settings) -> tuple[Finding, Mapping[str, TopicState]]:
    """Whether the broker answers and its topics are as they must be; then the input topics as it lists them."""
    try:
        states = check_topics(settings)
    except ZectoError as error:
        said, _, to_do = str(error).partition(": ")
        return fault("broker", said, to_do or "see the broker's own log"), {}
    partitions = sum(state.partitions for state in states.values())
    said = f"{settings.kafka_bootstrap} has {len(states)} input topics with {partitions} partitions, all fit"
    return ok("broker", said), states


def look_at_database(client: Client, settings: Settings) -> Finding:
    """Whether the database holds what this version's `migrate` would put there, policies row by row."""
    place = f"{settings.clickhouse_database} at {host(settings)}"
    try:
        differing = _differing(client)
    except ClickHouseError:
        return fault("clickhouse", f"{place} is not set up", _MIGRATE)
    if differing:
        said = f"{place} differs from this version: {named(differing, 4)}"
        return fault("clickhouse", said, _MIGRATE, [{"differs": name} for name in differing])
    return ok("clickhouse", f"{place} has the tables, views and policies of this version")


def _differing(client: Client) -> list[str]:
    applied = _column(client, _MIGRATIONS)
    wanted = {int(entry.name[:4]): entry.name for entry in (files("sql") / "migrations").iterdir() if _is_sql(entry)}
    views = _column(client, _VIEWS)
    expected = [*(entry.name.removesuffix(".sql").partition("_")[2] for entry in sql.views()), *sql.views_as_known()]
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
