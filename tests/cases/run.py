"""`python -m tests.cases.run`: each case of a folder through the running product, beside what the contract answers.

A case is a set of records with a story: the contract gamed, unfair, or met by people in this field. What must come out
stands in `tests/cases/expected/NAME.json`, one file a case, written from the contract by hand.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from streams.core.errors import ZectoError
from tests.cases.expectations import Case, read_cases
from tests.cases.playing import Played, Verdict, play
from tests.cases.world import running_world
from tests.product import ROOT

_BESIDE: Final = Path("shared") / "cases"
_DRAIN_S: Final = 120


def main() -> int:
    """Play what is asked for; returns 0 if nothing differs from the contract, 1 if something does, 2 for wrong use."""
    arguments = _parse()
    try:
        records = arguments.records or found_records()
        cases = _chosen(read_cases(), arguments.cases)
        _check(cases, records)
    except ZectoError as error:
        sys.stderr.write(f"cases: {error}\n")
        return 2
    played = list(_play_all(cases, records))
    if arguments.json:
        json.dump([_as_json(each) for each in played], sys.stdout, indent=1, ensure_ascii=False)
    else:
        _print(played)
    return 1 if any(each.differing for each in played) else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.cases.run", description=__doc__)
    parser.add_argument("cases", nargs="*", help="only those whose name contains one of these; default: all")
    parser.add_argument("--records", type=Path, help="the folder of the records; default: shared/cases beside us")
    parser.add_argument("--json", action="store_true", help="print everything that was asked as one JSON list")
    return parser.parse_args()


def found_records() -> Path:
    """The nearest `shared/cases` beside this checkout or a folder that it lies in.

    Raises:
        ZectoError: there is none.
    """
    for folder in ROOT.parents:
        if (folder / _BESIDE).is_dir():
            return folder / _BESIDE
    raise ZectoError(f"no folder {_BESIDE} beside {ROOT.name} or above it: name the folder of the cases with --records")


def _chosen(cases: dict[str, Case], parts: Sequence[str]) -> dict[str, Case]:
    chosen = {name: case for name, case in cases.items() if not parts or any(part in name for part in parts)}
    if not chosen:
        raise ZectoError(f"no case is named like {', '.join(parts)}: see {len(cases)} in tests/cases/expected")
    return chosen


def _check(cases: dict[str, Case], records: Path) -> None:
    """Every case has its records, before a stack is started for them."""
    missing = [name for name in cases if not (records / name).is_dir()]
    if missing:
        raise ZectoError(f"{records} has no folder {missing[0]} ({len(missing)} of {len(cases)} cases miss theirs)")


def _play_all(cases: dict[str, Case], records: Path) -> Iterator[Played]:
    with running_world() as world:
        for number, (name, case) in enumerate(cases.items(), 1):
            played = play(world, name, case, records / name)
            differ = f"{len(played.differing)} of {len(played.verdicts)} differ"
            sys.stderr.write(f"{number}/{len(cases)} {name}: {differ}, {played.seconds:.1f} s\n")
            yield played


def _as_json(played: Played) -> dict[str, Any]:
    return {
        "case": played.name,
        "honest": played.case.honest,
        "contract_differs": played.case.contract_differs,
        "why": played.case.why,
        "differing": len(played.differing),
        "seconds": round(played.seconds, 1),
        "answers": [_verdict_as_json(verdict) for verdict in played.verdicts],
    }


def _verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "asked": verdict.asked,
        "at": verdict.expectation.at,
        "clause": verdict.expectation.clause,
        "expected": str(verdict.expectation),
        "found": verdict.found,
        "is_met": verdict.is_met,
    }


def _print(played: Sequence[Played]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 200)
    table = Table(show_lines=True)
    for title in ("case", "an honest party would say", "we say", "where we differ from the contract, and its clause"):
        table.add_column(title, overflow="fold")
    for each in played:
        same = len(each.verdicts) - len(each.differing)
        ours = f"{same} of {len(each.verdicts)} as the contract says"
        honest = each.case.honest + (
            f"\n(the contract: {each.case.contract_differs})" if each.case.contract_differs else ""
        )
        table.add_row(each.name, honest, ours, "\n".join(_told(verdict) for verdict in each.differing))
    console.print(table, markup=False)
    differing = [each for each in played if each.differing]
    seconds = sum(each.seconds for each in played)
    console.print(f"{len(played)} cases, {len(differing)} differ from the contract, {seconds:.0f} s")


def _honest(case: Case) -> str:
    return f"{case.honest}\n(The contract: {case.contract_differs})" if case.contract_differs else case.honest


def _told(verdict: Verdict) -> str:
    expectation = verdict.expectation
    found = verdict.found if isinstance(verdict.found, str) else json.dumps(verdict.found, ensure_ascii=False)
    if len(found) > 200:
        found = f"{found[:200]}…"
    return f"{verdict.asked}: {expectation.at} is {found}, not {expectation} ({expectation.clause})"


if __name__ == "__main__":
    sys.exit(main())
