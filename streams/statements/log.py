"""The topic `sla.statements`, whose order decides which closing of a month stands."""

from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.closing import Closing
from streams.kafka.archive import TopicArchive, bytes_of
from streams.kafka.producer import Producer
from streams.settings import Settings
from streams.statements.canonical import canonical_json
from streams.statements.standing import standing

STATEMENTS: Final = "sla.statements"


class Log:
    """Asked anew each time; what was acknowledged before a call is in its answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def standing(self, month: str, policy: str) -> Sequence[Closing]:
        """The closings that stand now; later ones may be added, none of these ever changes.

        Raises:
            ZectoError: no broker answers, or it has no such topic.
        """
        archive = TopicArchive(self._settings, STATEMENTS)
        try:
            return standing((bytes_of(record.value) for record in archive.records()), month=month, policy=policy)
        finally:
            archive.close()

    def propose(self, closing: Closing) -> None:
        """Add a closing to the log; returns once every replica in sync has it. Whether it stands, `standing` tells.

        Raises:
            ZectoError: the broker did not take it.
        """
        with Producer(self._settings) as producer:
            key = f"{closing.month}|{closing.policy}".encode()
            producer.send(STATEMENTS, canonical_json(msgspec.to_builtins(closing)), key=key)
