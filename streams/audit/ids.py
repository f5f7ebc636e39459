"""Which record an id names (I1)."""

from typing import Final

import xxhash

Name = tuple[bool, str, int]
"""What tells one record from another in its service and minute: whether it is told by the hash of its bytes because its
id names nothing, that hash or the id, and the part."""

_NAMELESS: Final = frozenset({"-", "0", "null", "nil", "none", "undefined"})


ID_MAX: Final = 128
ACCOUNT_MAX: Final = 64


def kept_id(whole_id: str, limit: int) -> str:
    """An id as it is kept: the hash of one that is longer than its limit."""
    return whole_id if len(whole_id) <= limit else xxhash.xxh3_128_hexdigest(whole_id.encode())


def is_nameless(record_id: str) -> bool:
    """Whether an id names nothing: a placeholder in any case, or blank."""
    return not record_id.strip() or record_id.lower() in _NAMELESS


def name_of(record_id: str, value: bytes, part: int = 1) -> Name:
    """The name of a record with such an id and bytes."""
    if is_nameless(record_id):
        return True, xxhash.xxh3_128_hexdigest(value), 1
    return False, record_id, part
