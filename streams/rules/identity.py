"""What makes two records one (contract I1, I2): keys from content alone."""

from typing import Final

import xxhash

FIRST_PART: Final = 1


def identity_key(record_id: str, part: int = FIRST_PART) -> bytes:
    """The 16 bytes that represent an id within its service and minute: xxh3-128 of its UTF-8, big-endian.

    `part` of a message of several parts, less one, is the seed: each part is a message of its own.
    """
    key: bytes = xxhash.xxh3_128_digest(record_id.encode(), seed=part - FIRST_PART)
    return key


def unnamed_key(value: bytes) -> bytes:
    """The same for a record whose id names nothing: the hash of its bytes stands for the id (I1)."""
    key: bytes = xxhash.xxh3_128_digest(value)
    return key


def kept_id(record_id: str, most_characters: int) -> str:
    """An id as it is kept: as it is, or as its hash in hexadecimal if it has more characters than that (I1)."""
    return record_id if len(record_id) <= most_characters else identity_key(record_id).hex()


def content_hash(value: bytes) -> int:
    """The record's bytes as produced, as an unsigned 64-bit number: xxh3-64, seed 0 (I2)."""
    number: int = xxhash.xxh3_64_intdigest(value)
    return number


def dead_letter_hash(value: bytes | None) -> bytes:
    """The 16 bytes that represent a dead letter: xxh3-128 of its bytes (none for a null value)."""
    key: bytes = xxhash.xxh3_128_digest(value or b"")
    return key
