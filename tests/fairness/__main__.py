"""Hold H1 over random spans of two to twelve hours, and whole months, with one random change each: nobody gains.

python -m tests.fairness                                        2,000 spans, 500 of each sort that is sought, 3 months
python -m tests.fairness --spans 100000 --months 300 --processes 2   the long run of docs/reference/exactness.md
python -m tests.fairness --spans 100000 --out FILE              the same in parts: goes on where the file ends
python -m tests.fairness --kind 'young services' --first 4711 --count 1   one again; the same for the same seed
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.fairness.trying import SPANS, Tried, try_seeds
from tests.gathered import gather, seeds_done

_AT_ONCE = 100
_GATHERED_AT_ONCE: Final = {"spans": 1_000, "young services": 1_000, "long silences": 1_000, "months": 20}
_SHOWN = 20

Work = tuple[str, range]


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 if a number rose that must not, or rose unlisted."""
    chosen = _parser().parse_args(arguments)
    counts = {chosen.kind: chosen.count} if chosen.kind else _counts(chosen)
    began_s = time.monotonic()
    if chosen.out:
        tried = Tried()
        for kind, count in counts.items():
            tried.add(_run_gathering(kind, count, chosen.processes, chosen.out))
    else:
        works = [work for kind, count in counts.items() for work in _works(kind, chosen.first, count)]
        tried = _run(works, chosen.processes)
    for name, count in tried.counts.most_common():
        sys.stdout.write(f"{name}: {count:,}\n")
    for reason, count in tried.exceptions.items():
        sys.stdout.write(f"excepted by the contract, {reason}: {count:,}\n")
    for broken in tried.broken[:_SHOWN]:
        sys.stdout.write(f"broken: {broken}\n")
    of = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    minutes, seconds = divmod(round(time.monotonic() - began_s), 60)
    sys.stdout.write(f"{of} from seed {chosen.first}: {len(tried.broken):,} broken, {minutes} min {seconds} s\n")
    return 1 if tried.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fairness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spans", type=int, default=2_000, help="of two to twelve hours (default: 2,000)")
    parser.add_argument("--sought", type=int, default=500, help="of each sort that is sought (default: 500)")
    parser.add_argument("--months", type=int, default=3, help="whole months (default: 3)")
    parser.add_argument("--kind", choices=tuple(SPANS), help="of one sort only, so many as --count says")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--first", "--seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, help="gather results in this JSON file, until it has so many from seed 0")
    return parser


def _counts(chosen: argparse.Namespace) -> dict[str, int]:
    sought = dict.fromkeys(("young services", "long silences"), chosen.sought)
    return {"months": chosen.months, "spans": chosen.spans, **sought}


def _works(kind: str, first: int, count: int) -> list[Work]:
    """Seeds in portions; a month is one."""
    step = 1 if kind == "months" else _AT_ONCE
    return [(kind, range(at, min(at + step, first + count))) for at in range(first, first + count, step)]


def _run_gathering(kind: str, count: int, processes: int, out: Path) -> Tried:
    """What the file lacks, written to it in parts."""
    name, tried = f"fairness: {kind}", Tried()
    while (first := seeds_done(out, name)) < count:
        began_s, seeds = time.monotonic(), min(_GATHERED_AT_ONCE[kind], count - first)
        found = _run(_works(kind, first, seeds), processes)
        seconds = time.monotonic() - began_s
        excepted = {f"excepted, {reason}": number for reason, number in found.exceptions.items()}
        gather(out, name, seeds=seeds, seconds=seconds, counts={**found.counts, **excepted}, broken=found.broken)
        tried.add(found)
    return tried


def _run(works: Sequence[Work], processes: int) -> Tried:
    tried = Tried()
    columns = (TextColumn("portions"), BarColumn(), MofNCompleteColumn())
    with (
        multiprocessing.Pool(processes) as pool,
        Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as progress,
    ):
        task = progress.add_task("", total=len(works))
        for found in pool.imap_unordered(_work, works):
            tried.add(found)
            progress.advance(task)
    return tried


def _work(work: Work) -> Tried:
    kind, seeds = work
    return try_seeds(kind, seeds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
