"""Which closings are effective: the log decides, by its order alone, so everyone who reads it comes to the same.

Of those for one (month, policy, number) the first wins, if its number is the next one and its cut lies after the last.
What cannot be read, or comes out of turn, was never said.
"""

from collections.abc import Iterable, Sequence

import msgspec

from schemas.closing import Closing
from schemas.instants import InstantError, parse_instant

_decode = msgspec.json.Decoder(Closing).decode


def effective(values: Iterable[bytes | None], *, month: str, policy: str) -> Sequence[Closing]:
    """The effective closings of a month under a policy, by number; `values` are the log's, in its order."""
    stand: list[Closing] = []
    for value in values:
        closing = read_closing(value)
        if closing and (closing.month, closing.policy) == (month, policy) and _follows(closing, stand):
            stand.append(closing)
    return stand


def read_closing(value: bytes | None) -> Closing | None:
    """A record of the log; None: it is no closing."""
    try:
        closing = _decode(value or b"")
        cut_ms(closing)
    except (msgspec.DecodeError, InstantError):
        return None
    return closing


def cut_ms(closing: Closing) -> int:
    """The cut of a closing in milliseconds."""
    return parse_instant(closing.cut)


def _follows(closing: Closing, stand: Sequence[Closing]) -> bool:
    return closing.number == len(stand) and (not stand or cut_ms(closing) > cut_ms(stand[-1]))
