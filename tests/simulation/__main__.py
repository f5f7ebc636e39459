"""Live through seeds: a ledger on a simulated log with faults drawn from each seed, judged by the auditor.

python -m tests.simulation --seeds 1000            the first thousand
python -m tests.simulation --first 4711            one, with its last steps if it fails
python -m tests.simulation --seeds 20 --engine     with the real engine and its SQL
python -m tests.simulation --seeds 500 --out FILE  results that gather: goes on where the file ends
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from streams.stack.engine_process import start_engine
from tests.product import product_digest
from tests.simulation.book import Tally, next_first, write
from tests.simulation.engine import Engine, opened
from tests.simulation.world import Result, be_quiet, run_seed

_LARGE = 2_000
_RUN = 500
_SHOWN_LINES = 60


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 if a seed fails."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1, help="how many (default: 1)")
    parser.add_argument("--first", type=int, help="the first (default: 0, or the next that --out has not)")
    parser.add_argument("--engine", action="store_true", help="with the real engine, slower")
    parser.add_argument("--out", type=Path, help="gather results in this JSON file")
    parser.add_argument("--processes", type=int, help=f"default: one, or one a core from {_LARGE:,} seeds on")
    chosen = parser.parse_args(arguments)
    first = chosen.first
    if first is None:
        first = next_first(chosen.out, product=product_digest(), engine=chosen.engine) if chosen.out else 0
    processes = chosen.processes or (os.cpu_count() or 1 if chosen.seeds >= _LARGE and not chosen.engine else 1)
    began_s = time.monotonic()
    tally = _live(range(first, first + chosen.seeds), engine=chosen.engine, processes=processes, out=chosen.out)
    _print(tally, time.monotonic() - began_s)
    return 1 if tally.failures else 0


def _live(seeds: range, *, engine: bool, processes: int, out: Path | None) -> Tally:
    """Run by run, each in the file at once."""
    # Before the first: what changes on the disk meanwhile is not what runs.
    product = product_digest()
    every = Tally(engine=engine)
    console = Console(stderr=True)
    columns = (TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=console) as progress,
        _engine() if engine else nullcontext() as running,
        _lived(running, processes) as lived,
    ):
        task = progress.add_task("", total=len(seeds))
        for run in (seeds[at : at + _RUN] for at in range(0, len(seeds), _RUN)):
            began_s = time.monotonic()
            tally = Tally(engine=engine)
            for result in lived(run):
                tally.add(result.seed, result.failure, result.records, result.fired)
                progress.advance(task)
                if result.failure:
                    _print_failure(progress.console, result, alone=len(seeds) == 1, engine=engine)
            if out:
                write(out, tally, product=product, first=run.start, seconds=time.monotonic() - began_s)
            every.take(tally)
    return every


@contextmanager
def _lived(engine: Engine | None, processes: int) -> Iterator[Callable[[range], Iterable[Result]]]:
    be_quiet()
    if processes == 1:
        yield lambda seeds: (run_seed(seed, engine) for seed in seeds)
        return
    with multiprocessing.get_context("spawn").Pool(processes, initializer=be_quiet) as pool:
        yield lambda seeds: pool.imap_unordered(run_seed, seeds, chunksize=10)


@contextmanager
def _engine() -> Iterator[Engine]:
    with TemporaryDirectory(prefix="simulation-") as directory:
        running = start_engine(Path(directory) / "clickhouse", log=Path(directory) / "engine.log")
        with opened(running.url) as engine:
            yield engine
        running.stop()


def _print_failure(console: Console, result: Result, *, alone: bool, engine: bool) -> None:
    if alone:
        console.print("\n".join(result.lines[-_SHOWN_LINES:]), markup=False, highlight=False)
    console.print(f"seed {result.seed}: {result.failure}", markup=False, highlight=False)
    command = f"python -m tests.simulation --first {result.seed}{' --engine' if engine else ''}"
    console.print(f"  again: {command}", markup=False, highlight=False)


def _print(tally: Tally, seconds: float) -> None:
    by_step: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (fault, step), times in tally.fired.items():
        by_step[step or "at any time"][fault] = times
    table = Table("step", "fault", "fired")
    for step, faults in sorted(by_step.items()):
        for fault, times in sorted(faults.items()):
            table.add_row(step, fault, f"{times:,}")
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    console.print(
        f"{tally.seeds:,} seeds, {tally.records:,} records, {sum(tally.fired.values()):,} faults and events, "
        f"{seconds:.0f} s; {len(tally.failures)} failed"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
