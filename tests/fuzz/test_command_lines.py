"""Whatever is typed, a command ends soon, by a code that is documented, and with what was wrong in one line."""

import io
import json
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from streams.core.settings import Settings
from tests.fuzz.command_lines import command_lines, make_files
from tests.unit.cli.running import Ended, run

pytestmark = pytest.mark.stack

_LINES = 100
_MOST_S = 120.0  # a hang, not a busy machine: an audit beside other tests has taken more than 30
_ACTED_ON = frozenset("\x00\x07\x08\x1b\x7f\u202e")  # what a terminal acts on


def _judge(line: list[str], ended: Ended, took_s: float) -> list[str]:
    """What is wrong with how a line ended."""
    said = ended.out + ended.err
    faults = {
        "exit code": ended.code not in (0, 1, 2),
        "fault of ours": "fault of ours" in said or "Traceback" in said,
        "silent": ended.code != 0 and not said.strip(),
        "slow": took_s > _MOST_S,
        "control characters": not _ACTED_ON.isdisjoint(said),
        "not JSON": "--json" in line and ended.code == 2 and not _is_object(ended.err),
    }
    return [name for name, is_so in faults.items() if is_so]


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _run_all(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path, *, seed: int, count: int
) -> Counter[int]:
    make_files(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ZECTO_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.setenv("ZECTO_CLICKHOUSE_URL", settings.clickhouse_url)
    monkeypatch.setenv("ZECTO_CLICKHOUSE_DATABASE", settings.clickhouse_database)
    codes: Counter[int] = Counter()
    wrong = []
    for line in command_lines(seed, count):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}\n")))
        began_s = time.monotonic()
        ended = run(line, monkeypatch)
        codes[ended.code] += 1
        if found := _judge(line, ended, time.monotonic() - began_s):
            wrong.append((found, line, ended))
    assert wrong == []
    return codes


def test_an_odd_command_line_ends_with_its_cause(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    codes = _run_all(settings, monkeypatch, tmp_path, seed=16, count=_LINES)
    # enough of each, or nothing was tried
    assert min(codes[0], codes[2]) > _LINES // 20


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(4))
def test_2000_command_lines_end_with_their_causes(
    seed: int, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _run_all(settings, monkeypatch, tmp_path, seed=seed, count=500)
