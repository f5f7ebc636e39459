"""Break the rules of the contract on purpose, one at a time, and see the test that is named after each turn red.

python -m tests.mutations              all of them
python -m tests.mutations --rule V1    those of one rule, and so on
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.mutations.catalogue import RULES, Mutation, catalogue
from tests.mutations.trying import Copy, ExpectedOutcome

KILLED: Final = "killed"


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 if a fault survives, or a test is red without one."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__.splitlines()[0])
    parser.add_argument("--rule", action="append", choices=RULES, metavar="RULE", help="only these, such as V1")
    chosen = parser.parse_args(arguments).rule or RULES
    mutations = [mutation for mutation in catalogue() if mutation.rule in chosen]
    with tempfile.TemporaryDirectory(prefix="mutations-") as directory:
        outcomes = _try_all(Copy(Path(directory)), mutations)
    _print(list(zip(mutations, outcomes, strict=True)))
    return 0 if all(outcome == KILLED for outcome in outcomes) else 1


def _try_all(copy: Copy, mutations: Sequence[Mutation]) -> list[str]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("without any fault", total=len(mutations) + 1)
        sound = copy.run(sorted({mutation.test for mutation in mutations}), stop_at_first=False)
        outcomes = []
        for mutation in mutations:
            progress.update(task, advance=1, description=f"{mutation.rule} {mutation.file}")
            outcomes.append(_outcome(copy, mutation, sound.get(mutation.test, ExpectedOutcome.BROKEN)))
            if outcomes[-1] != KILLED:
                progress.console.print(f"{mutation.rule} {mutation.file}: {outcomes[-1]}", markup=False)
        progress.update(task, advance=1, description="done")
    return outcomes


def _outcome(copy: Copy, mutation: Mutation, sound: ExpectedOutcome) -> str:
    if sound is not ExpectedOutcome.PASSED:
        return f"{sound} without the fault"
    match copy.try_out(mutation):
        case ExpectedOutcome.FAILED:
            return KILLED
        case ExpectedOutcome.PASSED:
            return "SURVIVED"
        case ExpectedOutcome.BROKEN:
            return "could not run"


def _print(tried: Sequence[tuple[Mutation, str]]) -> None:
    table = Table("rule", "file", "test", "fault")
    for mutation, outcome in tried:
        colour = "green" if outcome == KILLED else "bold red"
        table.add_row(mutation.rule, mutation.file, mutation.test_name, f"[{colour}]{outcome}[/]")
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    killed = sum(outcome == KILLED for _, outcome in tried)
    console.print(f"{killed} of {len(tried)} faults were found, in {len({m.rule for m, _ in tried})} rules")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
