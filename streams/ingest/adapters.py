"""What the transport tells the ledger of assignments: by name and number there, by incarnation of the topic here."""

from collections.abc import Iterable, Mapping

import structlog

from streams.ingest.ports import Intake
from streams.kafka.block import Partition
from streams.kafka.runs import Tp

_log = structlog.get_logger("assignment")


class LedgerAdapter:
    """What the transport asks of the ledger: `Assignments`."""

    def __init__(self) -> None:
        self._intake: Intake | None = None
        self._held: dict[Tp, Partition] = {}

    def attach(self, intake: Intake) -> None:
        """Answer with this intake from now on."""
        self._intake = intake

    async def assigned(self, partitions: Mapping[Tp, str]) -> Mapping[Tp, int]:
        """Take partitions over; returns the end of what is stored of each without a gap.

        They may be revoked while this waits for ClickHouse: what went meanwhile is given up again.
        """
        assert self._intake is not None  # noqa: S101  wired before the app starts
        taken = {
            (topic, number): Partition(topic=topic, topic_id=topic_id, number=number)
            for (topic, number), topic_id in partitions.items()
        }
        self._held = dict(taken)
        positions = await self._intake.recover(taken.values())
        await self._intake.release([partition for tp, partition in taken.items() if tp not in self._held])
        _log.info("partitions assigned", partitions=" ".join(f"{topic}/{number}" for topic, number in sorted(taken)))
        return {tp: positions[partition] for tp, partition in taken.items()}

    async def revoked(self, partitions: Iterable[Tp]) -> None:
        """Wait until what was accepted of them is stored and committed."""
        assert self._intake is not None  # noqa: S101  wired before the app starts
        going = [self._held.pop(tp) for tp in set(partitions) & self._held.keys()]
        await self._intake.release(going)
