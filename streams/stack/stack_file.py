"""`DIR/stack.json`: where a running stack is reached, and exactly which processes it consists of.

A process is named by its id and its start: ids are used again, so `down` ends only what both still fit.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from streams.core.errors import Code, ZectoError

# the kernel's ticks and the boot time behind a process's start are read apart: allow for their rounding
_SAME_START_S = 2.0


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A process: what it is for, its id, and when it started (seconds since the epoch)."""

    name: str
    pid: int
    started_s: float

    def process(self) -> psutil.Process | None:
        """The process itself, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_s) < _SAME_START_S
            return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class RunningStack(msgspec.Struct, frozen=True, kw_only=True):
    """What `stack.json` holds."""

    version: Literal[1]
    supervisor: Identity
    parts: tuple[Identity, ...]
    environment: dict[str, str]


class StackFile:
    """`stack.json` of one data directory; written whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._path = directory / "stack.json"

    def write(self, environment: dict[str, str], parts: Iterable[Identity]) -> None:
        """Say what runs; the caller is its supervisor."""
        supervisor = identity_of("up", psutil.Process().pid)
        stack = RunningStack(version=1, supervisor=supervisor, parts=tuple(parts), environment=environment)
        scratch = self._path.with_suffix(".new")
        try:
            # its owner's alone, for the feed's token is in it
            with os.fdopen(os.open(scratch, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(stack)) + b"\n")
            scratch.replace(self._path)
        except OSError as error:
            raise ZectoError(f"cannot write {self._path}: {error.strerror}", code=Code.FILE_UNWRITABLE) from None

    def remove(self) -> None:
        """Say that nothing runs."""
        with suppress(FileNotFoundError, NotADirectoryError):
            self._path.unlink()

    def read(self) -> RunningStack | None:
        """What runs, or ran when its supervisor was killed; None: nothing.

        Raises:
            ZectoError: the file cannot be read.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=RunningStack)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise ZectoError(f"cannot read {self._path}: {error}", code=Code.FILE_UNREADABLE) from None

    def running(self) -> RunningStack:
        """What runs.

        Raises:
            ZectoError: nothing does.
        """
        stack = self.read()
        if stack is None or stack.supervisor.process() is None:
            raise ZectoError(
                f"nothing is up in {self.directory}",
                hint=f"start it with: zecto-sla up --data {self.directory}",
                code=Code.NOTHING_IS_UP,
            )
        return stack


def identity_of(name: str, pid: int) -> Identity:
    """The identity of a process; one that has just ended has no start."""
    try:
        return Identity(name=name, pid=pid, started_s=psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return Identity(name=name, pid=pid, started_s=0.0)
