"""How much is read ahead of the ledger: what bounds the worker's memory."""

import asyncio
from collections import defaultdict

from streams.kafka.runs import Tp

# Of all blocks handed over: the values not yet decoded, and those of dead letters not yet committed.
_IN_FLIGHT_BYTES = 12 * 1024 * 1024
_IN_FLIGHT_BLOCKS = 256


class InFlight:
    """Blocks handed over and not yet settled: bounds how much of them is held, and so how far is read ahead."""

    def __init__(self, *, most_bytes: int = _IN_FLIGHT_BYTES, most_blocks: int = _IN_FLIGHT_BLOCKS) -> None:
        self._most_bytes = most_bytes
        self._most_blocks = most_blocks
        self._blocks: defaultdict[Tp, dict[int, int]] = defaultdict(dict)
        self._bytes = 0
        self._count = 0
        self.freed = asyncio.Event()

    @property
    def room_bytes(self) -> int:
        """How many bytes of values may still be handed over; at most 0 when it is full."""
        return self._most_bytes - self._bytes if self._count < self._most_blocks else 0

    def add(self, tp: Tp, next_offset: int, value_bytes: int) -> None:
        """Count a block that ends at `next_offset`."""
        blocks = self._blocks[tp]
        self._count += next_offset not in blocks
        self._bytes += value_bytes - blocks.get(next_offset, 0)
        blocks[next_offset] = value_bytes

    def shrink(self, tp: Tp, next_offset: int, value_bytes: int) -> None:
        """Of the block that ends at `next_offset` only so many bytes are still held; one that is forgotten stays so."""
        blocks = self._blocks.get(tp, {})
        if next_offset in blocks:
            self._bytes += value_bytes - blocks[next_offset]
            blocks[next_offset] = value_bytes
            self.freed.set()

    def settle(self, tp: Tp, next_offset: int) -> None:
        """Forget the blocks of a partition that end at or before `next_offset`."""
        blocks = self._blocks.get(tp, {})
        for end in [end for end in blocks if end <= next_offset]:
            self._bytes -= blocks.pop(end)
            self._count -= 1
        self.freed.set()

    def clear(self) -> None:
        """Forget all: what was handed over before a rebalance is read again after it, from where the ledger says."""
        self._blocks.clear()
        self._bytes = self._count = 0
        self.freed.set()
