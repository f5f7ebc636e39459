"""What was taken from under the workers, and how the auditor is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.instants import format_instant
from streams.audit.reading import read_archive
from streams.audit.records import TOPICS
from streams.core.settings import Settings
from streams.kafka.archive import TopicArchive

Place = tuple[str, int]

# By how much a hole may be told wider than it is: workers start, notice, and look once a second.
_SLACK_MS: Final = 60_000
_BETWEEN_INCARNATIONS: Final = """
SELECT toUnixTimestamp64Milli(min(first_recorded_at)), toUnixTimestamp64Milli(max(last_recorded_at))
FROM blocks FINAL
WHERE topic = {topic:String} AND state = 'lost' AND first = next
"""


class DifferenceError(AssertionError):
    """The pipeline came to a wrong end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What was taken from under the workers, and archives of what they had read before.

    `spans`: of a partition the offsets [first, next). `recreated`: topics, each with an instant at which it was read to
    its end and one at which it had been created anew.
    """

    spans: Mapping[Place, tuple[int, int]] = field(default_factory=dict)
    recreated: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    archives: Path | None = None


NOTHING_LOST: Final = Lost()


def records_of(settings: Settings, client: Client, lost: Lost) -> list[str]:
    """Where the auditor finds the records: with the broker, or if some were taken, in archives of before and after."""
    if lost.archives is None:
        return []
    for topic in TOPICS:
        archive = TopicArchive(settings, topic)
        archive.write(lost.archives / f"{topic}.ndjson.gz", lambda *_: None)
        archive.close()
    holes = [(topic, *_around(lost.archives, topic, number, *span)) for (topic, number), span in lost.spans.items()]
    holes += [(topic, *_between_incarnations(client, topic, *lived)) for topic, lived in lost.recreated.items()]
    told = [f"{topic}@{format_instant(since_ms)}/{format_instant(until_ms)}" for topic, since_ms, until_ms in holes]
    return ["--dump", str(lost.archives), *(word for one in told for word in ("--lost", one))]


def _between_incarnations(client: Client, topic: str, read_ms: int, created_ms: int) -> tuple[int, int]:
    """Where the ledger says that the hole of a topic created anew lies: around all that was lost, and little wider.

    Its ends are instants of the workers' own looks at the broker, so nobody else can know them to the millisecond.
    """
    since_ms, until_ms = client.query(_BETWEEN_INCARNATIONS, {"topic": topic}).first_row
    if not read_ms - _SLACK_MS <= since_ms <= read_ms or not created_ms <= until_ms <= created_ms + _SLACK_MS:
        raise DifferenceError(
            f"{topic}: lost is [{read_ms}, {created_ms}], and the ledger says [{since_ms}, {until_ms}]"
        )
    return since_ms, until_ms


def _around(archives: Path, topic: str, number: int, first: int, following: int) -> tuple[int, int]:
    """The broker timestamps of the last record before the offsets [first, following), and of the first after them."""
    known = {
        raw.offset: raw.timestamp_ms
        for path in archives.glob(f"{topic}.*gz")
        for raw in read_archive(topic, path)
        if raw.partition == number
    }
    before, after = max(offset for offset in known if offset < first), min(at for at in known if at >= following)
    return known[before], known[after]
