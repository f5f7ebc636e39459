"""What a worker is stuck at, said where a person looks: in its log, and at the broker for `zecto-sla doctor`.

The broker keeps a note beside each committed offset. It holds what keeps the worker from going on at that partition,
outlives the worker, and goes with the next commit.
"""

import asyncio
from typing import Final

import structlog

from streams.core.settings import Settings
from streams.core.waits import Key, Wait, Waits
from streams.kafka.positions import ReadPositions
from streams.kafka.stuck_notes import StuckNote, write_note

_LOOK_EVERY_S: Final = 1.0
_SAY_AGAIN_S: Final = 300.0
_NOTE_AGAIN_S: Final = 10.0

_log = structlog.get_logger("worker")


class StuckReport:
    """Run it beside the pipeline, and `last_words` when that ends."""

    def __init__(self, waits: Waits, positions: ReadPositions, settings: Settings) -> None:
        self._waits = waits
        self._positions = positions
        self._after_ms = int(settings.stuck_after_s * 1000)
        self._said: dict[Key, float] = {}
        self._noted_at_s = 0.0

    async def run(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def look(self) -> None:
        """Say what is stuck now, and what is not any more."""
        stuck = self._waits.longer_than(self._after_ms)
        await self._say(stuck)
        for key in self._said.keys() - stuck.keys():
            del self._said[key]
            what, place = key
            _log.info("no longer stuck", at=what, record=str(place or ""))
            await self._positions.note(place, "")

    async def last_words(self) -> None:
        """Leave a note of whatever is waited for: nobody is there to say it later."""
        for wait in self._waits.longer_than(0).values():
            await self._positions.note(wait.place, _note(wait))

    async def _say(self, stuck: dict[Key, Wait]) -> None:
        now_s = asyncio.get_running_loop().time()
        due = [key for key in stuck if now_s - self._said.get(key, -_SAY_AGAIN_S) >= _SAY_AGAIN_S]
        for what, place in due:
            wait = stuck[what, place]
            words = {"error": str(wait.error), "code": wait.error.code.value, "since": wait.since_ms}
            _log.error("stuck, and still trying", at=what, record=str(place or ""), **words)
            self._said[what, place] = now_s
        if stuck and (due or now_s - self._noted_at_s >= _NOTE_AGAIN_S):
            self._noted_at_s = now_s
            for wait in stuck.values():
                await self._positions.note(wait.place, _note(wait))


def _note(wait: Wait) -> str:
    note = StuckNote(since_ms=wait.since_ms, code=wait.error.code.value, message=str(wait.error), record=wait.place)
    return write_note(note)
