"""The commands of the program, by what they take."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from cyclopts import App

from streams.cli import build_app


def commands_with(parameter: str) -> set[str]:
    """The commands, by their words, that have a parameter of this name."""
    return {words for words, function in _commands(build_app()) if parameter in inspect.signature(function).parameters}


def _commands(app: App, *before: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in app:
        if name.startswith("-"):
            continue
        command = app[name]
        if command.default_command is not None:
            yield " ".join([*before, name]), command.default_command
        yield from _commands(command, *before, name)
