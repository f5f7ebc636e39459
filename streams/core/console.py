"""The terminal as commands know it: every text is data, shown as it is, and what looks like markup is not read.

Styles are given apart from the text (`styled`), so that no record can bring its own. Only this module, `tables` and
the progress bars of the commands know rich; a test holds that (tests/unit/house/test_printing.py).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console, Group
from rich.text import Text

from streams.core.shown_text import shown_text

Piece = str | Text
"""A part of a line: data, or data with a style."""

_ANY_WIDTH: Final = 100_000


class TextConsole(Console):
    """A console that takes every string for data: no markup, no emoji names, no highlights, no control characters.

    A file or a pipe is as wide as what is written to it, so that a row is a line there; COLUMNS says otherwise.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  those of rich
        super().__init__(**options, markup=False, emoji=False, highlight=False)
        if "width" not in options and not self.is_terminal and "COLUMNS" not in os.environ:
            self.width = _ANY_WIDTH

    def render_str(self, text: str, *, style: Any = "", **_options: Any) -> Text:  # noqa: ANN401  as rich calls it
        """A string as it is shown, wherever it stands: in a line, a cell, a title."""
        return Text(shown_text(text), style)

    def say(self, *pieces: Piece, style: str = "") -> None:
        """Print one line, which a narrow terminal may show as several; nothing is cut."""
        self.print(line_of(*pieces), style=style, soft_wrap=True)


def styled(text: str, style: str) -> Text:
    """Data with a style."""
    return Text(shown_text(text), style)


def line_of(*pieces: Piece) -> Text:
    """One line of several pieces."""
    return Text().join(styled(piece, "") if isinstance(piece, str) else piece for piece in pieces)


def lines_of(*lines: Piece) -> Group:
    """Lines one below the other, as one cell of a table."""
    return Group(*(line_of(line) for line in lines))


@contextmanager
def status(what: str) -> Iterator[Callable[[str], None]]:
    """Say on a terminal what is being done; what is given is called with what is done next."""
    with TextConsole(stderr=True).status(line_of(what)) as shown:
        yield lambda following: shown.update(line_of(following))
