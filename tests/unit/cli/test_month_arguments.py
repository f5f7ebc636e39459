"""T3: a month that is none is wrong use, in every command that takes one, before anything is asked."""

import sys
from pathlib import Path

import pytest

from schemas.instants import parse_instant
from streams.cli import main
from streams.simulate import plan
from tests.unit.cli.commands import commands_with

COMMANDS = {
    "month": ["month"],
    "audit": ["audit"],
    "credits": ["credits"],
    "claims list": ["claims", "list", "--month"],
    "claims decide": ["claims", "decide"],
    "close": ["close"],
    "statements": ["statements"],
    "expire": ["expire"],
    "report": ["report", "-o", "reports"],
    "performance": ["performance"],
    "support": ["support"],
    "simulate": ["simulate", "--month"],
}
"""Every command that takes a month, as it is called up to it."""


def test_every_command_with_a_month_is_here() -> None:
    assert commands_with("month") == {*COMMANDS}


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "2026-9", "26-09", "1999-11", "2100-02", "", "2026-09\n", "x"])
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_t3_what_is_no_month_is_wrong_use(
    command: list[str],
    month: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["zecto-sla", *command, month])
    with pytest.raises(SystemExit) as caught:
        main()
    printed = capsys.readouterr()
    assert caught.value.code == 2, printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "YYYY-MM" in printed.err or "2026-09" in printed.err
    assert "fault of ours" not in printed.err


@pytest.mark.parametrize("start", ["2000-01-01T00:00:00Z", "2099-12-30T00:00:00Z"])
def test_t1_traffic_whose_records_leave_time_is_refused(start: str) -> None:
    with pytest.raises(ValueError, match="between 2000-01-05 and 2099-12-30"):
        plan(1, start_ms=parse_instant(start), minutes=1_440, records=10)
