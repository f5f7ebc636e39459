"""How much is read ahead of the ledger: what bounds the worker's memory."""

import asyncio
from collections import defaultdict, deque

from streams.kafka.runs import Tp

# The values of all blocks handed over and not yet decoded.
_IN_FLIGHT_BYTES = 12 * 1024 * 1024
_IN_FLIGHT_BLOCKS = 256


class InFlight:
    """Blocks handed over and not yet decoded: bounds how much may be read ahead of the ledger."""

    def __init__(self, *, most_bytes: int = _IN_FLIGHT_BYTES, most_blocks: int = _IN_FLIGHT_BLOCKS) -> None:
        self._most_bytes = most_bytes
        self._most_blocks = most_blocks
        self._blocks: defaultdict[Tp, deque[tuple[int, int]]] = defaultdict(deque)
        self._bytes = 0
        self._count = 0
        self.freed = asyncio.Event()

    @property
    def room_bytes(self) -> int:
        """How many bytes of values may still be handed over; at most 0 when it is full."""
        return self._most_bytes - self._bytes if self._count < self._most_blocks else 0

    def add(self, tp: Tp, next_offset: int, value_bytes: int) -> None:
        """Count a block that ends at `next_offset`."""
        self._blocks[tp].append((next_offset, value_bytes))
        self._bytes += value_bytes
        self._count += 1

    def settle(self, tp: Tp, next_offset: int) -> None:
        """Forget the blocks of a partition that end at or before `next_offset`."""
        waiting = self._blocks.get(tp)
        while waiting and waiting[0][0] <= next_offset:
            self._bytes -= waiting.popleft()[1]
            self._count -= 1
        self.freed.set()

    def clear(self) -> None:
        """Forget all: what was handed over before a rebalance is read again after it, from where the ledger says."""
        self._blocks.clear()
        self._bytes = self._count = 0
        self.freed.set()
