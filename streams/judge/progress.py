"""How far all is read: asked before what is judged, so that no count is older than what it is judged by (B5)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS
from schemas.reference import input_topics
from streams.clickhouse.arrow import NO_CUT_MS
from streams.clickhouse.session import Row, rows
from streams.rules.month.inputs import ReadPartition


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProgress:
    """How far every partition is read, and the instant for which that is said."""

    partitions: tuple[ReadPartition, ...]
    as_of_ms: int
    known_before_ms: int
    """What the broker stamped at this instant or later is not known."""
    positions: int
    """How many records are stored and evaluated: it only grows."""
    insertions: Mapping[tuple[str, int], int]
    """How often anything was inserted that months are judged from, by table and UTC month; 0: it is not divided."""
    may_have_lost: bool
    """Whether offsets may have been lost unread (B3)."""

    @property
    def is_cut(self) -> bool:
        """Whether less may be known than is stored."""
        return self.known_before_ms < NO_CUT_MS

    @property
    def over_until(self) -> int:
        """The first minute that is not over for the frontier."""
        return self.frontier_ms() // MINUTE_MS

    def frontier_ms(self, topic: str = "") -> int:
        """The least frontier of all partitions, or of a topic's; 0 where nothing is read."""
        return min((part.frontier_ms or 0 for part in self.partitions if topic in ("", part.topic)), default=0)

    @property
    def minutes_read(self) -> tuple[int, int, int]:
        """How far all is read, in whole minutes: all of it, the receipts, and the instant for which that is said."""
        return self.over_until, self.frontier_ms("carrier.receipts") // MINUTE_MS, self.as_of_ms // MINUTE_MS


def read_progress(client: Client, *, cut_ms: int | None = None) -> ReadProgress:
    """How far all is read now; or, at a cut that all is read to, up to it in every topic (B5)."""
    return _at_cut(cut_ms) if cut_ms is not None else progress_from(rows(client, sql.query("judge_progress"), {}))


def progress_from(found: Sequence[Row]) -> ReadProgress:
    """How far all is read, by rows of `sql/queries/judge_progress.sql`."""
    of = {kind: [row for row in found if row["of"] == kind] for kind in ("frontier", "listing", "insertions", "lost")}
    incarnations = Counter(name for name, _ in {(row["name"], row["topic_id"]) for row in of["frontier"]})
    return ReadProgress(
        partitions=tuple(_partitions(of["listing"], of["frontier"])),
        as_of_ms=max((row["at_ms"] for row in of["listing"]), default=0),
        known_before_ms=NO_CUT_MS,
        positions=sum(row["amount"] for row in of["frontier"]),
        insertions={(row["name"], row["number"]): row["amount"] for row in of["insertions"]},
        may_have_lost=any(row["amount"] for row in of["lost"]) or any(number > 1 for number in incarnations.values()),
    )


def _partitions(listings: Sequence[Row], frontiers: Sequence[Row]) -> Iterator[ReadPartition]:
    """Every partition that the broker lists, no further than the listing itself; a topic without one holds all back."""
    listed = {row["name"]: row for row in listings}
    reached = {(row["topic_id"], row["number"]): row["at_ms"] for row in frontiers}
    for topic in sorted(topic.name for topic in input_topics()):
        listing = listed.get(topic, {"topic_id": "", "number": 0, "at_ms": 0})
        for number in range(max(1, listing["number"])):
            frontier_ms = min(reached.get((listing["topic_id"], number), 0), listing["at_ms"])
            yield ReadPartition(topic=topic, partition=number, frontier_ms=frontier_ms if frontier_ms > 0 else None)


def _at_cut(cut_ms: int) -> ReadProgress:
    parts = (ReadPartition(topic=topic.name, partition=None, frontier_ms=cut_ms) for topic in input_topics())
    return ReadProgress(
        partitions=tuple(parts),
        as_of_ms=cut_ms,
        known_before_ms=cut_ms,
        positions=0,
        insertions={},
        may_have_lost=True,
    )
