"""`python -m tests.chaos`: real broker, engine and workers, faults drawn from a seed, and then the auditor.

Each run produces at least 100,000 records while parts are killed, stopped and deceived, lets all heal, and compares
every number with what the auditor makes of the same records. Every fault is proven to have fired; a run in which one
did not is not counted. Results gather in a file, so that a hundred runs may be had in several sittings.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from rich.console import Console
from rich.table import Table

from tests.chaos.arena import Arena, open_arena
from tests.chaos.book import Book, Entry, FaultEntry, fired_by_step
from tests.chaos.controls import CONTROLS
from tests.chaos.kinds import KINDS, Kind, control_kind, kind_of
from tests.chaos.runs import Run
from tests.chaos.scene import NotFiredError
from tests.product import product_digest

_RUNS_IN_AN_ARENA: Final = 12
_AGREED: Final = "agreed"


def main() -> int:
    """Run what is asked for; returns 0 if no run failed."""
    arguments = _parse()
    book = Book(arguments.out)
    product = product_digest()
    wrong = 0
    with _Arenas() as arenas:
        for seed in range(arguments.first, arguments.first + arguments.runs):
            entry = _run(arenas, seed, _kind(arguments, seed), arguments.control, product)
            book.add(entry)
            wrong += (entry.outcome == _AGREED) if arguments.control else entry.outcome.startswith("failed")
    _print_table(book.counted(product), product)
    return 1 if wrong else 0


def _kind(arguments: argparse.Namespace, seed: int) -> Kind:
    if arguments.control:
        return control_kind(CONTROLS[arguments.control][1])
    return KINDS[arguments.kind] if arguments.kind else kind_of(seed)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="how many, from the first seed on")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="the first seed")
    parser.add_argument("--kind", choices=sorted(KINDS), help="the kind of faults; default: by seed, each in turn")
    parser.add_argument("--out", type=Path, default=Path(".zecto/chaos.json"), help="where results gather")
    parser.add_argument("--control", choices=sorted(CONTROLS), default="", help="a fault put in: the run must fail")
    return parser.parse_args()


class _Arenas:
    """One arena after the other: a new one after some runs, and after one that failed, whose directory stays."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._arena: Arena | None = None
        self._runs = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close(keep=False)

    def arena(self, kind: Kind) -> Arena:
        """One that serves a run of this kind."""
        if self._arena and (self._runs >= _RUNS_IN_AN_ARENA or self._arena.disk_mb != kind.disk_mb):
            self.close(keep=False)
        if self._arena is None:
            self._arena = self._open.enter_context(open_arena(disk_mb=kind.disk_mb))
            self._runs = 0
        self._runs += 1
        return self._arena

    def close(self, *, keep: bool) -> None:
        """End the arena, if there is one."""
        if self._arena:
            self._arena.keep = keep
        self._arena = None
        self._open.close()


def _run(arenas: _Arenas, seed: int, kind: Kind, control: str, product: str) -> Entry:
    began = time.monotonic()

    def tell(line: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - began:5.1f} s  {line}\n")

    sys.stderr.write(f"seed {seed}, {kind.name}{f', with {control} put in' if control else ''}\n")
    arena = arenas.arena(kind)
    run = Run(arena, seed, kind, control=control, tell=tell)
    outcome = _AGREED
    try:
        run.play()
    except NotFiredError as error:
        outcome = f"not counted: {error}"
    except Exception as error:  # noqa: BLE001  whatever it was: the run is kept, the next one begins
        outcome = f"failed: {str(error) or type(error).__name__}".replace(str(arena.directory), "")
        traceback.print_exception(error)
    tell(outcome)
    if outcome != _AGREED and not control:
        sys.stderr.write(f"  kept: {arena.directory}\n  again: {_again(seed, kind, control)}\n")
    if outcome != _AGREED:
        arenas.close(keep=not control)
    faults = [
        FaultEntry(fault=fired.fault, step=fired.step, proof=fired.proof)
        for fired in (run.scene.fired if run.scene else ())
    ]
    return Entry(
        seed=seed,
        product=product,
        kind=kind.name,
        control=control,
        records=run.records,
        faults=faults,
        seconds=round(run.seconds, 1),
        outcome=outcome,
    )


def _again(seed: int, kind: Kind, control: str) -> str:
    of = f"--control {control}" if control else f"--kind {kind.name}"
    return f"python -m tests.chaos --runs 1 --first {seed} {of}"


def _print_table(entries: Sequence[Entry], product: str) -> None:
    agreed = [entry for entry in entries if entry.outcome == _AGREED]
    table = Table(title=f"faults that fired, product {product[:12]}", title_justify="left")
    for name in ("fault", "step"):
        table.add_column(name)
    table.add_column("fired", justify="right")
    for fault, step, number in fired_by_step(entries):
        table.add_row(fault, step, f"{number:,}")
    console = Console(stderr=True)
    console.print(table)
    seconds = sum(entry.seconds for entry in entries)
    records = sum(entry.records for entry in entries)
    console.print(
        f"{len(entries):,} runs counted, {len(agreed):,} agree, {len(entries) - len(agreed):,} do not; "
        f"{records:,} records, {seconds:,.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
