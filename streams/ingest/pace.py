"""How fast a worker reads: a line about every ten seconds for as long as there is something to read."""

import time

import structlog

from streams.kafka.block import Block

_EVERY_S = 10.0

_log = structlog.get_logger("pace")


class Pace:
    """Counts blocks as they are handed over; quiet when nothing comes."""

    def __init__(self) -> None:
        self._records = 0
        self._blocks = 0
        self._since_s = 0.0

    def count(self, block: Block) -> None:
        """Take a block into account, and say how it goes if it is time to."""
        now_s = time.monotonic()
        if not self._blocks:
            self._since_s = now_s
        self._blocks += 1
        self._records += len(block.values)
        elapsed_s = now_s - self._since_s
        if elapsed_s >= _EVERY_S:
            _log.info(
                "reading", records=self._records, blocks=self._blocks, per_second=round(self._records / elapsed_s)
            )
            self._records = self._blocks = 0
