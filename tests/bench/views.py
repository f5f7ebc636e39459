"""How long months take to judge and to read back, over two years of minutes:

    python -m tests.bench.views --rounds 40 --json views.json

Two years of service-minutes are made by the engine itself, one in a few thousand of them down, with a declaration a
week. Times are the engine's own (`elapsed_ns` of what it answers), summed over the questions of one command; beside
them the CPU and the time that the caller took. With `--manifests` four log shippers count every minute of the month.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.query import QueryResult
from rich.console import Console
from rich.progress import track
from rich.table import Table

from schemas.reference import policies
from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.core import clock
from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.judge import judge_month
from streams.judge.reading import read_inputs
from streams.judge.seen import look_at
from streams.judge.task import MonthJudge
from streams.months.month import read_month
from streams.rules.month.judging import judge_span
from streams.rules.policy import apply_policy
from streams.stack.engine_process import start_engine

_FIRST: Final = datetime(2024, 10, 31, 19, tzinfo=UTC)
_DAYS: Final = 730
_MONTH: Final = "2026-09"
_SEEN_TO: Final = "2026-11-20 00:00:00"
_BLOCKS: Final = 5_000
_SERVICE: Final = "CAST(1 + number % 4, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)')"
_SOURCES: Final = "map('gateway-0', 5, 'gateway-1', 5, 'gateway-2', 5, 'gateway-3', 3)"
_FILL: Final = (
    (
        "INSERT INTO input_topics SELECT arrayJoin("
        "['api.requests', 'carrier.receipts', 'probes', 'sla.declarations', 'telemetry.manifests'])"
    ),
    (
        f"INSERT INTO listings (topic, topic_id, partitions, listed_at) SELECT topic, topic, 4, '{_SEEN_TO}'"
        " FROM input_topics"
    ),
    f"INSERT INTO frontiers SELECT topic, topic, arrayJoin(range(4)), 0, 0, '{_SEEN_TO}' FROM input_topics",
    f"""
    INSERT INTO minutes (service, minute, version, records, requests_ok, requests_platform, requests_heard,
        requests_customer, messages_ok, messages_heard, messages_operator, probes_ok, vantages_ok, request_sources,
        message_sources)
    SELECT {_SERVICE}, toDateTime({int(_FIRST.timestamp())}, 'UTC') + intDiv(number, 4) * 60,
        1099511627776 + 30 + number % 5, 30 + number % 5, 10 + number % 7 AS ok,
        if(cityHash64(number) % 3000 = 0, 9, 0) AS platform, ok + platform, number % 3, 8, 8, number % 2, 1, 1,
        {_SOURCES}, {_SOURCES}
    FROM numbers({_DAYS} * 1440 * 4) SETTINGS max_partitions_per_insert_block = 0
    """,
    f"""
    INSERT INTO blocks (topic, topic_id, partition, first, next, state, records, first_recorded_at, last_recorded_at,
        touched_service, touched_minute)
    SELECT 'api.requests', 'api.requests', number % 4, intDiv(number, 4) * 10000, intDiv(number, 4) * 10000 + 10000,
        'evaluated', 10000, '{_SEEN_TO}', '{_SEEN_TO}', arrayMap(x -> 'sms', range(200)),
        arrayMap(x -> toDateTime('2026-10-01 00:00:00', 'UTC') + x * 60, range(200))
    FROM numbers({_BLOCKS})
    """,
    """
    INSERT INTO declarations (declaration_id, content, revision, kind, services, start, end, announced_at, evidence,
        retracted, recorded_at)
    SELECT 'window-' || toString(number), number, 1,
        ['scheduled_maintenance', 'operator_outage', 'emergency_maintenance', 'telemetry_gap'][1 + number % 4], ['*'],
        toDateTime64('2024-11-02 00:00:00', 3, 'UTC') + number * 604800 AS begins, begins + 7200, begins - 1000000, 'x',
        0, begins - 1000000
    FROM numbers(100)
    """,
)
_MANIFESTS: Final = f"""
INSERT INTO manifests (topic, source, service, minute, content, revision, count, recorded_at)
SELECT ['api.requests', 'carrier.receipts'][1 + intDiv(number, 4) % 2], 'gateway-' || toString(intDiv(number, 8) % 4),
    {_SERVICE}, toDateTime({{from:UInt32}}, 'UTC') + intDiv(number, 32) * 60, number, 0, 3, '{_SEEN_TO}'
