"""`make .venv/.ready` beside a package index that fails for a moment."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
# Fails as often as it is told to for each command, then works; keeps a line for each time it was called.
_UV = """\
#!/bin/sh
echo "$*" >> calls
test "$1" = venv && { mkdir -p .venv/bin; ln -sf /bin/true .venv/bin/python; exit 0; }
test "$(grep -c "^pip $2" calls)" -gt FAILURES
"""


def _set_up(directory: Path, *, failures: int) -> tuple[int, list[str]]:
    """Exit status and uv's calls, where each download fails `failures` times before it works."""
    shutil.copy(_ROOT / "Makefile", directory)
    (directory / "requirements.lock").touch()
    (directory / "pyproject.toml").touch()
    uv = directory / ".uv" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text(_UV.replace("FAILURES", str(failures)))
    uv.chmod(0o755)
    arguments = ["make", "--silent", ".venv/.ready", "PAUSES=0 0", f"PYTHON={sys.executable}"]
    done = subprocess.run(arguments, cwd=directory, capture_output=True, check=False)
    calls = (directory / "calls").read_text().splitlines()
    return done.returncode, [" ".join(call.split()[:2]) for call in calls]


@pytest.mark.parametrize("failures", [0, 2])
def test_set_up_asks_a_failing_index_again(tmp_path: Path, failures: int) -> None:
    status, calls = _set_up(tmp_path, failures=failures)
    assert status == 0
    assert calls[1:] == ["pip sync"] * (failures + 1) + ["pip install"] * (failures + 1)
    assert (tmp_path / ".venv" / ".ready").exists()


def test_set_up_gives_up_after_three_tries(tmp_path: Path) -> None:
    status, calls = _set_up(tmp_path, failures=3)
    assert (status, calls[1:]) == (2, ["pip sync"] * 3)
    assert not (tmp_path / ".venv" / ".ready").exists()
