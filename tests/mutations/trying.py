"""Runs tests in a copy of the tracked files, whose packages win over those installed."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.mutations.catalogue import ROOT, Mutation

_TIMEOUT_S: Final = 600
_OPTIONS: Final = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-header", "-x")


class ExpectedOutcome(StrEnum):
    """What a test did."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    """It could not run: neither a proof nor a disproof."""


class Copy:
    """The tracked files as they stand in the working tree, somewhere else."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607  git of the caller's PATH
        for name in listed.stdout.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, directory / name)
        self._check_that_it_wins()

    def run(self, tests: Iterable[str], *, stop_at_first: bool = True) -> Mapping[str, ExpectedOutcome]:
        """What became of each test, by path::name; of a parametrised one, the worst."""
        report = self.directory / "report.xml"
        report.unlink(missing_ok=True)
        options = _OPTIONS if stop_at_first else _OPTIONS[:-1]
        self._python("-m", "pytest", *options, f"--junitxml={report}", *tests)
        return _fates(report) if report.exists() else {}

    def try_out(self, mutation: Mutation) -> ExpectedOutcome:
        """What the mutation's test does while the fault is in."""
        path = self.directory / mutation.file
        text = path.read_text("utf-8")
        path.write_text(mutation.mutate(text), "utf-8")
        try:
            return self.run([mutation.test]).get(mutation.test, ExpectedOutcome.BROKEN)
        finally:
            path.write_text(text, "utf-8")

    def _check_that_it_wins(self) -> None:
        found = self._python(
            "-c", "import schemas, sql, streams; print(streams.__file__, sql.__file__, schemas.__file__)"
        )
        places = [Path(place).resolve() for place in found.stdout.split()]
        if len(places) != 3 or not all(place.is_relative_to(self.directory.resolve()) for place in places):
            raise RuntimeError(f"the copy's packages are not those that are imported: {found.stdout or found.stderr}")

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # No bytecode: a file changed twice within a second would leave a stale one.
        environment = os.environ | {"PYTHONPATH": str(self.directory), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )


def _fates(report: Path) -> Mapping[str, ExpectedOutcome]:
    """By path::name: broken before failed before passed."""
    found: dict[str, ExpectedOutcome] = {}
    severity = list(ExpectedOutcome)
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  our own file
        path = case.attrib["classname"].replace(".", "/")
        test = f"{path}.py::{case.attrib['name'].partition('[')[0]}"
        fate = _fate(case)
        found[test] = max(fate, found.get(test, fate), key=severity.index)
    return found


def _fate(case: ET.Element) -> ExpectedOutcome:
    if case.find("error") is not None or case.find("skipped") is not None:
        return ExpectedOutcome.BROKEN
    return ExpectedOutcome.FAILED if case.find("failure") is not None else ExpectedOutcome.PASSED
