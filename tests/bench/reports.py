"""How long reports take to draw, and how large they are, without a stack:

    python -m tests.bench.reports --reports 100 --format pdf

One report by this process, then many by as many processes as there are processors, as `zecto-sla report` does it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from streams.reports.files import Format, read_formats
from streams.reports.write import write_reports
from tests.unit.reports import making


def main() -> None:
    """Draw one, then many, and print seconds, CPU and bytes of each."""
    parser = argparse.ArgumentParser(prog="bench.reports", description="Time and size of drawn reports.")
    parser.add_argument("--reports", type=int, default=100)
    parser.add_argument("--format", default="pdf")
    arguments = parser.parse_args()
    formats = read_formats(arguments.format)
    for count in (1, arguments.reports):
        before = _cpu_s()
        seconds, size = _drawn(count, formats)
        Console().print(
            f"{count:,} of {arguments.format}: {seconds:.2f} s, {_cpu_s() - before:.2f} s of CPU, "
            f"{size // count:,} bytes each"
        )


def _cpu_s() -> float:
    """CPU of this process and of those that it started and that have ended."""
    return sum(os.times()[:4])


def _drawn(count: int, formats: Sequence[Format]) -> tuple[float, int]:
    month = making.busy_month()
    accounts = [f"account-{number:06}" for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="zecto-bench-") as folder:
        begin = time.perf_counter()
        written = [
            one.bytes
            for files in write_reports(
                {"zecto-1.0": month},
                accounts,
                lambda account_id: ("zecto-1.0", making.busy_account(account_id)),
                formats,
                Path(folder),
            )
            for one in files
        ]
        return time.perf_counter() - begin, sum(written)


if __name__ == "__main__":
    main()
