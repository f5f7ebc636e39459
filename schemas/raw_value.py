"""What is asked of a record's bytes before any field is looked at."""

import re
from typing import Final

from schemas.violations import Reason, Violation

MAX_BYTES: Final = 65_536
"""The longest value that can be a record, in bytes."""

WHOLE_BYTES: Final = 4_128_768
"""The longest value that a dead letter carries whole, in bytes: 64 KiB less than what `sla.dead-letters` takes."""

READ_BYTES: Final = 8_388_608
"""The longest value of which anything is read, in bytes: nobody should need more memory than that for one."""

MAX_DEPTH: Final = 512
"""The most levels of arrays and objects in a record, the record itself being one."""

SHALLOW_BYTES: Final = 2 * MAX_DEPTH
"""Up to this length no value can nest deeper than `MAX_DEPTH` and be JSON."""

# The last quote is optional, so that a string that never ends is matched too, and the work stays linear.
_STRING: Final = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
_BRACKET: Final = re.compile(rb"[][{}]")


def is_utf8(value: bytes) -> bool:
    """Whether the bytes are UTF-8 throughout; quick for ASCII."""
    if value.isascii():
        return True
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_shallow(value: bytes) -> bool:
    """Whether the value nests at most `MAX_DEPTH` levels; brackets within strings are none."""
    if len(value) <= SHALLOW_BYTES or value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return True
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", value)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest <= MAX_DEPTH


def raw_violation(value: bytes | None) -> Violation | None:
    """Why the bytes cannot be a record, whatever they say."""
    if value is None:
        return Violation(reason=Reason.NULL_VALUE, path="$")
    if len(value) > WHOLE_BYTES:
        return Violation(reason=Reason.TOO_LARGE, path="$")
    if len(value) > MAX_BYTES:
        return Violation(reason=Reason.TOO_LONG, path="$")
    if not is_utf8(value):
        return Violation(reason=Reason.NOT_UTF8, path="$")
    if not is_shallow(value):
        return Violation(reason=Reason.TOO_DEEP, path="$")
    return None
