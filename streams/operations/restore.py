"""Rebuild a ledger from archives, and the log of closings after it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from clickhouse_connect.driver.client import Client

from schemas.reference import input_topics
from streams.clickhouse.store import Store
from streams.core.clock import now_ms
from streams.core.settings import Settings
from streams.ingest.outcome_rules import outcome_rules
from streams.kafka.archive import bytes_of
from streams.kafka.block import Partition
from streams.kafka.outputs import KafkaPublisher
from streams.kafka.topics import check_topics
from streams.operations.archives import ArchiveHole, find_archives, read_archives
from streams.operations.rebuild import OnProgress, RebuildDependencies, Rebuilding, incarnations_of
from streams.statements.log import STATEMENTS, KafkaClosingLog, read_closing


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredArchives:
    """What a call of `restore` found in the archives: records by input topic, and closings."""

    records: dict[str, int]
    closings: int


async def restore(
    client: Client, settings: Settings, paths: Sequence[Path], lost: Collection[ArchiveHole], on_progress: OnProgress
) -> RestoredArchives:
    """Rebuild the ledger from archives, then the log of closings: nobody closes a month of half a ledger.

    Raises:
        ZectoError: the stack is not empty, an archive cannot be used, or a part does not answer.
    """
    found = find_archives(paths)
    closings = [*read_archives(STATEMENTS, found.get(STATEMENTS, []))]
    effective_closings = [closing for record in closings if (closing := read_closing(bytes_of(record.value)))]
    partitions = _partitions(settings)
    outputs, records = KafkaPublisher(settings), dict[str, int]()
    try:
        target = RebuildDependencies(
            store=Store(client), outputs=outputs, outcome_rules=outcome_rules(), partitions=partitions, now_ms=now_ms
        )
        rebuilding = Rebuilding(target, incarnations_of(effective_closings), lost)
        await rebuilding.refuse_foreign()
        for name in (topic.name for topic in input_topics() if topic.name in found):
            records[name] = await rebuilding.topic(name, found[name], on_progress)
        await rebuilding.end()
    finally:
        outputs.close()
    KafkaClosingLog(settings).restore(closings)
    return RestoredArchives(records=records, closings=len(effective_closings))


def _partitions(settings: Settings) -> list[Partition]:
    return [
        Partition(topic=state.name, topic_id=state.topic_id, number=number)
        for state in check_topics(settings).values()
        for number in range(state.partitions)
    ]
