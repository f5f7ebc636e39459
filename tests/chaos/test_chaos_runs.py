"""Two whole runs of `python -m tests.chaos`, of different kinds; `make chaos` has the others."""

from collections.abc import Iterator

import pytest

from tests.chaos.arena import Arena, open_arena
from tests.chaos.kinds import KINDS
from tests.chaos.runs import Run
from tests.chaos.traffic import RECORDS_MIN

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with open_arena() as opened:
        yield opened


@pytest.mark.parametrize(
    ("seed", "kind", "faults"),
    [
        (2, "workers-stopped", {"worker stopped, its partitions moved, woken", "worker killed"}),
        (4, "engine-killed", {"engine killed", "worker killed"}),
    ],
)
def test_after_faults_that_fired_every_number_is_the_auditors_and_the_simulators(
    arena: Arena, seed: int, kind: str, faults: set[str]
) -> None:
    run = Run(arena, seed, KINDS[kind], tell=lambda _: None)
    run.play()
    assert run.scene is not None
    assert {fired.fault for fired in run.scene.fired} == faults
    assert all(fired.proof for fired in run.scene.fired)
    assert run.records >= RECORDS_MIN
