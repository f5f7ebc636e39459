"""What a command prints at its end: one line for people on stderr, or one JSON object on stdout."""

from typing import Any

from streams.cli.printing import print_json, print_line


def print_summary(summary: Any, line: str, *, json: bool) -> None:  # noqa: ANN401  any dataclass or struct
    """Print `summary` as JSON on stdout, or `line` on stderr (stdout stays free for data)."""
    if json:
        print_json(summary)
    else:
        print_line(line, stderr=True)
