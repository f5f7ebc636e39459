"""How long `zecto-sla audit` of a month takes, and how much memory, on the embedded stack:

    python -m tests.bench.audit --records 1000000 --json audit.json

A month of the preset `everything` is produced and drained, then audited from the broker and from its archives, each in
a process of its own as a user would. The figures are of the whole command: reading, judging, asking the pipeline for
its month and every service-minute of it, comparing. The run fails if the two do not agree.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from streams.core.errors import ZectoError
from streams.kafka.producer import Producer
from streams.operations.migrate import migrate
from streams.simulate import month_minutes, plan, records
from streams.stack.stack import EmbeddedStack
from tests.bench.telling import tell

_MONTH = "2026-09"
_TOPICS = ("accounts", "api.requests", "carrier.receipts", "probes", "sla.declarations", "telemetry.manifests")
_COMMAND = (sys.executable, "-c", "from streams.cli import main; main()")
_MIB_OF_KIB = 1024


def main() -> None:
    """Run once, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="bench.audit", description="Time and memory of an audit.")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=29)
    parser.add_argument("--json", type=Path, help="also write the result here")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="zecto-bench-") as directory:
            result = _run(arguments.records, arguments.seed, Path(directory))
    except ZectoError as error:
        sys.exit(f"bench.audit: {error}")
    tell(result, title="audit of a month", json_path=arguments.json)


def _run(aimed: int, seed: int, directory: Path) -> dict[str, float]:
    archives = directory / "archives"
    archives.mkdir()
    with EmbeddedStack(directory / "stack", prepare=migrate) as stack:
        result: dict[str, float] = {"records": _produce(stack, aimed, seed)}
        _measure(stack, "drain", "--timeout", "1200")
        for topic in _TOPICS:
            _measure(stack, "dump", topic, "-o", str(archives / f"{topic}.ndjson.gz"))
        to_record = Console(stderr=True)
        for source, named in (("broker", ()), ("archives", ("--dump", str(archives)))):
            to_record.print(f"auditing from the {source}")
            result |= {f"{name}_from_{source}": figure for name, figure in _measure(stack, "audit", _MONTH, *named)}
    return result


def _produce(stack: EmbeddedStack, aimed: int, seed: int) -> int:
    minutes = month_minutes(_MONTH)
    planned = plan(
        seed,
        start_ms=minutes.start * 60_000,
        minutes=len(minutes),
        records=aimed,
        preset="everything",
        broken_share=0.002,
        duplicate_share=0.02,
        shuffle=True,
    )
    sent = 0
    with Producer(stack.settings()) as producer:
        for topic, key, value in records(planned):
            producer.send(topic, value, key=key)
            sent += 1
    return sent


def _measure(stack: EmbeddedStack, *arguments: str) -> list[tuple[str, float]]:
    """Wall and processor seconds of a command with what it starts, and the memory of its largest process.

    Raises:
        ZectoError: it fails.
    """
    began = time.monotonic()
    running = subprocess.Popen(
        [*_COMMAND, *arguments], env={**os.environ, **stack.environment()}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise ZectoError(f"{arguments[0]} ended with {running.returncode}")
    return [
        ("wall_s", round(time.monotonic() - began, 1)),
        ("cpu_s", round(used.ru_utime + used.ru_stime, 1)),
        ("peak_mib", round(used.ru_maxrss / _MIB_OF_KIB)),
    ]


if __name__ == "__main__":
    main()
