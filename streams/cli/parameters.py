"""Options that several commands share, and how their values are read."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from cyclopts import Parameter, Token

AsOf = Annotated[str | None, Parameter(name=["--as-of", "--as-known-at"])]
"""An instant that a question is asked as of; the second name is the one that 0.1.0 gave it, and still works."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")


def whole_number(_type: object, tokens: Sequence[Token]) -> int:
    """The number that an argument is, in figures: 1.5 is none that could be rounded to a port.

    Raises:
        ValueError: it is none.
    """
    text = tokens[0].value
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number of at most 18 digits")
    return int(text)


WHOLE: Final = Parameter(converter=whole_number)
"""For every parameter that is an integer; a test looks for one without."""
