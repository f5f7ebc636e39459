"""How much a ledger takes in before it is decoded: few blocks, also while those that wait are decoded together."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from clickhouse_connect.driver.client import Client

from streams.ingest.pipeline import Pipeline
from streams.kafka.block import Block
from tests.integration.ledger_world import Broker, dependencies, in_blocks, partition
from tests.unit.ingest.making import record

Result = TypeVar("Result")

# One is decoded while four wait behind it.
_TAKEN = 5
_WHILE_S = 0.3


class Held:
    """Decoding that goes on block by block, as the test says."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = asyncio.Semaphore(0)

    async def __call__(self, call: Callable[[], Result], /) -> Result:
        self.begun += 1
        await self.go_on.acquire()
        return await asyncio.to_thread(call)


async def taken_in(client: Client, blocks: list[Block], decoded: int) -> int:
    """How many blocks a ledger takes in until so many are decoded and the next is under way."""
    held, taken = Held(), 0
    ledger = Pipeline(replace(dependencies(client, Broker()), in_thread=held))
    running = asyncio.ensure_future(ledger.run())

    async def read() -> None:
        nonlocal taken
        for block in blocks:
            await ledger.store(block)
            taken += 1

    await ledger.recover([partition()])
    reading = asyncio.ensure_future(read())
    for done in range(decoded + 1):
        while held.begun <= done:  # noqa: ASYNC110  the ledger does not call back
            await asyncio.sleep(0.01)
        await asyncio.sleep(_WHILE_S)  # whatever else would be taken in is taken in by then
        if done < decoded:
            held.go_on.release()
    for task in (reading, running):
        task.cancel()
    await asyncio.gather(reading, running, return_exceptions=True)
    return taken


def test_a_block_is_taken_in_for_each_that_is_decoded(client: Client) -> None:
    blocks = in_blocks("api.requests", [record("api.requests", request_id=f"r-{n}") for n in range(16)], [1] * 15)
    assert asyncio.run(taken_in(client, blocks, 0)) == _TAKEN
    assert asyncio.run(taken_in(client, blocks, 1)) == _TAKEN + 1
    assert asyncio.run(taken_in(client, blocks, 2)) == _TAKEN + 2
