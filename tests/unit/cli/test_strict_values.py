"""A value is what it says or is refused: nothing is rounded, and nothing empty stands for nothing named."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from cyclopts import App

from streams.cli import build_app
from streams.cli.parameters import whole_number
from tests.unit.cli.running import run


def _arguments(app: App) -> Iterator[tuple[str, Any]]:
    for name in app:
        if name.startswith("-"):  # --help, --version
            continue
        command = app[name]
        if isinstance(command, App) and command.default_command is not None:
            for argument in command.assemble_argument_collection():
                yield f"{' '.join(command.name)} {argument.name}", argument
        if isinstance(command, App):
            yield from _arguments(command)


def test_every_integer_is_read_in_figures() -> None:
    integers = {
        name: argument.parameter.converter
        for name, argument in _arguments(build_app())
        if int in (argument.hint, *get_args(argument.hint))
    }
    assert len(integers) > 10
    assert [name for name, converter in integers.items() if converter is not whole_number] == []


@pytest.mark.parametrize("number", ["1.5", "0x10", "٣", " 3", "1_000", "", "nan", "1e3", "9" * 30])
@pytest.mark.parametrize(
    "command",
    [
        ("web", "--port"),
        ("up", "--data", "/dev/null/x", "--kafka-port"),
        ("statements", "2026-09"),
        ("simulate", "-o", "/dev/null/x", "--seed"),
        ("demo", "--data", "/dev/null/x", "--records"),
        ("evidence", "sms", "2026-09-03T10:00Z", "2026-09-03T10:01Z", "-o", "x", "--each"),
    ],
    ids=lambda command: command[0],
)
def test_a_number_is_never_rounded(command: tuple[str, ...], number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = run((*command, number), monkeypatch)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "whole number" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "2026-09", "--as-of", ""),
        ("audit", "2026-09", "--against", ""),
        ("audit", "2026-09", "--policy", ""),
        ("evidence", "sms", "2026-09-03T10:00Z", "2026-09-03T10:01Z", "-o", "x", "--as-of", ""),
        ("month", "2026-09", "--as-of", ""),
        ("month", "2026-09", "--policy", ""),
        ("claims", "list", "--month", ""),
        ("statements", "--policy", ""),
        ("statements", "--policy", "zecto-9.9"),
        ("minutes", "sms", "2000-01-01T00:00Z", "2000-03-04T00:00Z"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_wrong_use(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZECTO_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("ZECTO_CLICKHOUSE_URL", "http://127.0.0.1:1")
    ended = run(arguments, monkeypatch)
    assert (ended.code, ended.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("arguments", [("a\nb",), ("claims", "a\nb"), ("import", "--service", "a\nb")], ids=len)
def test_a_line_break_in_an_argument_ends_no_error(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    ended = run(arguments, monkeypatch)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert r'"a\nb"' in ended.err


def test_an_error_before_the_broker_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = run(("up", "--data", "/dev/null/x"), monkeypatch)
    assert ended.err.startswith("zecto-sla: ")
    assert ended.err.count("\n") == 1
