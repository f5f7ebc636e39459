"""Put hostile records into every input topic of a running stack, and look at what it makes of them.

python -m tests.hostile                           1,000 a topic, from a seed that is printed
python -m tests.hostile --values 10000 --seed 16  the long run of docs/explanation/threat-model.md
"""

import argparse
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack
from tests.hostile.running import Report, withstand


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 if something gave way."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hostile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--values", type=int, default=1_000, help="of each topic (default: 1,000)")
    parser.add_argument("--seed", type=int, default=None)
    chosen = parser.parse_args(arguments)
    seed = secrets.randbelow(1 << 31) if chosen.seed is None else chosen.seed
    _say(f"seed {seed}")
    with (
        TemporaryDirectory(prefix="zecto-hostile-") as directory,
        EmbeddedStack(Path(directory), prepare=migrate) as stack,
    ):
        report = withstand(stack, seed, chosen.values, on_status=_say)
    _print(report)
    return 1 if report.faults else 0


def _print(report: Report) -> None:
    for topic, sent in report.sent.items():
        refused = ", ".join(f"{count:,} {name}" for name, count in sent.refused.most_common())
        _say(f"{topic}: {sent.taken:,} taken by the broker{'; refused ' + refused if refused else ''}")
    _say(f"drained in {report.drained_s:.0f} s; the worker took {report.peak_kib / 1024:,.0f} MiB at most")
    for fault in report.faults:
        _say(f"FAULT {fault}")
    _say("withstood" if not report.faults else f"{len(report.faults)} faults")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
