"""A broker and an engine whose workers the tests start and kill themselves."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from clickhouse_connect.driver.client import Client

from streams.clickhouse.client import connect
from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack
from tests.chaos.load import Load

# Every load has minutes of its own, so that tests may share a stack.
_FIRST_MINUTE = 29_700_000
_days = itertools.count()


@pytest.fixture(scope="module")
def bare_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStack]:
    """Broker and engine, migrated, without a worker."""
    with EmbeddedStack(tmp_path_factory.mktemp("bare"), prepare=migrate, worker=False) as running:
        yield running


@pytest.fixture
def stack(bare_stack: EmbeddedStack) -> Iterator[EmbeddedStack]:
    """The bare stack; the workers that a test leaves are stopped after it."""
    yield bare_stack
    for worker in bare_stack.workers:
        worker.stop()
    bare_stack.workers.clear()


@pytest.fixture
def asking() -> Iterator[Callable[[EmbeddedStack], Client]]:
    """Clients, closed after the test."""
    opened: list[Client] = []

    def ask(stack: EmbeddedStack) -> Client:
        opened.append(connect(stack.settings()))
        return opened[-1]

    yield ask
    for client in opened:
        client.close()


@pytest.fixture
def load() -> Load:
    return Load(_FIRST_MINUTE + 1440 * next(_days))
