"""Streams that are closed, full or left early change no exit status and bring no traceback."""

import subprocess
import sys

import pytest

_COMMAND = f"exec {sys.executable} -c 'from streams.cli import main; main()' "


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("policy list >&-", 1, "the output cannot be written: Bad file descriptor"),
        ("policy list --json >&-", 1, "Bad file descriptor"),
        ("--help >&-", 1, "Bad file descriptor"),
        ("--help >/dev/full", 1, "No space left on device"),
        ("month 2026-13 2>&-", 2, ""),
        ("month 2026-13 2>/dev/full", 2, ""),
        ("month 2026-13 --json 2>/dev/full", 2, ""),
        ("policy list >&- 2>&-", 1, ""),
        ("policy list <&-", 0, ""),
        ("produce api.requests - <&-", 2, "standard input is closed"),
        ("month 2026-09 --as-of now <&- >&- 2>&-", 2, ""),
    ],
)
def test_a_stream_that_is_not_there_is_told(line: str, code: int, said: str) -> None:
    done = subprocess.run(["/bin/sh", "-c", _COMMAND + line], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == (1 if said else 0)
