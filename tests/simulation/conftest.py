"""A quiet simulation, and a migrated database for it."""

from collections.abc import Iterator

import pytest

from tests.simulation.engine import Engine, opened
from tests.simulation.world import be_quiet


@pytest.fixture(autouse=True)
def _quiet() -> None:
    be_quiet()


@pytest.fixture(scope="module")
def simulated(engine: str) -> Iterator[Engine]:
    """A database of the module's own."""
    with opened(engine) as found:
        yield found
