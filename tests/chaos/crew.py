"""The workers of a run: started, armed, killed, stopped and woken, and what proves that it happened."""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.core.settings import Settings
from streams.stack.process import ChildProcess

SIGKILL: Final = -9
_READING: Final = "worker is reading"
_WORKER: Final = (sys.executable, "-c", "from streams.cli import main; main()", "worker")
_CONTROLLED: Final = (sys.executable, "-c", "from tests.chaos.controls import main; main()", "worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A worker; `armed` is the place at which it dies or stops, empty: none."""

    name: str
    part: ChildProcess
    armed: str
    marker: Path

    @property
    def place(self) -> str:
        """The name of the place it is armed for."""
        return self.armed.partition(":")[0]

    @property
    def is_marked(self) -> bool:
        """Whether it came to its place."""
        return self.marker.exists()

    @property
    def is_reading(self) -> bool:
        """Whether it says that it reads."""
        return _READING in self.said()

    @property
    def is_stopped(self) -> bool:
        """Whether the kernel says that it is stopped."""
        return is_stopped(self.part.process.pid)

    def send(self, number: signal.Signals) -> None:
        """Signal it."""
        self.part.process.send_signal(number)

    def said(self) -> str:
        """Its log."""
        return self.part.log.read_text(errors="replace")

    def marked(self) -> str:
        """The line that it wrote at its place; says which process wrote it.

        Raises:
            AssertionError: another process wrote it, or of another place.
        """
        line = self.marker.read_text().strip()
        assert line == f"{self.place} {self.part.process.pid}", line
        return line


class Crew:
    """Starts workers of one group on one database; all that still runs is ended by `end`."""

    def __init__(self, settings: Settings, directory: Path, *, control: str = "") -> None:
        """`control` names a fault of the program itself (tests.chaos.controls); empty: the product as it is."""
        self.members: list[Member] = []
        self._settings = settings
        self.directory = directory
        self._control = control
        self._started = 0

    @property
    def running(self) -> list[Member]:
        """Those that have not ended, stopped ones among them."""
        return [member for member in self.members if member.part.is_running]

    def start(self, armed: str = "", *, block_records: int = 0, group: str = "") -> Member:
        """Start a worker, armed as `streams.core.failpoints` says."""
        self._started += 1
        name = f"worker-{self._started}"
        self.directory.mkdir(parents=True, exist_ok=True)
        marker = self.directory / f"{name}.marker"
        variables = {
            **environment(self._settings),
            "ZECTO_FAILPOINT": armed,
            "ZECTO_FAILPOINT_LOG": str(marker),
            "CHAOS_CONTROL": self._control,
        }
        if block_records:
            variables["ZECTO_BLOCK_RECORDS"] = str(block_records)
        if group:
            variables["ZECTO_KAFKA_GROUP"] = group
        command = _CONTROLLED if self._control else _WORKER
        part = ChildProcess(name, command, log=self.directory / f"{name}.log", environment=variables)
        member = Member(name=name, part=part, armed=armed, marker=marker)
        self.members.append(member)
        return member

    def end(self) -> None:
        """End them all, stopped ones too."""
        for member in self.members:
            if member.is_stopped:
                member.part.kill()
            member.part.stop()

    def dismiss(self, member: Member) -> None:
        """End one orderly."""
        member.part.stop()


def environment(settings: Settings) -> dict[str, str]:
    """The settings of a run as environment variables."""
    return {
        "ZECTO_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "ZECTO_KAFKA_SECURITY_PROTOCOL": settings.kafka_security_protocol,
        "ZECTO_KAFKA_SASL_MECHANISM": settings.kafka_sasl_mechanism,
        "ZECTO_KAFKA_SASL_USERNAME": settings.kafka_sasl_username,
        "ZECTO_KAFKA_SASL_PASSWORD": settings.kafka_sasl_password.get_secret_value(),
        "ZECTO_KAFKA_GROUP": settings.kafka_group,
        "ZECTO_KAFKA_SESSION_TIMEOUT_S": f"{settings.kafka_session_timeout_s:g}",
        "ZECTO_CLICKHOUSE_URL": settings.clickhouse_url,
        "ZECTO_CLICKHOUSE_DATABASE": settings.clickhouse_database,
    }


def is_stopped(pid: int) -> bool:
    """Whether the kernel says that a process is stopped (T)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except FileNotFoundError:
        return False
