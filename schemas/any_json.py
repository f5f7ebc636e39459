"""JSON of any shape, read without losing a digit of its numbers."""

import re
from typing import Any, Final

import msgspec

from schemas.numbers import read_number

READ_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder of msgspec raises for what is no JSON, or not that of its type."""

_DECODER: Final = msgspec.json.Decoder(float_hook=read_number)

# A string, which is skipped, or a whole number that has more digits than the decoder takes. What stands before or after
# a number that is no JSON stays in the text, so that nothing becomes JSON that was none.
_STRING_OR_LONG_NUMBER: Final = re.compile(rb'"(?:[^"\\]+|\\.)*"?|(?<![-+.\w])(-?)[1-9]\d{400,}(?![-+.\w])', re.DOTALL)


def read_json(value: bytes) -> Any:  # noqa: ANN401
    """The value as plain data: whole numbers as `int`, those with a point or an exponent as `Decimal`.

    A number of more than 400 digits stands as one that is as far out of all bounds.

    Raises:
        one of `READ_ERRORS`: it is no JSON.
    """
    try:
        return _DECODER.decode(value)
    except msgspec.ValidationError:
        return _DECODER.decode(_STRING_OR_LONG_NUMBER.sub(_far_out, value))


def _far_out(match: re.Match[bytes]) -> bytes:
    return match[0] if match[0].startswith(b'"') else match[1] + b"1e9999"
