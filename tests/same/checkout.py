"""A checkout of the program with its own environment, and a stack that it runs on a directory."""

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from streams.core.settings import Settings

_PATIENCE_S: Final = 120.0
_WAITS: Final = (b"not complete", b"cannot be said yet", b"not read yet")


class CheckoutStack:
    """`up` and `down` of a checkout's own program; it is asked by its command line alone."""

    def __init__(self, checkout: Path, data: Path) -> None:
        self._program = checkout.absolute() / ".venv/bin/zecto-sla"
        self._data = data
        # a checkout that is compared is never written to, not even by the interpreter
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZECTO_")}
        self._environment: Mapping[str, str] = {**inherited, "PYTHONDONTWRITEBYTECODE": "1"}

    def __enter__(self) -> Self:
        self.ask("up", "--detach", "--data", self._data)
        lines = self.ask("env", "--data", self._data).decode().split()
        self._places = dict(line.partition("=")[::2] for line in lines)
        self._environment = {**self._environment, **self._places}
        return self

    def __exit__(self, *_: object) -> None:
        self.ask("down", "--data", self._data)

    def ask(self, *arguments: str | Path) -> bytes:
        """What a command that succeeds prints; one that needs the worker to have read on is asked again."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            done = subprocess.run(
                [self._program, *map(str, arguments)],
                env=self._environment,
                cwd=self._data.parent,
                capture_output=True,
                check=False,
            )
            if done.returncode == 0:
                return done.stdout
            if time.monotonic() > deadline or not any(words in done.stderr for words in _WAITS):
                raise RuntimeError(f"{self._program} {' '.join(map(str, arguments))}: {done.stderr.decode()}")
            time.sleep(0.5)

    def settings(self) -> Settings:
        """Where it is, for this checkout's own clients."""
        return Settings(**{name.removeprefix("ZECTO_").lower(): value for name, value in self._places.items()})  # type: ignore[arg-type]
