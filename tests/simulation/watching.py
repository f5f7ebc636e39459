"""What must hold at every step: no commit beyond the blocks, no frontier beyond what is read and evaluated (B5)."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, get_args

import pyarrow as pa
import xxhash

import sql
from schemas.instants import MINUTE_MS
from schemas.minute_counts import MinuteCounts
from streams.audit.records import understand
from streams.audit.seen import SeenPartition
from streams.ingest.encode.facts import FACT_TABLES
from streams.ingest.encode.numbers import SERVICE
from streams.ingest.ports import RejectedRecord
from streams.kafka.block import Block, Partition
from tests.simulation.counting import Place
from tests.simulation.database import Memory, PartitionKey
from tests.simulation.faults import BrokenError, Event, Faults
from tests.simulation.group import Group
from tests.simulation.log import Appended, Log, PartitionLog, Tp
from tests.simulation.tracing import Trace
from tests.simulation.traffic import BORDER_MS

_LEDGERS: Final = {"api.requests": ("request_id", "time"), "carrier.receipts": ("message_id", "submitted_at")}
_PROBE: Final = ("probe_id", "time")
_KIND_OF_TABLE: Final[Mapping[str, sql.Kind]] = {"api.requests": "requests", "carrier.receipts": "messages"}
_GRACE_MS: Final = 60_000


class Meaning(NamedTuple):
    """Where a record must be found: its table, its service-minute if it has one, its key there."""

    table: str
    place: Place | None
    key: object


def meaning_of(topic: str, value: bytes | None) -> Meaning:
    """By the auditor's reading, which shares nothing with the ledger's."""
    understood = understand(topic, value)
    if understood is None or value is None:
        return Meaning("dead_letters", None, (topic, xxhash.xxh3_128_digest(value or b""), value is None))
    content = xxhash.xxh3_64_intdigest(value)
    if topic in FACT_TABLES:
        return Meaning(FACT_TABLES[topic].name, None, content)
    fields = understood.fields
    id_field, time_field = _LEDGERS.get(topic, _PROBE)
    place = (SERVICE[fields["service"]], fields[time_field] // 60_000 * 60)
    return Meaning(topic, place, (_identity(fields[id_field], fields.get("part", 1)), content))


def _identity(record_id: str, part: int) -> bytes:
    """What stands for an id, and the part of a message, in the ledger (I1); no id of the traffic names nothing."""
    key: bytes = xxhash.xxh3_128_digest(record_id.encode(), seed=part - 1)
    return key


class Hole(NamedTuple):
    """Of a topic, the broker timestamps between which records are told lost."""

    topic: str
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class Gapless:
    """The end of the gapless prefix of spans from 0 on."""

    next: int = 0
    _waiting: list[tuple[int, int]] = field(default_factory=list)

    def add(self, first: int, following: int) -> None:
        heapq.heappush(self._waiting, (first, following))
        while self._waiting and self._waiting[0][0] <= self.next:
            self.next = max(self.next, heapq.heappop(self._waiting)[1])


@dataclass(slots=True)
class Claimed:
    """How far the records of a partition are looked at: those before a frontier that was shown."""

    frontier_ms: int = 0
    looked_at: int = 0


class Watch:
    """Sees every write and every record; raises BrokenError at the first that breaks a rule."""

    def __init__(self, log: Log, group: Group, memory: Memory, faults: Faults, trace: Trace) -> None:
        self._trace = trace
        self._log = log
        self._group = group
        self._memory = memory
        self._faults = faults
        self._claims: defaultdict[PartitionKey, Claimed] = defaultdict(Claimed)
        self._orders: defaultdict[tuple[sql.Kind, Place], dict[object, int]] = defaultdict(dict)
        self._meanings: dict[tuple[str, bytes | None], Meaning] = {}
        self._handed: defaultdict[tuple[Tp, int], set[int]] = defaultdict(set)
        self.stored: defaultdict[PartitionKey, Gapless] = defaultdict(Gapless)
        self.evaluated: defaultdict[PartitionKey, Gapless] = defaultdict(Gapless)
        self.lost: defaultdict[PartitionKey, list[tuple[int, int]]] = defaultdict(list)
        self.holes: list[Hole] = []
        self.shown_ms = 0
        self.lead_ms = 0
        self.lag_ms = 0
        self.mixed: set[PartitionKey] = set()
        self._latest_minutes: defaultdict[PartitionKey, int] = defaultdict(int)
        self.dead_letters: dict[tuple[str, int, int, int], RejectedRecord] = {}
        self.minutes: dict[tuple[str, str], MinuteCounts] = {}
        log.on_append = self.appended

    # -- what the world does

    def appended(self, partition: PartitionLog, record: Appended) -> None:
        """A record newer than a frontier that was shown must not be older than it."""
        claim = self._claims.get(_key(partition))
        seen_ms = max(self.shown_ms, claim.frontier_ms if claim else 0) - self.lead_ms
        if record.timestamp_ms < seen_ms:
            raise BrokenError(f"a record of {record.timestamp_ms} came after the frontier {seen_ms}: {partition}")
        meaning = self.meaning(partition.partition.topic, record.value)
        if meaning.place is not None:
            self._note_order(_key(partition), meaning.place[1])

    def _note_order(self, key: PartitionKey, minute: int) -> None:
        """Counted: whether the record comes out of its time."""
        if minute < self._latest_minutes[key]:
            self._faults.note(Event.REORDERED)
        self._latest_minutes[key] = max(minute, self._latest_minutes[key])
        if minute * 1000 + MINUTE_MS + _GRACE_MS <= self.shown_ms:
            self._faults.note(Event.LATE)
        if minute * 1000 < BORDER_MS <= self.shown_ms:
            self._faults.note(Event.ACROSS_MONTHS)

    # -- what readers do

    def started(self, positions: Mapping[Partition, int]) -> None:
        """Where reading starts, nothing before it is unread: it is stored, or taken by retention.

        A worker that stood still may start with a topic that is no more.
        """
        self._trace.note("reading starts", [(one.topic_id, one.number, at) for one, at in positions.items()])
        for one, position in positions.items():
            partition = self._log[one.topic, one.number]
            if partition.partition == one and position > max(self.stored[_key(partition)].next, partition.start):
                raise BrokenError(f"reading of {one} starts at {position}, and nobody has read what is before")

    def handed_over(self, block: Block, partition: Partition) -> None:
        """Counted: whether the same records come with other borders.

        A reader that has not heard yet that a topic was created anew takes its records for those of before.
        """
        if block.topic_id != partition.topic_id:
            self.mixed.add((block.topic_id, block.partition))
        known = self._handed[(block.topic_id, block.partition), block.first]
        if known and block.next not in known:
            self._faults.note(Event.OTHER_BORDERS)
        known.add(block.next)

    def committed(self, positions: Mapping[Partition, int]) -> None:
        """Commits never run ahead of the blocks."""
        for partition, position in positions.items():
            key = (partition.topic_id, partition.number)
            stored = self.stored[key]
            if position > stored.next and key not in self.mixed:
                raise BrokenError(f"{partition} is committed to {position}, and stored to {stored.next}")

    # -- what goes out

    def letters_published(self, dead_letters: Sequence[RejectedRecord]) -> None:
        """Acknowledged by the broker."""
        for dead_letter in dead_letters:
            self.dead_letters[
                dead_letter.topic, dead_letter.partition, dead_letter.offset, dead_letter.timestamp_ms
            ] = dead_letter

    def minutes_published(self, rows: Sequence[MinuteCounts]) -> None:
        """A compacted topic whose readers keep the greatest version."""
        for row in rows:
            known = self.minutes.get((row.service, row.minute))
            if known is None or row.version >= known.version:
                self.minutes[row.service, row.minute] = row

    # -- what workers write

    def wrote(self, worker: str, step: str, rows: pa.Table) -> None:
        """Rows have reached the database."""
        if step.startswith("insert blocks"):
            self._blocks_written(worker, step, rows)
        elif step == "insert frontiers":
            self._frontiers_written(rows)
            self._look_at_shown()
        elif step == "insert listings":
            self._look_at_shown()

    def _blocks_written(self, worker: str, step: str, rows: pa.Table) -> None:
        names = ("topic", "topic_id", "partition", "first", "next", "state")
        instants = [rows.column(f"{which}_recorded_at").cast(pa.int64()).to_pylist() for which in ("first", "last")]
        for topic, topic_id, number, first, following, state, first_ms, last_ms in zip(
            *(rows.column(name).to_pylist() for name in names), *instants, strict=True
        ):
            key = (topic_id, number)
            self._trace.note("block", *key, first, following, state, first_ms, last_ms)
            self.stored[key].add(first, following)
            if state != 1:
                self.evaluated[key].add(first, following)
            if state == 3:
                self.holes.append(Hole(topic, first_ms, last_ms))
                self._lost_written(topic, key, first, following)
            if self._group.owner((topic, number)) != worker:
                self._faults.note(Event.ZOMBIE_WRITE, step)

    def _lost_written(self, topic: str, key: PartitionKey, first: int, following: int) -> None:
        partition = self._log[topic, key[1]]
        if _key(partition) == key and following > partition.start:
            raise BrokenError(f"{key} is told lost to {following}, and is kept from {partition.start}")
        self.lost[key].append((first, following))

    def _frontiers_written(self, rows: pa.Table) -> None:
        names = ("topic", "topic_id", "partition", "stored_next", "evaluated_next")
        instants = rows.column("frontier").cast(pa.int64()).to_pylist()
        for topic, topic_id, number, stored, evaluated, frontier_ms in zip(
            *(rows.column(name).to_pylist() for name in names), instants, strict=True
        ):
            key = (topic_id, number)
            self._trace.note("frontier", *key, stored, evaluated, frontier_ms)
            if stored > self.stored[key].next or evaluated > self.evaluated[key].next:
                raise BrokenError(
                    f"{key} is told stored to {stored} and evaluated to {evaluated}; "
                    f"it is to {self.stored[key].next} and {self.evaluated[key].next}"
                )
            partition = self._log[topic, number]
            if _key(partition) == key:
                self._look_at(partition, frontier_ms)

    # -- frontiers

    def _look_at_shown(self) -> None:
        shown_ms = self.frontier_ms(self._log.topics)
        if shown_ms > self.shown_ms:
            self.shown_ms = shown_ms
            for partition in self._log.live():
                self._look_at(partition, shown_ms)

    def frontier_ms(self, topics: Collection[str]) -> int:
        """The least frontier of these topics, as the views have it."""
        return min(one.seen_ms for one in self.seen(topics))

    def seen(self, topics: Collection[str]) -> Iterator[SeenPartition]:
        """The frontier of each partition of these topics, and whether it has a backlog, as the views have them."""
        memory, listed_ms = self._memory, self.listed_ms(topics)
        for topic in topics:
            listed = memory.listings.get(topic)
            for number in range(listed.partitions if listed else 1):
                reached = memory.frontiers.get((listed.topic_id, number)) if listed else None
                seen_ms = min(reached.frontier_ms, listed.listed_at_ms) if listed and reached else 0
                has_backlog = seen_ms < listed_ms - _GRACE_MS
                yield SeenPartition(topic=topic, partition=number, seen_ms=seen_ms, has_backlog=has_backlog)

    def listed_ms(self, topics: Iterable[str]) -> int:
        """When any of these topics was listed last."""
        listings = self._memory.listings
        return max((listings[topic].listed_at_ms for topic in topics if topic in listings), default=0)

    def _look_at(self, partition: PartitionLog, frontier_ms: int) -> None:
        """Every record older than the frontier is stored, and the counts of its minute are made from it (B5)."""
        claim = self._claims[_key(partition)]
        claim.frontier_ms = max(claim.frontier_ms, frontier_ms)
        before_ms = claim.frontier_ms - self.lead_ms
        while claim.looked_at < len(partition.records):
            record = partition.records[claim.looked_at]
            if record.timestamp_ms >= before_ms:
                return
            self._look_at_record(partition, record, before_ms)
            claim.looked_at += 1

    def _look_at_record(self, partition: PartitionLog, record: Appended, frontier_ms: int) -> None:
        name = f"{partition.partition} @{record.offset} of {record.timestamp_ms}"
        if self.is_lost(_key(partition), record.offset):
            return
        meaning = self.meaning(partition.partition.topic, record.value)
        if not self.holds(meaning):
            raise BrokenError(f"the frontier {frontier_ms} is beyond an unread record: {name}")
        if meaning.place is None:
            return
        kind, place = _KIND_OF_TABLE.get(meaning.table, "probes"), meaning.place
        counted = self._memory.counted_of.get(place, {}).get(kind, 0)
        if self._came_as(kind, place, meaning.key) >= counted:
            raise BrokenError(
                f"the frontier {frontier_ms} is beyond an unevaluated record: {name}; its minute counts {counted} "
                f"{kind}: {self._memory.minutes.get(place)}"
            )

    def _came_as(self, kind: sql.Kind, place: Place, key: object) -> int:
        """How many distinct records of its kind and minute the ledger had before a record."""
        order = self._orders[kind, place]
        if key not in order:
            of = dict(zip(get_args(sql.Kind), self._memory.ledgers(), strict=True))[kind]
            order.update((one, at) for at, one in enumerate(of[place]))
        return order[key]

    # -- records

    def meaning(self, topic: str, value: bytes | None) -> Meaning:
        """Where a record must be found."""
        found = self._meanings.get((topic, value))
        if found is None:
            found = self._meanings[topic, value] = meaning_of(topic, value)
        return found

    def holds(self, meaning: Meaning) -> bool:
        """Whether the ledger has it."""
        return self._memory.recorded_at_ms(meaning.table, meaning.place, meaning.key) is not None

    def is_mixed(self, partition: PartitionLog) -> bool:
        """Whether blocks of it cannot be told from those of the topic's next life."""
        return _key(partition) in self.mixed

    def was_read(self, partition: PartitionLog, offset: int) -> bool:
        """Whether somebody has read an offset, as the blocks say."""
        if self.is_mixed(partition):
            return False
        return offset < self.stored[_key(partition)].next and not self.is_lost(_key(partition), offset)

    def is_lost(self, key: PartitionKey, offset: int) -> bool:
        """Whether an offset lies in a hole that was written down."""
        return any(first <= offset < following for first, following in self.lost[key])


def _key(partition: PartitionLog) -> PartitionKey:
    return partition.partition.topic_id, partition.partition.number
