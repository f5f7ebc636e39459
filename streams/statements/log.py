"""The topic `sla.statements`, whose order alone decides which closing of a month is effective: all who read it agree.

Of those for one (month, policy, number) the first wins, if its number is the next one and its cut lies after the last.
What cannot be read, or comes out of turn, was never said.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from schemas.closing import Closing
from schemas.instants import InstantError, parse_instant
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.kafka.archive import ArchivedRecord, bytes_of
from streams.kafka.followed_topic import FollowedTopic
from streams.kafka.producer import PATIENCE_S, Producer

STATEMENTS: Final = "sla.statements"

MonthOfPolicy = tuple[str, str]
"""A month and the id of the policy under which it is closed."""

_decode = msgspec.json.Decoder(Closing).decode
_encode = msgspec.json.Encoder(order="sorted").encode  # of records without floats: their canonical JSON


class KafkaClosingLog:
    """Reads the topic once and follows it; what was acknowledged before a call is in its answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = FollowedTopic(settings, STATEMENTS)

    def read_effective(self, month: str, policy: str) -> Sequence[Closing]:
        """The closings that are effective now; later ones may be added, none of these ever changes.

        Raises:
            ZectoError: no broker answers, or it has no such topic.
        """
        return effective(self.read_on(), month=month, policy=policy)

    def read_every_effective(self) -> Mapping[MonthOfPolicy, Sequence[Closing]]:
        """The closings of every month that are effective now, as `read_effective` has those of one.

        Raises:
            ZectoError: no broker answers, or it has no such topic.
        """
        return every_effective(self.read_on())

    def read_on(self) -> list[bytes | None]:
        """Everything the log holds now, in its order.

        Raises:
            ZectoError: no broker answers, or it has no such topic.
        """
        return [bytes_of(record.value) for record in self._topic.read_on()]

    def restore(self, records: Sequence[ArchivedRecord]) -> int:
        """Send what the archive of a log holds, in its order; what is here already is not sent again. Returns how many.

        Raises:
            ZectoError: the log here is another, or the broker did not take it.
        """
        archived = [bytes_of(record.value) for record in records]
        here = self.read_on()
        if here != archived[: len(here)]:
            raise ZectoError(
                f"{STATEMENTS} here holds closings of its own: restore into an empty stack", code=Code.STACK_NOT_EMPTY
            )
        with Producer(self._settings, patience_s=PATIENCE_S) as producer:
            for record, value in zip(records[len(here) :], archived[len(here) :], strict=True):
                producer.send(STATEMENTS, value, key=bytes_of(record.key))
        return len(archived) - len(here)

    def propose(self, closing: Closing) -> None:
        """Add a closing to the log; returns once every replica in sync has it. `read_effective` says whether it counts.

        Raises:
            ZectoError: the broker did not take it.
        """
        with Producer(self._settings, patience_s=PATIENCE_S) as producer:
            key = f"{closing.month}|{closing.policy}".encode()
            producer.send(STATEMENTS, encode_closing(closing), key=key)


def effective(values: Iterable[bytes | None], *, month: str, policy: str) -> Sequence[Closing]:
    """The closings of a month under a policy that stand, by number; `values` are the log's, in its order."""
    return every_effective(values).get((month, policy), [])


def every_effective(values: Iterable[bytes | None]) -> Mapping[MonthOfPolicy, Sequence[Closing]]:
    """The closings that stand, by number, of each month and policy that has any; `values` are the log's, in order."""
    found: dict[MonthOfPolicy, list[Closing]] = {}
    for value in values:
        closing = read_closing(value)
        if closing and _follows(closing, stand := found.get((closing.month, closing.policy), [])):
            found[closing.month, closing.policy] = [*stand, closing]
    return found


def encode_closing(closing: Closing) -> bytes:
    """A closing as the log holds it."""
    return _encode(closing)


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
