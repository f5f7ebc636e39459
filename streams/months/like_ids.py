"""Messages that are open beside receipts that belong to none, with ids that are alike: most likely one message (I1).

A receipt whose id is written in other letters, in decimal instead of hexadecimal, or whose `submitted_at` lies in
another minute is another identity: the message stays open, and counts against us once its time has passed (C3).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streams.months.explanation import LikeIds
from streams.months.minutes import format_minute
from streams.rules.identity import identity_key

_HEX_DIGITS: Final = frozenset("0123456789abcdef")
_LONGEST_NUMBER: Final = 40
"""An id of more digits is no number that anybody converts."""
_WIDTHS: Final = (8, 16, 32)
"""To how many digits hexadecimal numbers are filled up with zeros."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMessage:
    """A message of a minute (since the epoch) that is open, or that ended and was never accepted.

    `id` is empty where the ledger does not keep it.
    """

    minute: int
    identity: bytes
    part: int
    id: str
    state: str
    ended: bool


def spellings(message_id: str) -> set[str]:
    """How others may write an id: in small letters or capitals, in decimal or hexadecimal, with `0x` or without."""
    plain = message_id.lower().removeprefix("0x")
    found = {message_id, message_id.lower(), message_id.upper(), plain, plain.upper()}
    if plain and len(plain) <= _LONGEST_NUMBER and set(plain) <= _HEX_DIGITS:
        found.add(str(int(plain, 16)))
        if plain.isdecimal():
            found |= _in_hexadecimal(int(plain))
    return found


def wanted_identities(messages: Iterable[OpenMessage]) -> dict[bytes, list[OpenMessage]]:
    """The identities that messages would have if their ids were written otherwise, each with whose they would be."""
    found: dict[bytes, list[OpenMessage]] = {}
    for one in messages:
        keys = {identity_key(spelling, one.part) for spelling in spellings(one.id)} if one.id else set()
        for key in keys | {one.identity}:
            found.setdefault(key, []).append(one)
    return found


def like_ids(
    wanted: Mapping[bytes, Sequence[OpenMessage]], elsewhere: Iterable[OpenMessage]
) -> Iterator[tuple[int, LikeIds]]:
    """Pairs of which one is open and the other ended, each with the minute of the first; `elsewhere` are all found."""
    for other in elsewhere:
        for one in wanted.get(other.identity, ()):
            if one.ended == other.ended or (one.minute, one.identity) == (other.minute, other.identity):
                continue
            yield (
                one.minute,
                LikeIds(
                    id=_name(one),
                    state=one.state,
                    other_id=_name(other),
                    other_minute=format_minute(other.minute),
                    other_state=other.state,
                    difference="another_minute" if one.identity == other.identity else "another_spelling",
                ),
            )


def _in_hexadecimal(number: int) -> set[str]:
    plain = f"{number:x}"
    found = {plain, f"0x{plain}", *(plain.zfill(width) for width in _WIDTHS)}
    return found | {one.upper() for one in found} | {f"0x{plain.upper()}"}


def _name(message: OpenMessage) -> str:
    """Its id, or the hash of it where the ledger keeps no more."""
    return message.id or message.identity.hex()
