"""The real engine with the real SQL in the place of the database in memory, which runs along and is held against it."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from schemas.reference import input_topics, policies
from streams.audit.comparing import same
from streams.audit.counting import know
from streams.audit.judging import judge
from streams.audit.kept import AuditRecords
from streams.audit.month import describe_month, describe_verdict
from streams.audit.policy import AuditSpan, choose_span, read_policies
from streams.audit.seen import Seen, SeenPartition
from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.clickhouse.store import INSERT_SETTINGS
from streams.core.settings import Settings
from streams.judge import judge_month
from streams.months.minutes import minute_columns, minute_verdicts
from streams.months.month import read_month
from streams.rules.month.policy import month_policy
from streams.rules.month.reading import SpanContext
from streams.rules.policy import policy_of_month
from tests.simulation.database import Memory, Rows, tally_requests
from tests.simulation.faults import BrokenError
from tests.simulation.judging import gather_records, kept_records
from tests.simulation.log import Log
from tests.simulation.traffic import BORDERS_MS, TOPICS
from tests.simulation.watching import Watch

_TABLES: Final = (
    "ledger_requests",
    "ledger_receipts",
    "ledger_probes",
    "dead_letters",
    "manifests",
    "declarations",
    "blocks",
    "minutes",
    "frontiers",
    "listings",
    "recounts",
)
_OTHERS: Final = tuple(sorted({topic.name for topic in input_topics()} - set(TOPICS)))
_numbers = itertools.count(1)
_MONTHS: Final = ("2026-08", "2026-09")
_MINUTES: Final = [border_ms // 60_000 + number for border_ms in BORDERS_MS for number in range(-10, 10)]
"""Where the traffic is, in minutes since the epoch."""


class Engine:
    """A migrated database of its own, emptied for each seed."""

    def __init__(self, client: Client, *, compares: bool = True) -> None:
        """`compares`: whether every answer is held against memory's, or only the views against the auditor."""
        self.client = client
        self.compares = compares
        client.command("TRUNCATE TABLE input_topics")
        client.insert("input_topics", [[topic] for topic in TOPICS], ["topic"])

    def beside(self, memory: Memory) -> "Both":
        """Both, empty."""
        for table in _TABLES:
            self.client.command(f"TRUNCATE TABLE {table}")
        return Both(memory, self.client, compares=self.compares)


@contextmanager
def opened(url: str, *, compares: bool = True) -> Iterator[Engine]:
    """A new database on the engine at this address, dropped afterwards."""
    settings = Settings(
        kafka_bootstrap="127.0.0.1:1",
        clickhouse_url=url,
        clickhouse_database=f"simulation_{next(_numbers)}",
        kafka_group="none",
    )
    migrate_database(settings)
    client = connect(settings)
    yield Engine(client, compares=compares)
    client.command(f"DROP DATABASE {settings.clickhouse_database} SYNC")
    client.close()


class Both:
    """A database: whatever is written goes into both, whatever is asked must be answered alike."""

    def __init__(self, memory: Memory, client: Client, *, compares: bool) -> None:
        self._compares = compares
        self._memory = memory
        self._client = client

    def insert(self, table: str, rows: pa.Table) -> None:
        self._memory.insert(table, rows)
        stored = rows.drop_columns(["counted_of"]) if table == "minutes" else rows
        self._client.insert_arrow(table, stored, settings=INSERT_SETTINGS)

    def table(self, query: str, parameters: Mapping[str, Any]) -> pa.Table:
        expected = self._memory.table(query, parameters)
        found = self._client.query_arrow(query, parameters=dict(parameters))
        # Rows that a merge has not yet taken out make the engine's tallies greater, and prove less.
        is_exact = query not in tally_requests()
        if self._compares and is_exact and _counted(found) != _counted(expected):
            raise BrokenError(f"the engine counts {_counted(found)}, and memory {_counted(expected)} by {query}")
        return found

    def ask(self, query: str, parameters: Mapping[str, Any]) -> Rows:
        expected = self._memory.ask(query, parameters)
        found = list(self._client.query(query, parameters=dict(parameters)).named_results())
        if self._compares and _plain(found) != _plain(expected):
            raise BrokenError(f"the engine answers {_plain(found)}, and memory {_plain(expected)} to {query}")
        return found


