"""The real parts for tests: one broker and one engine a test run, a database and empty topics a test.

* `engine`, `broker`: the running parts (the engine's URL, the broker's bootstrap address).
* `database`: settings of an empty, migrated database on the engine, its own for as long; no broker is started.
* `client`: a clickhouse-connect client on that database.
* `settings`: the same with the broker, its topics new and empty, and a consumer group of its own.
* `stack`: a whole stack with a worker, shared by the end-to-end tests of a run.
* `fresh_stack`: starts whole stacks of one's own, for tests that kill and restart parts.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from clickhouse_connect.driver.client import Client

from streams.clickhouse.client import connect
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from streams.kafka.topics import ensure_topics
from streams.operations.migrate import migrate
from streams.stack.broker import start_broker
from streams.stack.engine_process import start_engine
from streams.stack.stack import EmbeddedStack
from tests.databases import Databases

_DELETED_S = 30.0

# Chosen by --hypothesis-profile (the Makefile does). No example is timed: the machine is shared. `fast` and `ci` draw
# the same examples each time, so that a red run means a change and not luck, and can be met again; new ones are sought
# by `deep`, which prints how to meet them again.
hypothesis.settings.register_profile("fast", deadline=None, derandomize=True)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=1_000, print_blob=True)
hypothesis.settings.load_profile("fast")

StackFactory = Callable[..., EmbeddedStack]


@pytest.fixture(scope="session", autouse=True)
def _no_connections_from_outside() -> Iterator[None]:
    """A test must never reach the stack that its caller's environment names."""
    outside = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ZECTO_")}
    yield
    os.environ.update(outside)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("engine")
    running = start_engine(directory / "clickhouse", log=directory / "engine.log")
    yield running.url
    running.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("broker")
    running = start_broker(directory / "kafka", log=directory / "broker.log", progress=_quietly)
    yield running.bootstrap
    running.stop()


@pytest.fixture(scope="session")
def databases(engine: str) -> Databases:
    return Databases(engine)


@pytest.fixture
def database(databases: Databases) -> Iterator[Settings]:
    with databases.lent() as settings:
        yield settings


@pytest.fixture
def client(database: Settings) -> Iterator[Client]:
    connected = connect(database)
    yield connected
    connected.close()


@pytest.fixture
def settings(database: Settings, broker: str) -> Settings:
    combined = database.model_copy(update={"kafka_bootstrap": broker})
    delete_topics(combined)
    ensure_topics(combined)
    return combined


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStack]:
    with EmbeddedStack(tmp_path_factory.mktemp("stack"), prepare=migrate) as running:
        yield running


@pytest.fixture
def fresh_stack(tmp_path: Path) -> Iterator[StackFactory]:
    """`fresh_stack(worker=False, ...)` starts a stack as `EmbeddedStack` does, in a directory of its own."""
    started: list[EmbeddedStack] = []

    def start(**options: object) -> EmbeddedStack:
        directory = tmp_path / f"stack-{len(started)}"
        running = EmbeddedStack(directory, **{"prepare": migrate, **options})  # type: ignore[arg-type]
        running.__enter__()
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()


def delete_topics(settings: Settings) -> None:
    """Delete every topic of ours and wait until the broker no longer lists it."""
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415  only tests with a broker need it

    admin = AdminClient({**client_config(settings), "log_level": 0})
    names = _own_topics(admin)
    if names:
        for deleted in admin.delete_topics(names).values():
            deleted.result()
    deadline = time.monotonic() + _DELETED_S
    while _own_topics(admin):
        assert time.monotonic() < deadline, "the broker still lists deleted topics"
        time.sleep(0.02)


def _own_topics(admin: object) -> list[str]:
    topics = admin.list_topics(timeout=10).topics  # type: ignore[attr-defined]
    return [name for name in topics if not name.startswith("__")]


def _quietly(_done: int, _total: int) -> None:
    """The jars come down without a word."""


# Fast ones first: whoever breaks a rule should not wait for a broker to learn of it. Those of the last two compute or
# wait, so they are mixed.
_STAGES = ("unit", "property fairness fuzz", "simulation", "sql", "contract", "integration", "e2e chaos")


# Whole folders that `make test` leaves to `make test-deep`; elsewhere a file or a test carries the mark itself.
_DEEP = ("chaos",)
# Files whose module fixture is dear: their tests go to one process, so that it is made once.
_TOGETHER = (
    "e2e/test_evidence.py",
    "property/test_truth_against_rules.py",
    "sql/test_evidence.py",
    "unit/simulate/test_everything.py",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test by where it is, before tests are chosen by their marks."""
    place = item.path.relative_to(Path(__file__).parent)
    if place.parts[0] in _DEEP:
        item.add_marker("deep")
    if place.parts[0] == "property":
        item.add_marker("examples")
    if place.as_posix() in _TOGETHER:
        item.add_marker(pytest.mark.xdist_group(place.stem))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by stage; within a stage the order stays random, or as asked for."""
    items.sort(key=_stage)


def _stage(item: pytest.Item) -> tuple[int, bool]:
    """The stage; in it those first that start stacks of their own: nobody waits at the end for a long one alone."""
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    number = next((number for number, folders in enumerate(_STAGES) if folder in folders.split()), len(_STAGES))
    return number, "fresh_stack" not in getattr(item, "fixturenames", ())
