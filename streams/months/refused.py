"""Declarations, accounts and claims that were refused as dead letters: nobody acts on them until they are mended."""

from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.instants import format_instant
from streams.clickhouse.session import rows

_SQL: Final = """
SELECT topic, if(topic = 'accounts', account_id, record_id) AS record_id, reason, path, partition, offset,
    toUnixTimestamp64Milli(recorded_at) AS recorded_ms
FROM dead_letters FINAL
WHERE topic IN ('sla.declarations', 'accounts', 'sla.claims')
    AND recorded_at >= fromUnixTimestamp64Milli({start_ms:Int64})
    AND recorded_at < fromUnixTimestamp64Milli({end_ms:Int64})
ORDER BY recorded_ms, topic, partition, offset, element
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLetter:
    """A record that could not be read: why, where in it, and where it is; no id where that cannot be read either."""

    topic: str
    record_id: str
    reason: str
    path: str
    partition: int
    offset: int
    recorded_ms: int

    def sentence(self) -> str:
        """The same for people."""
        name = f"{self.record_id!r}" if self.record_id else "a record whose id cannot be read"
        return (
            f"{self.topic}: {name} was refused: {self.reason} at {self.path} "
            f"({self.topic}/{self.partition}@{self.offset}, {format_instant(self.recorded_ms)})"
        )


def read_refused(client: Client, start_ms: int, end_ms: int) -> list[RefusedLetter]:
    """Those with a broker timestamp in [start_ms, end_ms), in its order."""
    return [RefusedLetter(**row) for row in rows(client, _SQL, {"start_ms": start_ms, "end_ms": end_ms})]
