"""The topic `sla.statements`, whose order decides which closing of a month is effective."""

from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.closing import Closing
from streams.core.canonical_json import canonical_json
from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.archive import ArchivedRecord, bytes_of
from streams.kafka.followed_topic import FollowedTopic
from streams.kafka.producer import Producer
from streams.statements.effective import effective

STATEMENTS: Final = "sla.statements"


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
            raise ZectoError(f"{STATEMENTS} here holds closings of its own: restore into an empty stack")
        with Producer(self._settings) as producer:
            for record, value in zip(records[len(here) :], archived[len(here) :], strict=True):
                producer.send(STATEMENTS, value, key=bytes_of(record.key))
        return len(archived) - len(here)

    def propose(self, closing: Closing) -> None:
        """Add a closing to the log; returns once every replica in sync has it. `read_effective` says whether it counts.

        Raises:
            ZectoError: the broker did not take it.
        """
        with Producer(self._settings) as producer:
            key = f"{closing.month}|{closing.policy}".encode()
            producer.send(STATEMENTS, canonical_json(msgspec.to_builtins(closing)), key=key)
