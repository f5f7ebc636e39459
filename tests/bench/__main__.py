"""This pipeline beside what else could do a part of its job: `make bench`, or

    python -m tests.bench --records 1000000 --rounds 3 --json compare.json --chart compare.svg

One broker, the same records (lz4, 4 partitions), the sides in turn, round by round. Each side is a process of its own
that takes the topic from its beginning; it is done once its results are complete and as produced, and a run whose
results are not is reported as wrong and makes the command fail.

- The pipeline, the ceiling and the Faust agent take records keyed by request id, as a platform produces them. The
  sides that count get the same records keyed by service, which spares them the repartitioning that their documentation
  asks for otherwise, and a last record a service that closes the windows.
- Each side also runs on the first few records alone. What that takes is its start and its end; records per second and
  CPU are of the rest, so that neither an interpreter's start nor a commit interval counts as speed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from streams.core.errors import ZectoError
from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack
from tests.bench.backlogs import Backlogs
from tests.bench.chart import draw
from tests.bench.figures import Figures, figures, table, to_json
from tests.bench.runs import Run, run_pipeline, run_side
from tests.bench.sides import PIPELINE, SIDES, Side

_NAMES = (PIPELINE, *(side.name for side in SIDES))


def main() -> None:
    """Run all rounds, print the table, write JSON and chart, and fail if any result is wrong."""
    arguments = _parse()
    try:
        with tempfile.TemporaryDirectory(prefix="zecto-compare-") as directory:
            runs = _Comparison(arguments, Path(directory)).rounds()
        result = figures(runs)
    except ZectoError as error:
        sys.exit(f"bench: {error}")
    Console().print(table(result))
    _write(arguments, runs, result)
    if wrong := [f"{run.side}: {line}" for run in runs for line in run.wrong]:
        sys.exit("bench: results are wrong:\n" + "\n".join(wrong))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000, help="in the backlog")
    parser.add_argument("--first", type=int, default=1_000, help="of them, for the runs that tell start and end")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", nargs="+", choices=_NAMES, default=_NAMES, help="only these", metavar="SIDE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for one run of one side")
    parser.add_argument("--json", type=Path, help="also write every run and all figures here")
    parser.add_argument("--chart", type=Path, help="also draw records per second here, as SVG")
    parser.add_argument("--logs", type=Path, help="keep what the sides logged in this directory")
    arguments = parser.parse_args()
    if not 0 < arguments.first < arguments.records:
        parser.error("--first must be less than --records")
    if arguments.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return arguments


def _write(arguments: argparse.Namespace, runs: Sequence[Run], result: Sequence[Figures]) -> None:
    if arguments.json:
        arguments.json.write_text(json.dumps(to_json(runs, result), indent=2) + "\n")
    if arguments.chart:
        arguments.chart.write_text(draw(result))


class _Comparison:
    """All rounds of the sides that were asked for."""

    def __init__(self, arguments: argparse.Namespace, directory: Path) -> None:
        self._arguments = arguments
        self._directory = directory
        self._console = Console(stderr=True)

    def rounds(self) -> list[Run]:
        """Every run, in the order it was made.

        Raises:
            ZectoError: an environment cannot be made, or a side ends or is not done in time.
        """
        commands = self._commands()
        arguments = self._arguments
        with EmbeddedStack(self._directory / "stack", prepare=migrate, worker=False, open_broker=True) as stack:
            backlogs = Backlogs(stack.settings(), records=arguments.records, first=arguments.first, seed=arguments.seed)
            runs = []
            for backlog in (backlogs.produce_first, backlogs.produce_all):
                produced = backlog()
                for number in range(1, arguments.rounds + 1):
                    for name in self._names():
                        place = f"{name}-{produced.name}-{number}"
                        if name == PIPELINE:
                            run = run_pipeline(stack, produced, place, arguments.timeout)
                        else:
                            log = (arguments.logs or self._directory / "logs") / f"{place}.log"
                            side, command = commands[name]
                            run = run_side(
                                stack, produced, side, command, place=place, log=log, timeout_s=arguments.timeout
                            )
                        self._print_written(run)
                        runs.append(run)
        return runs

    def _names(self) -> list[str]:
        return [name for name in _NAMES if name in self._arguments.sides]

    def _commands(self) -> dict[str, tuple[Side, Sequence[str]]]:
        commands = {}
        for side in SIDES:
            if side.name in self._arguments.sides:
                self._console.print(f"preparing {side.name}: {side.made_of}")
                commands[side.name] = side, side.prepare(self._directory)
        return commands

    def _print_written(self, run: Run) -> None:
        verdict = "as produced" if not run.wrong else f"WRONG: {run.wrong[0]}"
        self._console.print(f"{run.side}: {run.records:,} records in {run.wall_s:.1f} s, {verdict}")


if __name__ == "__main__":
    main()
