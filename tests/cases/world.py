"""One stack for all cases, and for each of them topics, a database and a worker of its own.

Cases share services and months, and what one knows of a service's past would change what another one says (B2).
"""

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from streams.operations.migrate import migrate
from streams.stack.process import ChildProcess
from streams.stack.stack import EmbeddedStack
from tests.conftest import delete_topics
from tests.e2e.running import zecto

_NO_WORKER: Final = "restore"
_LONG_OVER: Final = "2025-01"
_STARTED_S: Final = 60.0


@dataclass(frozen=True)
class Answer:
    """What a command said: its exit code, its output as JSON if it is that, and both streams as text."""

    exit: int
    out: str
    error: str

    def parsed(self) -> Any:  # noqa: ANN401  any JSON
        """The output as JSON; lines of JSON as a list; None if it is neither."""
        for read in (json.loads, _lines):
            try:
                return read(self.out)
            except ValueError:
                continue
        return None


def _lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


class World(EmbeddedStack):
    """A stack whose commands and worker use the database of one case; its worker starts with the first command."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, worker=False)
        self._numbers = itertools.count(1)
        self._own: dict[str, str] = {}
        self._is_restored = False

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def environment(self) -> dict[str, str]:
        """Where this case's commands and worker connect to; what they print for people is 80 columns wide."""
        return {**super().environment(), "COLUMNS": "80", **self._own}

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """Empty topics and an empty database for as long as it is entered."""
        delete_topics(self.settings())
        name = f"case_{next(self._numbers)}"
        self._is_restored = False
        self._own = {"ZECTO_CLICKHOUSE_DATABASE": name, "ZECTO_KAFKA_GROUP": name}
        migrate(self.settings().model_copy(update={"clickhouse_database": name, "kafka_group": name}))
        try:
            yield
        finally:
            self._end_workers()

    def ask(self, arguments: Sequence[str | Path]) -> Answer:
        """Run a command to its end. What is restored needs a ledger that nobody writes to: the worker waits for it."""
        if not self.workers and arguments[0] != _NO_WORKER:
            self.start_worker()
            if self._is_restored:
                self._wait_for_frontier()
        self._is_restored |= arguments[0] == _NO_WORKER
        done = zecto(self, *arguments)
        return Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def _wait_for_frontier(self) -> None:
        """Until the worker has looked at every partition: `drain` does not wait for it where a topic is empty."""
        deadline = time.monotonic() + _STARTED_S
        while not json.loads(zecto(self, "month", _LONG_OVER, "--json").stdout or b"{}").get("complete"):
            assert time.monotonic() < deadline, f"the worker has not begun to read: {self.worker.log}"
            time.sleep(0.2)

    def _end_workers(self) -> None:
        ended: list[ChildProcess] = list(self.workers)
        for worker in ended:
            worker.stop()
            self.workers.remove(worker)


@contextmanager
def running_world() -> Iterator[World]:
    """A stack in a directory that is gone afterwards."""
    with TemporaryDirectory(prefix="zecto-cases-") as directory, World(Path(directory)) as world:
        yield world
