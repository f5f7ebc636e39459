"""Places to die at: armed by the environment alone, hit once, marked before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.core import failpoints
from streams.core.errors import UsageError

_PROGRAM = """
import os
from streams.core import failpoints
failpoints.arm(os.environ)
for number in range(1, 6):
    print(number, flush=True)
    failpoints.hit(failpoints.Failpoint.COMMITTED)
    failpoints.hit(failpoints.Failpoint.EVALUATED)
"""


def _run(armed: str, log: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "ZECTO_FAILPOINT": armed, "ZECTO_FAILPOINT_LOG": str(log)}
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_unarmed_places_are_passed(tmp_path: Path) -> None:
    done = _run("", tmp_path / "log")
    assert (done.returncode, done.stdout.split()) == (0, ["1", "2", "3", "4", "5"])
    assert not (tmp_path / "log").exists()


def test_the_process_dies_at_its_armed_hit_and_says_where(tmp_path: Path) -> None:
    done = _run("evaluated:3", tmp_path / "log")
    assert (done.returncode, done.stdout.split()) == (-9, ["1", "2", "3"])
    assert (tmp_path / "log").read_text().split()[0] == "evaluated"


def test_of_two_armed_places_the_first_reached_ends_it(tmp_path: Path) -> None:
    done = _run("evaluated:2,committed:2:kill", tmp_path / "log")
    assert done.stdout.split() == ["1", "2"]
    assert [line.split()[0] for line in (tmp_path / "log").read_text().splitlines()] == ["committed"]


@pytest.mark.parametrize("armed", ["nowhere", "committed:x", "committed:1:explode"])
def test_an_unknown_place_count_or_action_is_wrong_use(armed: str) -> None:
    with pytest.raises(UsageError, match="NAME"):
        failpoints.arm({"ZECTO_FAILPOINT": armed})
    failpoints.arm({})
