"""Break each rule of the contract on purpose and see its test turn red: `make mutations`, or

    python -m tests.mutations --rule X2 --rule V1

Changes are made in a copy, never in this tree. A mutation that leaves every test green is a rule that nobody watches:
exit 1. The list is rules.toml.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct, convert
from rich.console import Console
from rich.progress import track

_ROOT: Final = Path(__file__).parents[2]
_COPIED: Final = ("schemas", "streams", "sql", "tests", "pyproject.toml")
_TESTS_FAILED: Final = 1


class Mutation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change and the tests that must notice it."""

    rule: str
    file: str
    old: str
    new: str
    tests: str
    within: tuple[str, ...] = ("tests/unit/schemas", "tests/unit/sla", "tests/property")


def main() -> int:
    """Apply the mutations one by one and tell which of them nobody noticed."""
    arguments = argparse.ArgumentParser(prog="tests.mutations", description=__doc__)
    arguments.add_argument("--rule", action="append", help="only this rule; may be given several times")
    rules = arguments.parse_args().rule
    entries = tomllib.loads((Path(__file__).parent / "rules.toml").read_text("utf-8"))["mutation"]
    mutations = [mutation for mutation in convert(entries, list[Mutation]) if not rules or mutation.rule in rules]
    console = Console(stderr=True)
    unnoticed = []
    with tempfile.TemporaryDirectory(prefix="zecto-mutations-") as directory:
        tree = _copy_tree(Path(directory))
        for mutation in track(mutations, "mutations", console=console):
            _check_green(tree, mutation.tests, mutation.within)
            noticed = _is_noticed(tree, mutation)
            console.print(f"{'red  ' if noticed else 'GREEN'} {mutation.rule:3} {mutation.file}: {_shown(mutation)}")
            unnoticed += [] if noticed else [mutation]
    console.print(f"{len(mutations) - len(unnoticed)} of {len(mutations)} mutations were noticed")
    return bool(unnoticed) or not mutations


def _copy_tree(directory: Path) -> Path:
    for name in _COPIED:
        source = _ROOT / name
        if source.is_dir():
            shutil.copytree(source, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, directory / name)
    return directory


def _is_noticed(tree: Path, mutation: Mutation) -> bool:
    path = tree / mutation.file
    text = path.read_text("utf-8")
    if text.count(mutation.old) != 1:
        sys.exit(f"mutations: {mutation.rule}: {mutation.file} does not hold exactly once: {mutation.old}")
    path.write_text(text.replace(mutation.old, mutation.new), "utf-8")
    try:
        return _outcome(tree, mutation.tests, mutation.within) == _TESTS_FAILED
    finally:
        path.write_text(text, "utf-8")


@cache
def _check_green(tree: Path, tests: str, within: tuple[str, ...]) -> None:
    # Tests that are red already would notice anything.
    if _outcome(tree, tests, within) != 0:
        sys.exit(f"mutations: without any change, {tests} in {' '.join(within)} is not green")


def _outcome(tree: Path, tests: str, within: tuple[str, ...]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", tests, *within]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=False).returncode


def _shown(mutation: Mutation) -> str:
    return " ".join(mutation.new.split()) or "(taken out)"


if __name__ == "__main__":
    sys.exit(main())
