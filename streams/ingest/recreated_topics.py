"""A topic that was deleted and created again under its name (B3): its earlier incarnations, up to their ends.

Its partitions are others than before, and what of the earlier ones was still unread is gone. Nobody will be assigned
those again, so whoever takes over the new ones finishes what was stored of the old.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streams.clickhouse.store import Store
from streams.ingest.encode.encoded_block import BlockRow
from streams.ingest.recover import PENDING_COLUMNS, pending_block
from streams.kafka.block import Partition

# How far each topic was read before: the least over its partitions, each to its last record or to its frontier.
_ENDED: Final = """
SELECT topic, min(read_to_ms) AS read_to_ms
FROM
(
    SELECT topic, partition, max(at) AS read_to_ms
    FROM
    (
        SELECT
            topic, topic_id, partition,
            toUnixTimestamp64Milli(if(state = 'lost', first_recorded_at, last_recorded_at)) AS at
        FROM blocks
        UNION ALL
        SELECT topic, topic_id, partition, toUnixTimestamp64Milli(frontier) AS at FROM frontiers
    )
    WHERE topic IN {topics:Array(String)} AND topic_id NOT IN {topic_ids:Array(String)}
    GROUP BY topic, partition
)
GROUP BY topic
"""

_PENDING: Final = f"""
SELECT topic, topic_id, partition, {PENDING_COLUMNS}
FROM blocks FINAL
WHERE topic IN {{topics:Array(String)}} AND topic_id NOT IN {{topic_ids:Array(String)}} AND state = 'stored'
ORDER BY topic_id, partition, first, next
"""  # noqa: S608  a constant


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierIncarnations:
    """Of topics created anew: the broker timestamp up to which each was read, and the blocks still to be evaluated."""

    read_to_ms: Mapping[str, int]
    pending: Sequence[BlockRow]


async def earlier_incarnations(store: Store, partitions: Collection[Partition]) -> EarlierIncarnations:
    """What ClickHouse knows of other incarnations of the topics of these partitions; as a rule there are none."""
    topics = sorted({partition.topic for partition in partitions})
    asked = {"topics": topics, "topic_ids": sorted({partition.topic_id for partition in partitions})}
    ended = {row["topic"]: row["read_to_ms"] for row in await store.rows(_ENDED, asked)}
    pending = await store.rows(_PENDING, asked) if ended else []
    return EarlierIncarnations(read_to_ms=ended, pending=[pending_block(_partition(row), row) for row in pending])


def _partition(row: Mapping[str, Any]) -> Partition:
    return Partition(topic=row["topic"], topic_id=row["topic_id"], number=row["partition"])
