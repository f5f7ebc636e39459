"""JSON numbers as they are written: exact, whatever their size and spelling (contract T1)."""

from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation
from typing import Final

EXACT_MOST: Final = 9_007_199_254_740_991
"""2^53 - 1, the greatest whole number that every JSON reader holds exactly; also of a duration's milliseconds."""

MICROSECONDS: Final = 1000
"""In a millisecond."""

_BEYOND: Final = Decimal("1e9999")
_HARDLY: Final = Decimal("1e-9999")
_WHOLE_DIGITS: Final = 400
# No figure of a duration is rounded: it has at most 19 digits before and after the cut, and the rest is cut off.
_CUT: Final = Context(prec=40, rounding=ROUND_DOWN, traps=[])


class NoDurationError(ValueError):
    """A value that is no number, or one that is out of bounds."""


def read_number(text: str) -> Decimal:
    """A JSON number that has a point or an exponent.

    An exponent that no program holds stands as one that is as far out of all bounds, so that nothing has to fail.
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        digits, _, exponent = text.lower().partition("e")
        figure = Decimal(digits)
        if not figure:
            return figure
        return (_HARDLY if exponent.startswith("-") else _BEYOND).copy_sign(figure)


def whole(value: object) -> object:
    """The integer that a number is, however it is written (`200.0`, `2e2`); any other value as it is."""
    if not isinstance(value, Decimal) or value != value.to_integral_value():
        return value
    if value.adjusted() < _WHOLE_DIGITS:
        return int(value)
    # Beyond all bounds by far; written out it could have as many digits as its exponent says.
    return -(10**_WHOLE_DIGITS) if value.is_signed() else 10**_WHOLE_DIGITS


def microseconds(value: object, least_ms: int = 0, most_ms: int = EXACT_MOST) -> int:
    """A duration in milliseconds, whole or not, in microseconds; finer digits are cut off (T1).

    Raises:
        NoDurationError: it is no number, or not within the bounds.
    """
    if type(value) is int and least_ms <= value <= most_ms:
        return value * MICROSECONDS
    if isinstance(value, Decimal) and least_ms <= value <= most_ms:
        return int(_CUT.multiply(value, MICROSECONDS))
    raise NoDurationError
