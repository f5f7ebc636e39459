"""Broker, engine and workers of one data directory, started together and ended together.

    with EmbeddedStack(Path("data"), prepare=migrate) as stack:
        client = connect(stack.settings())

The parts live in `DIR/kafka` and `DIR/clickhouse`, their logs in `DIR/logs`. What runs, and where, stands in
`DIR/stack.json` from the moment it is ready until it is stopped.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from streams.embedded.broker import Broker, start_broker
from streams.embedded.engine_process import Engine, start_engine
from streams.embedded.jars import Progress
from streams.embedded.locks import lock_directory
from streams.embedded.ports import choose_port
from streams.embedded.process import Part
from streams.embedded.stack_file import StackFile, identity_of
from streams.errors import ZectoError
from streams.settings import Settings

DATABASE = "zecto"
_WORKER = (sys.executable, "-c", "from streams.cli import main; main()", "worker")


def lock_stack(directory: Path) -> IO[str]:
    """Hold the directory as the one supervisor of its stack.

    Raises:
        ZectoError: another process holds it, or the directory cannot be written.
    """
    try:
        return lock_directory(directory, "up")
    except ZectoError as error:
        raise ZectoError(str(error).replace("is in use by", "is up already, in")) from None


def _nothing(*_: object) -> None:
    """Say nothing."""


class EmbeddedStack:
    """A stack that runs inside a `with`; nothing but its data is left after it.

    `prepare` is called with the settings once broker and engine serve (topics, migrations), before any worker starts.
    """

    broker: Broker
    engine: Engine

    def __init__(
        self,
        directory: Path,
        *,
        prepare: Callable[[Settings], None] = _nothing,
        worker: bool = True,
        kafka_port: int = 0,
        clickhouse_port: int = 0,
        say: Callable[[str], None] = _nothing,
        progress: Progress = _nothing,
    ) -> None:
        self.directory = directory
        self.workers: list[Part] = []
        self._file = StackFile(directory)
        self._prepare = prepare
        self._wants_worker = worker
        self._ports = {"kafka": kafka_port, "clickhouse": clickhouse_port}
        self._say = say
        self._progress = progress
        self._lock: IO[str] | None = None
        self._running: list[Broker | Engine] = []

    def __enter__(self) -> Self:
        self._lock = lock_stack(self.directory)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def settings(self) -> Settings:
        """What a command or a test needs to use this stack."""
        return Settings(
            kafka_bootstrap=self.broker.bootstrap,
            kafka_security_protocol="PLAINTEXT",
            clickhouse_url=self.engine.url,
            clickhouse_database=DATABASE,
        )

    def environment(self) -> dict[str, str]:
        """The same, as environment variables."""
        return {
            "ZECTO_KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "ZECTO_CLICKHOUSE_URL": self.engine.url,
            "ZECTO_CLICKHOUSE_DATABASE": DATABASE,
        }

    @property
    def worker(self) -> Part:
        """The worker started last."""
        return self.workers[-1]

    def start_worker(self, environment: Mapping[str, str] | None = None) -> Part:
        """Start one more worker, with further environment variables if given."""
        variables = {**self.environment(), "ZECTO_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", **(environment or {})}
        name = "worker" if not self.workers else f"worker-{len(self.workers) + 1}"
        part = Part(name, _WORKER, log=self._log(name), environment=variables)
        self.workers.append(part)
        return part

    def restart_worker(self, ended: Part) -> Part:
        """Start a worker in the place of one that ended."""
        self.workers.remove(ended)
        part = self.start_worker()
        self.write_file()
        return part

    def restart_engine(self) -> None:
        """Start the engine again on its data and its port, after it was stopped or killed."""
        port = self.engine.port
        self.engine.stop()
        self._running.remove(self.engine)
        self._start_engine(port)

    def restart_broker(self) -> None:
        """Start the broker again on its data and its port, after it was stopped or killed."""
        port = self.broker.port
        self.broker.stop()
        self._running.remove(self.broker)
        self._start_broker(port)

    def write_file(self) -> None:
        """Write to `DIR/stack.json` what runs now."""
        parts = [*self.workers, *(each.part for each in self._running)]
        self._file.write(self.environment(), [identity_of(part.name, part.process.pid) for part in parts])

    def dead_part(self) -> Part | None:
        """The broker or the engine, if it ended by itself."""
        return next((each.part for each in self._running if not each.part.is_running), None)

    def stop(self) -> None:
        """End the workers, then the engine, then the broker; each gets time to finish what it does."""
        self._file.remove()
        for worker in self.workers:
            worker.stop()
        for each in reversed(self._running):
            each.stop()
        self.workers.clear()
        self._running.clear()
        if self._lock:
            self._lock.close()
            self._lock = None

    def _start(self) -> None:
        self._file.remove()
        if asked_for := self._ports["clickhouse"]:
            choose_port(asked_for, "--clickhouse-port")  # before the broker takes its seconds to start
        self._start_broker(self._ports["kafka"])
        self._say(f"Kafka broker at {self.broker.bootstrap}")
        self._start_engine(self._ports["clickhouse"])
        self._say(f"ClickHouse engine at {self.engine.url}")
        self._prepare(self.settings())
        if self._wants_worker:
            self.start_worker()
            self._say(f"worker, log {self.worker.log}")
        self.write_file()

    def _start_broker(self, port: int) -> None:
        self.broker = start_broker(
            self.directory / "kafka", log=self._log("broker"), port=port, progress=self._progress
        )
        self._running.append(self.broker)

    def _start_engine(self, port: int) -> None:
        self.engine = start_engine(self.directory / "clickhouse", log=self._log("engine"), port=port)
        self._running.append(self.engine)

    def _log(self, name: str) -> Path:
        return self.directory / "logs" / f"{name}.log"
