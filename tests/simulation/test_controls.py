"""A harness that cannot fail proves nothing: with each known fault in the product, the same harness fails."""

import inspect

import pytest

from tests.simulation.controls import CONTROLS, Control
from tests.simulation.engine import opened
from tests.simulation.world import run_seed

_SEARCHED = 100
_IN_PYTHON = [control for control in CONTROLS if not control.on_engine]
_IN_SQL = [control for control in CONTROLS if control.on_engine]


@pytest.mark.parametrize("control", _IN_PYTHON, ids=lambda control: control.name)
def test_the_harness_fails_with_a_known_fault(control: Control) -> None:
    with control.applied():
        if not run_seed(control.seed).failure:
            caught = next((seed for seed in range(_SEARCHED) if run_seed(seed).failure), None)
            pytest.fail(f"{control.name}: seed {control.seed} does not find it; the first that does is {caught}")
    assert run_seed(control.seed).failure == ""


@pytest.mark.deep
@pytest.mark.engine
@pytest.mark.parametrize("control", _IN_SQL, ids=lambda control: control.name)
def test_the_harness_fails_with_a_known_fault_in_sql(control: Control, engine: str) -> None:
    with control.applied(), opened(engine, compares=control.unseen != "memory") as wrong:
        assert run_seed(control.seed, wrong).failure
    with opened(engine) as sound:
        assert run_seed(control.seed, sound).failure == ""


def test_the_product_is_whole_again_after_a_control() -> None:
    from streams.ingest.write import BlockWriter  # noqa: PLC0415  looked at twice

    sound = BlockWriter._write.__code__
    with CONTROLS[0].applied():
        assert BlockWriter._write.__code__ is not sound
    assert BlockWriter._write.__code__ is sound
    assert inspect.iscoroutinefunction(BlockWriter._write)
