"""What makes two records one (contract I1, I2): keys from content alone."""

import xxhash


def identity_key(record_id: str) -> bytes:
    """The 16 bytes that represent an id within its service and minute: xxh3-128 of its UTF-8, big-endian."""
    key: bytes = xxhash.xxh3_128_digest(record_id.encode())
    return key


def content_hash(value: bytes) -> int:
    """The record's bytes as produced, as an unsigned 64-bit number: xxh3-64, seed 0 (I2)."""
    number: int = xxhash.xxh3_64_intdigest(value)
    return number


def dead_letter_hash(value: bytes | None) -> bytes:
    """The 16 bytes that represent a dead letter: xxh3-128 of its bytes (none for a null value)."""
    key: bytes = xxhash.xxh3_128_digest(value or b"")
    return key
