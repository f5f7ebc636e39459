"""Transactions that nobody ends: what lies behind their first record is read by nobody, and no fetch says so.

The broker ends a transaction by itself after the time that its producer asked for, at most
`transaction.max.timeout.ms`; one whose coordinator has lost track of it stays open for good (KIP-664).
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from streams.core.errors import Code, ZectoError
from streams.core.waits import RecordPlace, Waits
from streams.kafka.admin import Admin
from streams.kafka.positions import ReadPositions
from streams.kafka.runs import Tp

_LOOK_EVERY_S: Final = 5.0
_WHAT: Final = "transaction"


class OpenTransactions:
    """Tells `waits` of each partition whose reader stands before an open transaction, until that is over."""

    def __init__(self, admin: Admin, positions: ReadPositions, waits: Waits) -> None:
        self._admin = admin
        self._positions = positions
        self._waits = waits
        self._open: set[RecordPlace] = set()

    async def run(self) -> None:
        """Look every few seconds, until cancelled; who asks the broker for what is read says when it is away."""
        while True:
            with suppress(ZectoError):
                await self.look()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def look(self) -> None:
        """Ask the broker now.

        Raises:
            ZectoError: no broker answers.
        """
        positions = self._positions.read_positions()
        # Stable ends first: what ends meanwhile can only make an end later.
        stable = await asyncio.to_thread(self._admin.stable_ends, positions.keys())
        ends = await asyncio.to_thread(self._admin.end_offsets, positions.keys())
        found = held_up(positions, stable, ends)
        for place in found:
            self._waits.failed(_WHAT, _error(place), place)
        for place in self._open - found:
            self._waits.ended(_WHAT, place)
        self._open = found


def held_up(positions: Mapping[Tp, int], stable: Mapping[Tp, int], ends: Mapping[Tp, int]) -> set[RecordPlace]:
    """The first record of each open transaction that a reader has come to: it is to be read on there, and cannot be."""
    return {
        RecordPlace(topic, partition, stable[topic, partition])
        for (topic, partition), position in positions.items()
        if stable[topic, partition] <= position < ends[topic, partition]
    }


def _error(place: RecordPlace) -> ZectoError:
    return ZectoError(
        f"a transaction begun at {place} is open: what follows it there cannot be read",
        hint="end it, or abort it with kafka-transactions.sh --abort",
        code=Code.TOPIC_UNREADABLE,
    )
