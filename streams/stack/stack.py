"""Broker, engine, workers and feed of one data directory, started together and ended together.

    with EmbeddedStack(Path("data"), prepare=migrate) as stack:
        client = connect(stack.settings())

The parts live in `DIR/kafka` and `DIR/clickhouse`, their logs in `DIR/logs`. What runs, and where, stands in
`DIR/stack.json` from the moment it is ready until it is stopped.
"""

import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pydantic import SecretStr

from streams.core.settings import Settings
from streams.stack import broker_login
from streams.stack.broker import Broker, start_broker
from streams.stack.engine_process import Engine, start_engine
from streams.stack.jars import Progress
from streams.stack.locks import DirectoryInUseError, lock_directory, say_ending
from streams.stack.ports import choose_port
from streams.stack.private_files import make_private
from streams.stack.process import ChildProcess
from streams.stack.stack_file import StackFile, identity_of
from streams.stack.web_process import Web

DATABASE = "zecto"
_PASSWORD_BYTES = 24
# Since the stop began: until when feed and workers, and then the engine, may take to end by themselves.
_CLIENTS_S = 3.0
_ENGINE_S = 7.0
STOP_S = 9.0
"""The most that it takes to stop a stack, in seconds."""
_WORKER = (sys.executable, "-c", "from streams.cli import main; main()", "worker")


def lock_stack(directory: Path) -> IO[str]:
    """Hold the directory as the one supervisor of its stack.

    Raises:
        ZectoError: another process holds it, or the directory cannot be written.
    """
    try:
        return lock_directory(directory, "up")
    except DirectoryInUseError as error:
        raise DirectoryInUseError(
            directory, error.holder, words="is up already, in", is_ending=error.is_ending
        ) from None


def _nothing(*_: object) -> None:
    """Say nothing."""