def _counted(counts: pa.Table) -> list[dict[str, Any]]:
    """Rows of counts by service and minute, with what is not zero."""
    rows = ({name: value for name, value in row.items() if value} for row in counts.to_pylist())
    return sorted(rows, key=lambda row: (row["service"], row["minute"], row.get("of", "")))


def _plain(rows: Rows) -> list[dict[str, Any]]:
    plain = [{name: _cell(value) for name, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: repr(sorted(row.items(), key=lambda item: item[0])))


def _cell(value: object) -> object:
    match value:
        case datetime():
            return value.replace(tzinfo=UTC)
        case list() | tuple():
            return list(value)
        case _:
            return value


def judge_views(engine: Engine, log: Log, memory: Memory, watch: Watch) -> None:
    """The tables hold what memory holds, and the views say of a month what the auditor says."""
    client = engine.client
    if engine.compares:
        _judge_tables(client, memory)
    known = kept_records(log, memory, watch)
    clock_ms = watch.listed_ms(TOPICS)
    _list_others(client)
    others = (SeenPartition(topic=topic, partition=0, seen_ms=clock_ms) for topic in _OTHERS)
    partitions = sorted((*watch.seen(sorted(TOPICS)), *others), key=lambda one: (one.topic, one.partition))
    seen = Seen(clock_ms=clock_ms, partitions=tuple(partitions))
    # One of the two months, since each costs a second: which, depends on nothing but the seed.
    span = choose_span(_MONTHS[len(known) % 2], None, read_policies())
    _judge_month(client, gather_records(known, span, memory.lost()), span, seen)


def _list_others(client: Client) -> None:
    """Topics that are not simulated are read to the last listing: the judge waits for every input topic (B5)."""
    asked = {"topics": list(_OTHERS)}
    named = "arrayJoin({topics:Array(String)}) AS topic"
    listed = "(SELECT max(listed_at) FROM listings)"
    client.command(f"INSERT INTO listings SELECT {named}, topic, 1, {listed}", parameters=asked)
    client.command(f"INSERT INTO frontiers SELECT {named}, topic, 0, 0, 0, {listed}", parameters=asked)


def _judge_tables(client: Client, memory: Memory) -> None:
    minutes = list(client.query("SELECT * FROM minutes FINAL").named_results())
    if _plain(minutes) != _plain(list(memory.minutes.values())):
        raise BrokenError(
            f"minutes: the engine has {_plain(minutes)}, and memory {_plain(list(memory.minutes.values()))}"
        )
    for table, of in (
        ("ledger_requests", memory.requests),
        ("ledger_receipts", memory.receipts),
        ("ledger_probes", memory.probes),
    ):
        found = client.query(
            "SELECT toInt8(service), toUInt32(minute), identity, content, toUnixTimestamp64Milli(recorded_at)"
            f" FROM {table} FINAL"
        ).result_rows
        held = {(*place, *key, row.recorded_at_ms) for place, rows in of.items() for key, row in rows.items()}
        if {tuple(row) for row in found} != held:
            raise BrokenError(f"{table}: the engine and memory hold different sets")


def _judge_month(client: Client, records_of_month: AuditRecords, span: AuditSpan, seen: Seen) -> None:
    choice = policy_of_month(span.month, policies())
    found = read_month(client, choice)
    audited = judge(know(records_of_month, span, seen), span.policy, span.first, span.end)
    told = describe_month(audited, span, seen, records_of_month)
    if not same(told, msgspec.to_builtins(found)):
        raise BrokenError(f"{span.month}: the auditor says {told}, and the judge {found}")
    judged = judge_month(client, choice)
    context = SpanContext(inputs=judged.inputs, policy=month_policy(choice.policy))
    for service, of_service in judged.judgement.services.items():
        columns = minute_columns(service, of_service, context)
        for minute in (at for at in _MINUTES if span.first <= at < span.end):
            (said,) = msgspec.to_builtins(minute_verdicts(columns, span.first, minute, minute + 1))
            expected = describe_verdict(minute, audited.verdicts[service][minute - span.first])
            if said != expected:
                raise BrokenError(f"{service}: the auditor says {expected}, and the judge {said}")
