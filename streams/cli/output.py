"""What a command prints at its end: one line for people on stderr, or one JSON object on stdout."""

import sys
from typing import Any

import msgspec


def print_summary(summary: Any, line: str, *, json: bool) -> None:  # noqa: ANN401  any dataclass or struct
    """Print `summary` as JSON on stdout, or `line` on stderr (stdout stays free for data)."""
    if json:
        sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
    else:
        sys.stderr.write(line + "\n")
