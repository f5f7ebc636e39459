"""Bring a database to what this version needs: migrations once each, in order; views and reference data every time."""

import logging
from collections.abc import Sequence
from importlib.resources import as_file, files

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster
from clickhouse_migrations.exceptions import MigrationException

import sql
from schemas.instants import END_MS, FIRST_MS
from schemas.policies import Policy
from schemas.reference import input_topics, policies
from streams.clickhouse.errors import classify, first_line, translate
from streams.clickhouse.session import open_session
from streams.core.errors import ZectoError
from streams.core.instants import to_datetime
from streams.core.settings import Settings
from streams.rules.calendar import month_bounds, months_between

_DAY_MS = 86_400_000
_POLICY_COLUMNS = ("policy_id", "effective_from", "published_at", "zone")


def migrate_database(settings: Settings) -> None:
    """Tables, views and reference data of one database."""
    _run_migrations(settings)
    with open_session(settings) as client:
        for view in sql.views():
            client.command(view.read_text("utf-8"))
        _write_reference(client, policies())


def _run_migrations(settings: Settings) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    try:
        with as_file(files("sql") / "migrations") as folder:
            ClickhouseCluster(db_url=settings.clickhouse_url, driver="clickhouse-connect").migrate(
                settings.clickhouse_database, folder, multi_statement=True
            )
    except MigrationException as error:
        raise ZectoError(f"migrations stop: {first_line(error)}", code=classify(error.__cause__ or error)) from error
    except ClickHouseError as error:
        raise translate(error, settings) from error


def _write_reference(client: Client, known: tuple[Policy, ...]) -> None:
    client.insert("input_topics", [[topic.name] for topic in input_topics()], ["topic"])
    write_policies(client, known)
    # Every policy has the same: schemas.policy_changes refuses those that disagree.
    client.insert("counting_rules", [[1, known[0].handover_within_ms]], ["only", "handover_within_ms"])
    for zone in sorted({policy.zone for policy in known}):
        client.insert("calendar", _calendar_rows(zone), ["zone", "month", "start", "end", "total_minutes"])


def write_policies(client: Client, known: tuple[Policy, ...]) -> None:
    """Policies by name, date and zone, for whoever asks in SQL; the rules read their files."""
    columns, rows = policy_rows(known)
    client.insert("policies", rows, columns)


def policy_rows(known: tuple[Policy, ...]) -> tuple[Sequence[str], list[list[object]]]:
    """The columns of the table `policies`, and its rows."""
    return _POLICY_COLUMNS, [_policy_row(policy) for policy in known]


def _policy_row(policy: Policy) -> list[object]:
    instants = {"effective_from": policy.effective_from_ms, "published_at": policy.published_at_ms}
    return [to_datetime(instants[name]) if name in instants else getattr(policy, name) for name in _POLICY_COLUMNS]


def _calendar_rows(zone: str) -> list[list[object]]:
    # Every month there is, in whatever zone: those that hold an instant which a record may carry (T1).
    spans = [month_bounds(month, zone) for month in months_between(FIRST_MS - _DAY_MS, END_MS + _DAY_MS, "UTC")]
    return [
        [zone, span.month, to_datetime(span.start_ms), to_datetime(span.end_ms), span.total_minutes] for span in spans
    ]
