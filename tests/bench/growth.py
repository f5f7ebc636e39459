"""What it costs as work grows: the same worker on backlogs of a month, ever larger, each on a stack of its own:

    python -m tests.bench.growth --records 1000000 10000000 50000000 --json growth.json

Records come in about the order of time, as a backlog of logs does. For each size: records per second from the first
block stored until all is stored, evaluated and committed; processor time and memory; how often a service-minute was
evaluated; bytes on disk; and how long `month` takes then. The minutes are held against the truth each time.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from schemas.reference import policies
from streams.clickhouse.client import connect
from streams.core.errors import ZectoError
from streams.kafka.admin import Admin
from streams.kafka.producer import Producer
from streams.months.month import read_month
from streams.operations.migrate import migrate
from streams.rules.policy import apply_policy
from streams.stack.stack import EmbeddedStack
from tests.bench.measuring import Measured, measure, wrong_minutes
from tests.bench.traffic import DAY, Truth, backlog

_TOPIC: Final = "api.requests"
_MINUTES: Final = "sla.minutes"
_DAYS: Final = 30
_TOLD_EVERY: Final = 50_000
_MONTHS_READ: Final = 5

_DISK = """
SELECT sum(bytes_on_disk), sum(rows), count() FROM system.parts
WHERE active AND database = currentDatabase() AND table = 'ledger_requests'
"""


def main() -> None:
    """Run each size once, print the table, write the JSON, and fail if a minute is wrong."""
    parser = argparse.ArgumentParser(
        prog="bench.growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, nargs="+", default=[1_000_000, 10_000_000], metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=3_600.0, help="seconds for the worker, a size")
    parser.add_argument("--json", type=Path, help="also write the result here, after each size")
    arguments = parser.parse_args()
    results = []
    for records in arguments.records:
        try:
            with tempfile.TemporaryDirectory(prefix="zecto-bench-") as directory:
                results.append(_run(records, arguments.seed, arguments.timeout, Path(directory)))
        except ZectoError as error:
            sys.exit(f"bench.growth: {error}")
        if arguments.json:
            arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    Console().print(_table(results))
    if wrong := [line for result in results for line in result["wrong"]]:  # type: ignore[attr-defined]
        sys.exit(f"bench.growth: minutes are wrong: {wrong}")


def _run(records: int, seed: int, timeout_s: float, directory: Path) -> dict[str, object]:
    truth = Truth()
    with (
        Progress(console=Console(stderr=True)) as progress,
        EmbeddedStack(directory, prepare=migrate, worker=False) as stack,
    ):
        produced, stored, evaluated = (
            progress.add_task(f"{records:,} {what}", total=records) for what in ("produced", "stored", "evaluated")
        )
        with Producer(stack.settings()) as producer:
            for number, (key, value) in enumerate(backlog(records, seed, truth, days=_DAYS), 1):
                producer.send(_TOPIC, value, key=key)
                if number % _TOLD_EVERY == 0:
                    progress.update(produced, completed=number)
        progress.update(produced, completed=records)

        def tell(stored_: int, evaluated_: int) -> None:
            progress.update(stored, completed=stored_)
            progress.update(evaluated, completed=evaluated_)

        client = connect(stack.settings())
        measured = measure(stack, client, records, timeout_s, tell)
        return _result(records, truth, measured, stack, client)


def _result(records: int, truth: Truth, measured: Measured, stack: EmbeddedStack, client: Client) -> dict[str, object]:
    bytes_on_disk, rows, parts = client.query(_DISK).first_row
    minutes = client.query("SELECT count() FROM minutes FINAL").first_row[0]
    return {
        "records": records,
        "records_per_s": round((records - measured.first_stored) / (measured.drained_s - measured.first_stored_s)),
        "start_s": round(measured.first_stored_s, 2),
        "drained_s": round(measured.drained_s, 2),
        "worker_cpu_s_per_million": round(measured.cpu_s / records * 1e6, 2),
        "engine_cpu_s_per_million": round(measured.engine_cpu_s / records * 1e6, 2),
        "worker_peak_rss_mib": round(measured.peak_rss_mib, 1),
        "evaluations_per_minute": round(_published(stack) / minutes, 2),
        "broker_bytes_per_record": round(_broker_bytes(stack) / records, 1),
        "ledger_bytes_per_record": round(bytes_on_disk / rows, 2),
        "ledger_parts": parts,
        "month_ms": _month_ms(client),
        "wrong": wrong_minutes(client, truth),
    }


def _broker_bytes(stack: EmbeddedStack) -> int:
    """What the broker keeps of the backlog, compressed as it was produced."""
    logs = (path for path in stack.directory.rglob("*.log") if path.parent.name.startswith(f"{_TOPIC}-"))
    return sum(path.stat().st_size for path in logs)


def _published(stack: EmbeddedStack) -> int:
    """How many times a service-minute was told on `sla.minutes`: once each time that its count changed."""
    admin = Admin(stack.settings())
    partitions = admin.describe([_MINUTES])[_MINUTES].partitions
    return sum(admin.end_offsets([(_MINUTES, partition) for partition in range(partitions)]).values())


def _month_ms(client: Client) -> float:
    policy = policies()[-1]
    took_ms = []
    for _ in range(_MONTHS_READ):
        began_s = time.perf_counter()
        read_month(client, apply_policy(DAY[:7], policy))
        took_ms.append((time.perf_counter() - began_s) * 1000)
    return round(sorted(took_ms)[_MONTHS_READ // 2], 1)


def _table(results: Sequence[dict[str, object]]) -> Table:
    table = Table("what", *(f"{result['records']:,}" for result in results), title="as work grows")
    for name in results[0]:
        if name not in {"records", "wrong"}:
            table.add_row(name.replace("_", " "), *(f"{result[name]:,}" for result in results))
    table.add_row("minutes", *("as produced" if not result["wrong"] else "WRONG" for result in results))
    return table


if __name__ == "__main__":
    main()
