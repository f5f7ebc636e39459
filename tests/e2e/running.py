"""The program as its users call it: a subprocess with the environment of a stack."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from streams.stack.stack import EmbeddedStack

_COMMAND = (sys.executable, "-c", "from streams.cli import main; main()")


def zecto(stack: EmbeddedStack, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end, whatever it returns."""
    return subprocess.run(
        [*_COMMAND, *map(str, arguments)],
        env={**os.environ, **stack.environment()},
        capture_output=True,
        check=False,
        timeout=900,
    )


def output(stack: EmbeddedStack, *arguments: str | Path) -> bytes:
    """What a command that succeeds prints on stdout."""
    done = zecto(stack, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def parsed(stack: EmbeddedStack, *arguments: str | Path) -> Any:  # noqa: ANN401  any JSON
    """The JSON that a command prints."""
    return json.loads(output(stack, *arguments, "--json"))
