"""Ids of many records at once: as they are kept, and the bytes that represent them (contract I1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import xxhash

from schemas.ids import ID_CHARACTERS, LONGEST_NOTHING, names_nothing
from streams.rules.identity import FIRST_PART, identity_key, kept_id, unnamed_key


@dataclass(frozen=True, slots=True)
class NamedIds:
    """Ids as they are kept, the digests that represent them, and the positions of those that named nothing."""

    kept: list[str]
    digests: list[bytes]
    unnamed: list[int] = field(default_factory=list)


def name_ids(ids: list[str], parts: Sequence[int | None], values: Sequence[bytes]) -> NamedIds:
    """What stands for the ids of these records; a hash of its bytes for one that names nothing.

    `parts` of their messages, None for the first; empty for records that have none.
    """
    named = NamedIds(ids, _digests(ids, parts))
    if ids and not _are_plain(ids):
        for position, record_id in enumerate(ids):
            if names_nothing(record_id):
                named.unnamed.append(position)
                named.digests[position] = unnamed_key(values[position])
                named.kept[position] = named.digests[position].hex()
            else:
                named.kept[position] = kept_id(record_id, ID_CHARACTERS)
    return named


def _digests(ids: Sequence[str], parts: Sequence[int | None]) -> list[bytes]:
    if set(parts) <= {None, FIRST_PART}:
        return [*map(xxhash.xxh3_128_digest, map(str.encode, ids))]
    return [identity_key(record_id, part or FIRST_PART) for record_id, part in zip(ids, parts, strict=True)]


def _are_plain(ids: Sequence[str]) -> bool:
    lengths = [*map(len, ids)]
    return max(lengths) <= ID_CHARACTERS and min(lengths) > LONGEST_NOTHING and not any(map(str.isspace, ids))