class EmbeddedStack:
    """A stack that runs inside a `with`; nothing but its data is left after it.

    `prepare` is called with the settings once broker and engine serve (topics, migrations), before any worker starts.
    `open_broker` lets clients in that know no password, such as those that this pipeline is measured beside.
    """

    broker: Broker
    engine: Engine

    def __init__(
        self,
        directory: Path,
        *,
        prepare: Callable[[Settings], None] = _nothing,
        worker: bool = True,
        web: bool = False,
        open_broker: bool = False,
        kafka_port: int = 0,
        clickhouse_port: int = 0,
        web_port: int = 0,
        on_status: Callable[[str], None] = _nothing,
        progress: Progress = _nothing,
    ) -> None:
        self.directory = directory
        self.workers: list[ChildProcess] = []
        self.web: Web | None = None
        self._file = StackFile(directory)
        self._prepare = prepare
        self._wants_worker = worker
        self._wants_web = web
        self._broker_password = "" if open_broker else secrets.token_urlsafe(_PASSWORD_BYTES)
        self._ports = {"kafka": kafka_port, "clickhouse": clickhouse_port, "web": web_port}
        self._on_status = on_status
        self._progress = progress
        self._lock: IO[str] | None = None
        self._running: list[Broker | Engine] = []

    def __enter__(self) -> Self:
        make_private(self.directory)
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
            kafka_security_protocol=broker_login.PROTOCOL if self.broker.password else "PLAINTEXT",
            kafka_sasl_mechanism=broker_login.MECHANISM,
            kafka_sasl_username=broker_login.USER if self.broker.password else "",
            kafka_sasl_password=SecretStr(self.broker.password),
            clickhouse_url=self.engine.url,
            clickhouse_database=DATABASE,
        )

    def environment(self) -> dict[str, str]:
        """The same, as environment variables."""
        return {
            "ZECTO_KAFKA_BOOTSTRAP": self.broker.bootstrap,
            **broker_login.variables(self.broker.password),
            "ZECTO_CLICKHOUSE_URL": self.engine.url,
            "ZECTO_CLICKHOUSE_DATABASE": DATABASE,
            **(self.web.environment if self.web else {}),
        }

    @property
    def worker(self) -> ChildProcess:
        """The worker started last."""
        return self.workers[-1]

    def start_worker(self, environment: Mapping[str, str] | None = None) -> ChildProcess:
        """Start one more worker, with further environment variables if given."""
        variables = {**self.environment(), **(environment or {})}
        name = "worker" if not self.workers else f"worker-{len(self.workers) + 1}"
        part = ChildProcess(name, _WORKER, log=self._log(name), environment=variables)
        self.workers.append(part)
        return part

    @property
    def restartable(self) -> list[ChildProcess]:
        """What may end and start again while the rest goes on: workers, and the feed."""
        return [*self.workers, *([self.web.part] if self.web else [])]

    def restart(self, ended: ChildProcess) -> ChildProcess:
        """Start a worker or the feed in the place of one that ended."""
        if self.web and ended is self.web.part:
            self._start_web(self.web.port)
            part = self.web.part
        else:
            self.workers.remove(ended)
            part = self.start_worker()
        self.write_file()
        return part

    def restart_engine(self) -> None:
        """Start the engine again on its data and its port, after it was stopped or killed."""
        port, password = self.engine.port, self.engine.password  # those who use it go on
        self.engine.stop()
        self._running.remove(self.engine)
        self._start_engine(port, password)

    def restart_broker(self) -> None:
        """Start the broker again on its data and its port, after it was stopped or killed."""
        port = self.broker.port
        self.broker.stop()
        self._running.remove(self.broker)
        self._start_broker(port)

    def write_file(self) -> None:
        """Write to `DIR/stack.json` what runs now."""
        parts = [*self.restartable, *(each.part for each in self._running)]
        self._file.write(self.environment(), [identity_of(part.name, part.process.pid) for part in parts])

    def dead_process(self) -> ChildProcess | None:
        """The broker or the engine, if it ended by itself."""
        return next((each.part for each in self._running if not each.part.is_running), None)

    def stop(self) -> None:
        """End feed and workers, then the engine, then the broker; whatever hangs, it takes no longer than `STOP_S`.

        Each gets time to finish what it does, and what those before it left of theirs. Paused parts run again first:
        a worker that ends commits to the broker.
        """
        if self._lock:
            say_ending(self._lock)
        self._file.remove()
        began_s = time.monotonic()
        clients = self.restartable
        for part in (*clients, *(each.part for each in self._running)):
            part.wake()
        for part in clients:
            part.ask_to_end()
        for part in clients:
            part.stop(began_s + _CLIENTS_S - time.monotonic())
        for each in reversed(self._running):
            patience_s = _ENGINE_S if isinstance(each, Engine) else STOP_S
            each.stop(began_s + patience_s - time.monotonic())
        self.workers.clear()
        self.web = None
        self._running.clear()
        if self._lock:
            self._lock.close()
            self._lock = None

    def _start(self) -> None:
        self._file.remove()
        for name in ("clickhouse", "web"):
            if asked_for := self._ports[name]:
                choose_port(asked_for, f"--{name}-port")  # before the broker takes its seconds to start
        self._start_broker(self._ports["kafka"])
        self._on_status(f"Kafka broker at {self.broker.bootstrap}")
        self._start_engine(self._ports["clickhouse"])
        self._on_status(f"ClickHouse engine at {self.engine.shown}")
        self._prepare(self.settings())
        if self._wants_web:
            self._start_web(self._ports["web"])
        if self._wants_worker:
            self.start_worker()
            self._on_status(f"worker, log {self.worker.log}")
        if self.web:
            self.web.wait()
            self._on_status(f"feed of credits at {self.web.environment['ZECTO_WEB_URL']}")
        self.write_file()

    def _start_broker(self, port: int) -> None:
        self.broker = start_broker(
            self.directory / "kafka",
            log=self._log("broker"),
            port=port,
            progress=self._progress,
            password=self._broker_password,
        )
        self._running.append(self.broker)

    def _start_engine(self, port: int, password: str = "") -> None:
        log = self._log("engine")
        self.engine = start_engine(self.directory / "clickhouse", log=log, port=port, password=password)
        self._running.append(self.engine)

    def _start_web(self, port: int) -> None:
        self.web = None  # or its variables would stand among those that it is started with
        self.web = Web(self.directory, self.environment(), log=self._log("web"), port=port)

    def _log(self, name: str) -> Path:
        return self.directory / "logs" / f"{name}.log"
