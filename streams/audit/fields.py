"""What a field of a record may hold: what is kept of it, and whether that is all of it."""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from streams.audit.instants import read_instant

EXACT_MAX: Final = 9_007_199_254_740_991
"""What every reader of JSON holds exactly: the greatest count, code, and duration in milliseconds."""


class FieldRead(NamedTuple):
    """What is kept of a value, None: nothing; and whether that is all of it."""

    kept: object
    is_whole: bool


Reader = Callable[[object], FieldRead]

_FEE: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_NOTHING: Final = FieldRead(None, is_whole=False)


def text(limit: int | None = None) -> Reader:
    """Text, cut at its limit."""

    def read(value: object) -> FieldRead:
        if type(value) is not str:
            return _NOTHING
        is_whole = limit is None or len(value) <= limit
        return FieldRead(value if is_whole else value[:limit], is_whole)

    return read


def named(limit: int) -> Reader:
    """Text that must say something, and may be no longer."""

    def read(value: object) -> FieldRead:
        fits = type(value) is str and 0 < len(value) <= limit
        return FieldRead(value, is_whole=True) if fits else _NOTHING

    return read


def source_name(value: object) -> FieldRead:
    """The source of a manifest: must say something, and is cut at 64 like a record's (I1)."""
    return text(64)(value) if type(value) is str and value else _NOTHING


def identifier(value: object) -> FieldRead:
    """An id of any length, empty ones too (I1)."""
    return FieldRead(value, is_whole=True) if type(value) is str else _NOTHING


def choice(*names: str) -> Reader:
    """One of some texts."""

    def read(value: object) -> FieldRead:
        return FieldRead(value, is_whole=True) if type(value) is str and value in names else _NOTHING

    return read


def whole(least: int, most: int) -> Reader:
    """An integer within bounds, however it is written."""

    def read(value: object) -> FieldRead:
        return FieldRead(value, is_whole=True) if type(value) is int and least <= value <= most else _NOTHING

    return read


def flag(value: object) -> FieldRead:
    """True or false."""
    return FieldRead(value, is_whole=True) if type(value) is bool else _NOTHING


def instant(value: object) -> FieldRead:
    """An instant, in milliseconds (T1)."""
    instant_ms = read_instant(value)
    return _NOTHING if instant_ms is None else FieldRead(instant_ms, is_whole=True)


def duration(least_ms: int = 0, most_ms: int = EXACT_MAX) -> Reader:
    """Milliseconds, whole or not, as microseconds: finer digits are cut off (T1)."""

    def read(value: object) -> FieldRead:
        if not isinstance(value, int | Decimal) or isinstance(value, bool) or not least_ms <= value <= most_ms:
            return _NOTHING
        return FieldRead(int(Fraction(value) * 1_000), is_whole=True)

    return read


def status(value: object) -> FieldRead:
    """0 or 100 to 599."""
    fits = type(value) is int and (value == 0 or 100 <= value <= 599)  # noqa: PLR2004  HTTP
    return FieldRead(value, is_whole=True) if fits else _NOTHING


def state(*names: str) -> Reader:
    """The state of a message, in any letter case; `read` is `delivered`."""

    def read(value: object) -> FieldRead:
        lowered = value.lower() if type(value) is str and value.isascii() else None
        lowered = "delivered" if lowered == "read" else lowered
        return FieldRead(lowered, is_whole=True) if lowered in names else _NOTHING

    return read


def code(value: object) -> FieldRead:
    """A code as text, cut at 64, or a whole number."""
    number = whole(-EXACT_MAX, EXACT_MAX)(value)
    return number if number.is_whole else text(64)(value)


def services(*names: str) -> Reader:
    """A list of services, or of `*` alone: all of them."""

    def read(value: object) -> FieldRead:
        if type(value) is not list or not value:
            return _NOTHING
        if value == ["*"]:
            return FieldRead(names, is_whole=True)
        fits = all(type(name) is str and name in names for name in value)
        return FieldRead(tuple(name for name in names if name in value), is_whole=True) if fits else _NOTHING

    return read


def fees(*names: str) -> Reader:
    """Fees by what they are for: decimal numbers in plain digits, as text."""

    def read(value: object) -> FieldRead:
        fits = type(value) is dict and all(
            name in names and type(fee) is str and _FEE.fullmatch(fee) for name, fee in value.items()
        )
        return FieldRead(value, is_whole=True) if fits else _NOTHING

    return read
