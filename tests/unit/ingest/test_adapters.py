"""Between the transport and the ledger: who holds what while assignments come and go."""

import asyncio
from collections.abc import Collection, Mapping

from streams.ingest.adapters import LedgerAdapter
from streams.ingest.ports import Intake
from streams.kafka.block import Block, Partition

ONE, TWO = ("api.requests", 0), ("api.requests", 1)


class SlowIntake(Intake):
    """A ledger that waits for ClickHouse until it is told that it answers."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.held: set[Partition] = set()

    async def store(self, block: Block) -> None:
        raise NotImplementedError

    async def recover(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        await self.answers.wait()
        self.held |= set(partitions)
        return dict.fromkeys(partitions, 7)

    async def release(self, partitions: Collection[Partition]) -> None:
        self.held -= set(partitions)

    async def close(self) -> None:
        raise NotImplementedError


def test_partitions_revoked_during_takeover_are_given_up() -> None:
    async def assign_and_revoke() -> tuple[Mapping[tuple[str, int], int], set[Partition]]:
        side, intake = LedgerAdapter(), SlowIntake()
        side.attach(intake)
        assigning = asyncio.ensure_future(side.assigned({ONE: "id", TWO: "id"}))
        await asyncio.sleep(0)
        await side.revoked([TWO])
        intake.answers.set()
        return await assigning, intake.held

    told, held = asyncio.run(assign_and_revoke())
    assert told == {ONE: 7, TWO: 7}
    assert held == {Partition(topic="api.requests", topic_id="id", number=0)}
