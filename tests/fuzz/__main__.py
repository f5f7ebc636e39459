"""Hold the pipeline's decoder against the auditor's over mutated records, the same for the same seed.

python -m tests.fuzz                                   100,000 of each topic that makes a month
python -m tests.fuzz --records 10000000 --processes 2  the long run of docs/explanation/threat-model.md
python -m tests.fuzz --first 4711 --records 10000      from another seed on; a seed has 10,000 records
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Sequence

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.fuzz.differential import TOPICS, Outcome, compare

_OF_A_SEED = 10_000
_SHOWN = 5

Work = tuple[str, int]


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 if the two read a record differently."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=100_000, help="of each topic (default: 100,000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args(arguments)
    seeds = range(chosen.first, chosen.first + -(-chosen.records // _OF_A_SEED))
    began_s = time.monotonic()
    outcomes = _run([(topic, seed) for seed in seeds for topic in TOPICS], chosen.processes)
    for topic, outcome in outcomes.items():
        _print(topic, outcome)
    sys.stdout.write(f"seeds {seeds.start} to {seeds.stop - 1}, {time.monotonic() - began_s:,.0f} s\n")
    return 1 if any(outcome.differences for outcome in outcomes.values()) else 0


def _run(works: Sequence[Work], processes: int) -> dict[str, Outcome]:
    outcomes = {topic: Outcome() for topic in TOPICS}
    columns = (TextColumn("records, in ten thousands"), BarColumn(), MofNCompleteColumn())
    with (
        multiprocessing.Pool(processes) as pool,
        Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as progress,
    ):
        task = progress.add_task("", total=len(works))
        for topic, outcome in pool.imap_unordered(_work, works):
            outcomes[topic].counts += outcome.counts
            outcomes[topic].differences += outcome.differences
            progress.advance(task)
    return outcomes


def _work(work: Work) -> tuple[str, Outcome]:
    topic, seed = work
    return topic, compare(topic, seed, _OF_A_SEED)


def _print(topic: str, outcome: Outcome) -> None:
    counts: Counter[str] = outcome.counts
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.most_common())
    sys.stdout.write(f"{topic}: {counts.total():,} records, {len(outcome.differences):,} differ ({reasons})\n")
    for difference in outcome.differences[:_SHOWN]:
        sys.stdout.write(f"  {difference.value!r}\n    {difference.by_pipeline!r}\n    {difference.by_auditor!r}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
