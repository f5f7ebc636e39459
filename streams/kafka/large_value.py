"""What is kept of a value that is too large to be held: enough to count it, and to know it again (B3)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import xxhash

from schemas.raw_value import MAX_BYTES, READ_BYTES

HEAD_BYTES: Final = 1_024
"""How much of its beginning a stand-in carries."""

_STANDS_FOR_BYTES: Final = MAX_BYTES + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeValue:
    """A value of more than `READ_BYTES`, by its size, its hashes and its beginning.

    `beginning` stands among a block's values in its place: one byte longer than any record, so that every decoder
    refuses it for its length. The hashes are those of the whole value.
    """

    size: int
    beginning: bytes
    sha256: bytes
    content: int
    """xxh3-64, as of every record (I2)."""
    dead_letter: bytes
    """xxh3-128, as of every dead letter (B3)."""


def large_value(pieces: Iterable[bytes]) -> LargeValue:
    """The value that these pieces make, none of them kept."""
    sha256, content, dead_letter = hashlib.sha256(), xxhash.xxh3_64(), xxhash.xxh3_128()
    size, beginning = 0, b""
    for piece in pieces:
        for hashing in (sha256, content, dead_letter):
            hashing.update(piece)
        beginning += piece[: max(0, _STANDS_FOR_BYTES - size)]
        size += len(piece)
    return LargeValue(
        size=size,
        beginning=beginning,
        sha256=sha256.digest(),
        content=content.intdigest(),
        dead_letter=dead_letter.digest(),
    )


def held(value: bytes | None) -> tuple[bytes | None, LargeValue | None]:
    """What a block holds of a value: the value, or what stands for a large one."""
    if value is None or len(value) <= READ_BYTES:
        return value, None
    large = large_value([value])
    return large.beginning, large
