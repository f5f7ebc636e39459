"""End to end throughput of one worker on the embedded stack:

    python -m tests.bench.worker --records 2000000 --json worker.json

A backlog of request logs is produced first (lz4, the topic's own partitions); then one worker starts and is measured
until everything is stored, its minutes evaluated and published, and its offsets past the end. The minutes are then
held against the truth, count by count: a wrong one makes the run fail, whatever its speed.

`make bench` (`python -m tests.bench`) sets this pipeline beside other stream processors.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from streams.clickhouse.client import connect
from streams.core.errors import ZectoError
from streams.kafka.producer import Producer
from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack
from tests.bench.measuring import Measured, measure, wrong_minutes
from tests.bench.traffic import Truth, backlog

_TOPIC = "api.requests"
_TOLD_EVERY = 20_000


def main() -> None:
    """Run once, print the table, write the JSON, and fail if a minute is wrong."""
    arguments = _parse()
    console = Console(stderr=True)
    try:
        with tempfile.TemporaryDirectory(prefix="zecto-bench-") as directory:
            result = _run(arguments, Path(directory), console)
    except ZectoError as error:
        sys.exit(f"bench.worker: {error}")
    Console().print(_table(result))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    if result["wrong"]:
        sys.exit(f"bench.worker: minutes are wrong: {result['wrong']}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.worker", description="End to end throughput of one worker.")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for the worker")
    parser.add_argument("--json", type=Path, help="also write the result here")
    return parser.parse_args()


def _run(arguments: argparse.Namespace, directory: Path, console: Console) -> dict[str, object]:
    truth = Truth()
    with Progress(console=console) as progress, EmbeddedStack(directory, prepare=migrate, worker=False) as stack:
        producing = progress.add_task("produced", total=arguments.records)
        storing = progress.add_task("stored", total=arguments.records)
        evaluating = progress.add_task("evaluated", total=arguments.records)
        with Producer(stack.settings()) as producer:
            for number, (key, value) in enumerate(backlog(arguments.records, arguments.seed, truth), 1):
                producer.send(_TOPIC, value, key=key)
                if number % _TOLD_EVERY == 0:
                    progress.update(producing, completed=number)
        progress.update(producing, completed=arguments.records)

        def tell(stored: int, evaluated: int) -> None:
            progress.update(storing, completed=stored)
            progress.update(evaluating, completed=evaluated)

        client = connect(stack.settings())
        measured = measure(stack, client, arguments.records, arguments.timeout, tell)
        wrong = wrong_minutes(client, truth)
    return _result(arguments.records, truth, measured, wrong)


def _result(records: int, truth: Truth, measured: Measured, wrong: list[str]) -> dict[str, object]:
    stored_s = measured.stored_s - measured.first_stored_s
    return {
        "records": records,
        "bytes_per_record": round(truth.value_bytes / records, 1),
        "dead_letters": truth.broken,
        "records_per_s_from_start_to_drained": round(records / measured.drained_s),
        "records_per_s_from_start_to_stored": round(records / measured.stored_s),
        "drained_s": round(measured.drained_s, 2),
        "stored_s": round(measured.stored_s, 2),
        "first_stored_s": round(measured.first_stored_s, 2),
        "storing_s": round(stored_s, 2),
        "worker_cpu_s_per_million": round(measured.cpu_s / records * 1e6, 2),
        "engine_cpu_s_per_million": round(measured.engine_cpu_s / records * 1e6, 2),
        "worker_peak_rss_mib": round(measured.peak_rss_mib, 1),
        "wrong": wrong,
    }


def _table(result: dict[str, object]) -> Table:
    table = Table("what", "figure", title="one worker, end to end")
    for name, value in result.items():
        if name != "wrong":
            table.add_row(name.replace("_", " "), f"{value:,}")
    table.add_row("minutes", "as produced" if not result["wrong"] else "WRONG")
    return table


if __name__ == "__main__":
    main()
