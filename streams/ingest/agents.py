"""The Faust agents: one an input topic, each of which hands its blocks to the ledger's intake, in order."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import faust

from streams.ingest.pace import Pace
from streams.ingest.ports import Intake

if TYPE_CHECKING:
    from streams.kafka.block import Block


def register(app: faust.App, topics: Collection[str], intake: Intake) -> None:
    """Give the app an agent for each topic."""
    pace = Pace()
    for topic in topics:
        _register(app, topic, intake, pace)


def _register(app: faust.App, topic: str, intake: Intake, pace: Pace) -> None:
    # Raw bytes and no acknowledgement: blocks decode and commit themselves, once they are stored.
    source = app.topic(topic, value_serializer="raw", acks=False)

    @app.agent(source, name=f"intake of {topic}", concurrency=1)  # type: ignore[untyped-decorator]
    async def take(blocks: "faust.Stream[Block]") -> None:
        async for block in blocks:
            await intake.store(block)
            pace.count(block)
