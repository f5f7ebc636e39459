"""Input topics that were fit when a worker started, and are no longer: deleted, created by another, altered (B5)."""

import asyncio
from typing import Final

from schemas.reference import input_topics
from streams.core.errors import Code, ZectoError
from streams.core.waits import Waits
from streams.kafka.admin import Admin
from streams.kafka.topics import refuse_unfit

_LOOK_EVERY_S: Final = 15.0
_WHAT: Final = "topics"


class TopicWatch:
    """Tells `waits` of a topic that a worker would refuse to start with, until that is mended."""

    def __init__(self, admin: Admin, waits: Waits, *, every_s: float = _LOOK_EVERY_S) -> None:
        self._admin = admin
        self._waits = waits
        self._every_s = every_s

    async def run(self) -> None:
        """Look every few seconds, until cancelled; who asks the broker for what is read says when it is away."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await asyncio.to_thread(self._check)
            except ZectoError as error:
                if error.code in (Code.TOPIC_UNFIT, Code.TOPIC_MISSING):
                    self._waits.failed(_WHAT, error)
            else:
                self._waits.ended(_WHAT)

    def _check(self) -> None:
        known = self._admin.describe([topic.name for topic in input_topics()])
        refuse_unfit(input_topics(), self._admin.configs(known.keys()))
