"""JSON as RFC 8259 has it and no further: no float ever enters, of equal keys the last counts.

The standard library's decoder is close; what it forgives is refused here: NaN and Infinity, halves of surrogate pairs,
and nesting so deep that whether it can be read would depend on the stack.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Final, NoReturn

MAX_DEPTH: Final = 512
"""The most levels of arrays and objects that are followed."""

_SAFE_DEPTH: Final = 100
_ROOM: Final = 4 * MAX_DEPTH
_INTEGER_CHARS: Final = 20
_EXPONENT_MAX: Final = 400
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LEXEME: Final = re.compile(r'"(?:[^"\\]+|\\.)*"?|[\[\]{}]', re.DOTALL)


class NotJsonError(ValueError):
    """The text is no JSON."""


class OtherNumber:
    """A number that is larger, or written longer, than any that is read here."""


def parse(text: str) -> object:
    """The value of a JSON text.

    Raises:
        NotJsonError: it is none, or nests deeper than `MAX_DEPTH`.
    """
    deep = depth_of(text)
    if deep > MAX_DEPTH:
        raise NotJsonError("nests too deep")
    decoder = _WARY if _HALF.search(text) else _PLAIN
    try:
        if deep <= _SAFE_DEPTH:
            return decoder.decode(text)
        with _room_to_recurse():
            return decoder.decode(text)
    except ValueError as error:
        raise NotJsonError(str(error)) from error


def depth_of(text: str) -> int:
    """How many levels of arrays and objects a JSON text nests; for shallow ones an upper bound will do."""
    brackets = text.count("[") + text.count("{")
    if brackets <= _SAFE_DEPTH:
        return brackets
    depth = deepest = 0
    for lexeme in _LEXEME.findall(text):
        if lexeme in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif lexeme in "]}":
            depth -= 1
    return deepest


@contextmanager
def _room_to_recurse() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _ROOM))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _integer(digits: str) -> object:
    return int(digits) if len(digits) <= _INTEGER_CHARS else _decimal(digits)


def _decimal(text: str) -> object:
    """Exact; whole numbers are integers however they are written."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        return OtherNumber
    if number.adjusted() > _EXPONENT_MAX:
        return OtherNumber
    if number and number.adjusted() < -_EXPONENT_MAX:
        return Decimal(f"1e-{_EXPONENT_MAX}").copy_sign(number)  # its digits are cut off wherever it is kept
    return int(number) if number == number.to_integral_value() else number


def _refuse(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is no JSON")


def _whole_fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    for key, value in pairs:
        _check_whole(key)
        _check_whole(value)
    return dict(pairs)


def _check_whole(value: object) -> None:
    """Refuse text with half of a surrogate pair; objects within have been looked at before."""
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise NotJsonError("half of a surrogate pair")
    elif isinstance(value, list):
        for element in value:
            _check_whole(element)


_PLAIN: Final = json.JSONDecoder(parse_float=_decimal, parse_int=_integer, parse_constant=_refuse)
_WARY: Final = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_refuse, object_pairs_hook=_whole_fields
)
