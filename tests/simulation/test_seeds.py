"""The ledger under faults drawn from seeds equals what the auditor counts, and never claims more than it knows."""

import os
import subprocess
import sys

import pytest

from tests.product import ROOT
from tests.simulation.engine import Engine
from tests.simulation.regressions import Regression, regressions
from tests.simulation.world import Result, run_seed

_SEEDS = 300
_AT_ONCE = 30
_ENGINE_SEEDS = 12


def _failures(results: list[Result]) -> list[str]:
    return [f"{one.failure}; again: python -m tests.simulation --first {one.seed}" for one in results if one.failure]


@pytest.mark.parametrize("first", range(0, _SEEDS, _AT_ONCE))
def test_whatever_happens_the_minutes_are_those_of_the_auditor(first: int) -> None:
    assert _failures([run_seed(seed) for seed in range(first, first + _AT_ONCE)]) == []


@pytest.mark.engine
@pytest.mark.parametrize("seed", range(_ENGINE_SEEDS))
def test_whatever_happens_the_engines_sql_says_what_memory_and_the_auditor_say(seed: int, simulated: Engine) -> None:
    assert _failures([run_seed(seed, simulated)]) == []


@pytest.mark.parametrize("known", [one for one in regressions() if not one.engine], ids=lambda one: str(one.seed))
def test_what_a_seed_once_found_is_mended(known: Regression) -> None:
    assert _failures([run_seed(known.seed)]) == []


@pytest.mark.engine
@pytest.mark.parametrize("known", [one for one in regressions() if one.engine], ids=lambda one: str(one.seed))
def test_what_a_seed_once_found_on_the_engine_is_mended(known: Regression, simulated: Engine) -> None:
    assert _failures([run_seed(known.seed, simulated)]) == []


_TRACE = "import sys; from tests.simulation.world import be_quiet, run_seed; be_quiet(); print(run_seed(7).trace)"


def test_a_seed_takes_the_same_course_every_time_and_in_every_process() -> None:
    traces = {run_seed(7).trace, run_seed(7).trace}
    for hashed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hashed, "PYTHONPATH": str(ROOT)}
        found = subprocess.run(
            [sys.executable, "-c", _TRACE], env=environment, capture_output=True, text=True, check=True
        )
        traces.add(found.stdout.strip())
    assert len(traces) == 1


def test_another_seed_takes_another_course() -> None:
    assert run_seed(7).trace != run_seed(8).trace
