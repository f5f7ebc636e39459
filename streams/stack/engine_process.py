"""Starts the ClickHouse engine's process and waits for the URL that it prints once it answers."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from streams.core.errors import ZectoError
from streams.stack.engine_door import PASSWORD_VARIABLE
from streams.stack.process import ChildProcess

_STOP_S = 60.0


class Engine:
    """A running engine; `url` is its HTTP interface, user and password in it: show `shown` instead."""

    def __init__(self, part: ChildProcess, url: str) -> None:
        self.part = part
        self.url = url
        parts = urlsplit(url)
        self.port = parts.port or 0
        self.password = parts.password or ""
        self.shown = f"{parts.scheme}://{parts.hostname}:{parts.port}"

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """SIGTERM: it gives the requests under way a few seconds, then closes its tables."""
        self.part.stop(timeout_s)


def start_engine(directory: Path, *, log: Path, port: int = 0, memory_mb: int = 2048, password: str = "") -> Engine:
    """Start the engine of this data directory and wait until it answers; without a password it makes one.

    Raises:
        ZectoError: the directory is in use or not writable, the port is taken, or the engine ends (says why).
    """
    command = [sys.executable, "-m", "streams.stack.engine"]
    options = ["--data", str(directory.absolute()), "--port", str(port), "--memory-mb", str(memory_mb)]
    environment = {PASSWORD_VARIABLE: password}
    try:
        part = ChildProcess(
            "ClickHouse engine", [*command, *options], log=log, environment=environment, pipe_output=True
        )
    except OSError as error:
        raise ZectoError(f"cannot write to {log.parent}: {error.strerror}; choose another --data") from None
    output = part.process.stdout
    url = output.readline().decode().strip() if output else ""
    if not url:
        part.stop()
        raise ZectoError(f"the {part.name} did not start: {part.last_words().removeprefix('engine: ')} (see {log})")
    return Engine(part, url)
