"""ClickHouse or the broker away in mid-load: the worker waits, says so, loses nothing and goes on."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from clickhouse_connect.driver.client import Client

from streams.kafka.producer import Producer
from streams.stack.stack import EmbeddedStack
from tests.chaos.load import TOPIC, Load, counted, pending
from tests.chaos.waiting import drain, until
from tests.conftest import StackFactory

pytestmark = pytest.mark.stack

# The issue speaks of a minute: ZECTO_TEST_AWAY_S=60 is that.
_AWAY_S = float(os.environ.get("ZECTO_TEST_AWAY_S", "15"))
_WAITING, _BACK = "waiting for ClickHouse", "ClickHouse is back"
Asking = Callable[[EmbeddedStack], Client]


@contextmanager
def _under_load(stack: EmbeddedStack, load: Load) -> Iterator[None]:
    """Some thousand requests a second for as long as this lasts, and all of them acknowledged after it."""
    done = threading.Event()

    def produce() -> None:
        with Producer(stack.settings()) as producer:
            while not done.wait(0.1):
                for value in load.values(400):
                    producer.send(TOPIC, value, key=value[:40])

    thread = threading.Thread(target=produce)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_while_clickhouse_is_away_the_worker_waits_and_loses_nothing(
    fresh_stack: StackFactory, asking: Asking, load: Load
) -> None:
    stack = fresh_stack(worker=False)
    worker = stack.start_worker({"ZECTO_BLOCK_RECORDS": "500"})
    with _under_load(stack, load):
        until(lambda: counted(asking(stack), load), named="the first minutes")
        stack.engine.part.kill()
        until(lambda: _WAITING in worker.log.read_text(), named="the word that it waits")
        time.sleep(_AWAY_S)
        assert _BACK not in worker.log.read_text()
        sent_before = load.sent
        stack.restart_engine()
        until(lambda: _BACK in worker.log.read_text(), named="the word that it goes on")
        until(lambda: load.sent > sent_before + 2_000)
    drain(stack.settings())
    client = asking(stack)
    assert counted(client, load) == load.truth
    assert pending(client) == 0
    assert worker.is_running
    said = worker.log.read_text()
    assert said.count(_WAITING) == said.count(_BACK) == 1
    assert len(said.splitlines()) < 40, "a log that nobody reads any more"


@pytest.mark.parametrize("end", ["killed", "stopped"])
def test_while_the_broker_restarts_the_worker_waits_and_loses_nothing(
    fresh_stack: StackFactory, asking: Asking, load: Load, end: str
) -> None:
    stack = fresh_stack(worker=False)
    client, worker = asking(stack), stack.start_worker({"ZECTO_BLOCK_RECORDS": "500"})
    with _under_load(stack, load):
        until(lambda: counted(client, load), named="the first minutes")
        if end == "killed":
            stack.broker.part.kill()
        else:
            stack.broker.part.stop()
        time.sleep(3)
        stack.restart_broker()
        counted_before = counted(client, load).total()
        until(lambda: counted(client, load).total() > counted_before + 2_000, named="further minutes")
    drain(stack.settings())
    assert counted(client, load) == load.truth
    assert pending(client) == 0
    assert worker.is_running
    said = worker.log.read_text()
    assert said.index("waiting for the broker") < said.index("the broker is back")
    assert len(said.splitlines()) < 40, "a log that nobody reads any more"
