"""A data file of one's own that cannot be used is refused before anything starts: one line, exit 1, no traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_COMMAND = (sys.executable, "-c", "from streams.cli import main; main()")
_SCHEMAS = Path(__file__).parents[2] / "schemas"


def _spoil(schemas: Path, file: str, before: str, after: str) -> None:
    path = schemas / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


@pytest.mark.parametrize("command", [("worker",), ("migrate",)])
@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("policies/zecto-1.0.toml", "1/100", "1/0"),
        ("codes/http_status.csv", ",customer,", ",custumer,"),
        ("topics.toml", 'direction = "in"', 'direction = "sideways"'),
    ],
)
def test_an_unusable_data_file_is_named_in_one_line(
    tmp_path: Path, command: tuple[str, ...], file: str, before: str, after: str
) -> None:
    shutil.copytree(_SCHEMAS, tmp_path / "schemas")
    _spoil(tmp_path / "schemas", file, before, after)
    done = subprocess.run(
        [*_COMMAND, *command],
        # Nothing answers there: a command that asks first would say so instead.
        env={**os.environ, "PYTHONPATH": str(tmp_path), "ZECTO_KAFKA_BOOTSTRAP": "127.0.0.1:1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith(f"zecto-sla: {file}")
    assert done.stdout == ""