FROM numbers(intDiv({{to:UInt32}} - {{from:UInt32}}, 60) * 32)
"""


class Clocked:
    """A client that adds up how long the engine says that it took."""

    def __init__(self, client: Client) -> None:
        self.engine_ms = 0.0
        self._client = client

    def query(self, text: str, **more: Any) -> QueryResult:  # noqa: ANN401  as the client takes it
        """As the client does, but waits for the end: what is answered on the way tells no time yet."""
        settings = {**more.pop("settings", {}), "wait_end_of_query": 1}
        found = self._client.query(text, settings=settings, **more)
        self.engine_ms += int(found.summary.get("elapsed_ns", 0)) / 1e6
        return found

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  as the client has it
        """What else the client does, whose time in the engine nobody is told."""
        return getattr(self._client, name)


def main() -> None:
    """Run once, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="bench.views", description="Months over two years of minutes.")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--manifests", action="store_true", help="four shippers count every minute of the month")
    parser.add_argument("--json", type=Path, help="also write the result here")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="zecto-bench-") as directory:
            result = _run(arguments.rounds, Path(directory), manifests=arguments.manifests)
    except ZectoError as error:
        sys.exit(f"bench.views: {error}")
    names = ("engine_p50_ms", "engine_p95_ms", "cpu_p50_ms", "waited_p50_ms")
    table = Table("what", *(name.replace("_", " ") for name in names), title="two years of minutes")
    for name, figures in result["questions"].items():
        table.add_row(name, *(f"{figures[of]:,.1f}" for of in names))
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")


def _run(rounds: int, directory: Path, *, manifests: bool) -> dict[str, Any]:
    engine = start_engine(directory / "clickhouse", log=directory / "engine.log")
    try:
        settings = Settings(
            kafka_bootstrap="127.0.0.1:1", clickhouse_url=engine.url, clickhouse_database="bench", kafka_group="none"
        )
        migrate_database(settings)
        client = connect(settings)
        policy = policies()[-1]
        choice = apply_policy(_MONTH, policy)
        span = choice.span
        for statement in track(_FILL, description="two years", console=Console(stderr=True)):
            client.command(statement)
        if manifests:
            client.command(_MANIFESTS, parameters={"from": span.start_ms // 1000, "to": span.end_ms // 1000})
        judge = MonthJudge(client=client, policies=[policy], now_ms=clock.now_ms)
        judge.judge(_MONTH)
        seen = look_at(client, choice)
        inputs = read_inputs(client, seen)
        questions: dict[str, Callable[[Any], object]] = {
            "month, from what is stored": lambda one: read_month(one, choice),
            "month, judged anew": lambda one: judge_month(one, choice),
            "month, the rules alone": lambda _: judge_span(inputs, seen.policy, in_force=choice.in_force),
            "a year of `months`": lambda one: one.query("SELECT * FROM months WHERE month >= '2026-01'"),
            "`verdicts` of a month, by state": lambda one: one.query(
                "SELECT state, count() FROM verdicts WHERE month = {month:String} GROUP BY state",
                parameters={"month": _MONTH},
            ),
        }
        minutes = client.query("SELECT count() FROM minutes").first_row[0]
        return {
            "minutes": minutes,
            "manifests": client.query("SELECT count() FROM manifests").first_row[0],
            "rounds": rounds,
            "questions": {name: _measure(client, ask, rounds, name) for name, ask in questions.items()},
        }
    finally:
        engine.stop()


def _measure(client: Client, ask: Callable[[Any], object], rounds: int, name: str) -> dict[str, float]:
    ask(Clocked(client))  # caches are warm for all of them
    engine_ms, waited_ms, cpu_ms = list[float](), list[float](), list[float]()
    for _ in track(range(rounds), description=name, console=Console(stderr=True)):
        clocked, began_s, cpu_s = Clocked(client), time.perf_counter(), time.process_time()
        ask(clocked)
        cpu_ms.append((time.process_time() - cpu_s) * 1000)
        waited_ms.append((time.perf_counter() - began_s) * 1000)
        engine_ms.append(clocked.engine_ms)
    return {
        "engine_p50_ms": _quantile(engine_ms, 50),
        "engine_p95_ms": _quantile(engine_ms, 95),
        "cpu_p50_ms": _quantile(cpu_ms, 50),
        "waited_p50_ms": _quantile(waited_ms, 50),
        "waited_p95_ms": _quantile(waited_ms, 95),
    }


def _quantile(values: list[float], percent: int) -> float:
    ascending = sorted(values)
    return round(ascending[min(len(ascending) - 1, len(ascending) * percent // 100)], 1)


if __name__ == "__main__":
    main()
