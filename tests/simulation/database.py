"""ClickHouse in memory, as far as the ledger asks: sets of rows, and the few named questions by their texts.

What stands for a key is decided as the tables' engines decide it: the earliest known record, the latest state of a
block, the greatest version of a minute, the greatest of each frontier.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple, Protocol, get_args

import pyarrow as pa

import sql
from schemas.carrier_receipt import State
from streams.audit.known import LostSpan
from streams.counting.rows import MAPS
from streams.ingest import recover as recovery
from streams.ingest import recreated_topics as recreation
from streams.ingest.blocks import STATE_NUMBERS
from streams.ingest.encode.numbers import PLAN, STAGE, STATE
from streams.rules.classify import Outcome
from streams.rules.ordering import CountedProbe, CountedReceipt, CountedRequest
from tests.simulation.counting import (
    COLUMNS,
    EDITION,
    OF_KIND,
    SERVICES,
    Place,
    Probe,
    Receipt,
    Request,
    count_kind,
    count_minute,
)
from tests.simulation.faults import BrokenError

Rows = list[dict[str, Any]]
PartitionKey = tuple[str, int]
"""A topic's id and the partition's number."""

_STAGES: Final = {number: name for name, number in STAGE.items()}
_PLANS: Final = {number: name for name, number in PLAN.items()}
_STATES: Final[dict[int, State]] = {number: name for name, number in STATE.items()}  # type: ignore[misc]
_BLOCK_STATES: Final = {number: str(state) for state, number in STATE_NUMBERS.items()}


def month_of(second: int) -> int:
    """By which the ledger and the minutes are partitioned; an insert is whole within one only."""
    return datetime.fromtimestamp(second, UTC).month


@cache
def tally_requests() -> tuple[str, ...]:
    """The questions what requests say, tallied."""
    return tuple(map(sql.tallies, _NAMED))


@cache
def known_records() -> Mapping[str, tuple[sql.Kind, ...]]:
    """The questions how many distinct records there are, each with the kinds it is of."""
    of: Mapping[sql.Known, tuple[sql.Kind, ...]] = {
        "requests": ("requests",),
        "messages_and_probes": ("messages", "probes"),
    }
    return {sql.known(one, by): kinds for one, kinds in of.items() for by in _NAMED}


@cache
def count_kinds() -> Mapping[str, sql.Kind]:
    """The questions what is counted, each with the kind it is of."""
    return {sql.counting(kind, by): kind for kind in get_args(sql.Kind) for by in _NAMED}


@cache
def first_edition_days() -> str:
    """The question what is to be counted again."""
    return sql.query("first_edition_days")


@cache
def uncounted_minutes() -> str:
    """The question which minutes stand for fewer records than there are."""
    return sql.query("uncounted_minutes")


@cache
def changed_minutes() -> tuple[str, ...]:
    """The questions what to publish."""
    return tuple(map(sql.changed, _NAMED))


class Database(Protocol):
    """What a worker's client does, one step of it at a time."""

    def insert(self, table: str, rows: pa.Table) -> None:
        """Write rows; all of them, or none."""

    def table(self, query: str, parameters: Mapping[str, Any]) -> pa.Table:
        """The columns that answer a question."""

    def ask(self, query: str, parameters: Mapping[str, Any]) -> Rows:
        """The rows that answer a question."""


class BlockState(NamedTuple):
    """A row of `blocks` as it stands."""

    number: int
    row: dict[str, Any]
    touched: frozenset[Place]


class Frontier(NamedTuple):
    stored_next: int
    evaluated_next: int
    frontier_ms: int


_RECOUNT: Final = ("service", "minute", "version", "published")
_NO_FRONTIER: Final = Frontier(0, 0, 0)
_NAMED: Final[tuple[sql.Touched, ...]] = ("by_blocks", "by_name")


class Listed(NamedTuple):
    topic_id: str
    partitions: int
    listed_at_ms: int


class Memory:
    """The tables."""

    def __init__(self) -> None:
        self.requests: defaultdict[Place, dict[tuple[bytes, int], Request]] = defaultdict(dict)
        self.receipts: defaultdict[Place, dict[tuple[bytes, int], Receipt]] = defaultdict(dict)
        self.probes: defaultdict[Place, dict[tuple[bytes, int], Probe]] = defaultdict(dict)
        self.dead_letters: dict[tuple[str, bytes, bool], int] = {}
        self.facts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self.blocks: defaultdict[PartitionKey, dict[tuple[int, int], BlockState]] = defaultdict(dict)
        self.minutes: dict[Place, dict[str, Any]] = {}
        self.counted_of: dict[Place, dict[sql.Kind, int]] = {}
        """Of how many distinct records of each kind the count is that stands: of those that came first."""
        self.frontiers: dict[PartitionKey, Frontier] = {}
        self.listings: dict[str, Listed] = {}
        self.recounts: dict[tuple[Place, int], bool] = {}
        self._topics: dict[str, str] = {}
        self.known_before: dict[str, frozenset[PartitionKey]] = {}
        self.stale_evaluations = 0

    # -- writes

    def insert(self, table: str, rows: pa.Table) -> None:
        """Write rows."""
        if table == "minutes":
            self._insert_minutes(rows)
        else:
            self._insert_what_was_read(table, rows)

    def _insert_what_was_read(self, table: str, rows: pa.Table) -> None:
        match table:
            case "ledger_requests":
                self._insert_requests(rows)
            case "ledger_receipts":
                self._insert_receipts(rows)
            case "ledger_probes":
                self._insert_probes(rows)
            case "dead_letters":
                _keep_least(self.dead_letters, zip(*_columns(rows, "topic", "content", "is_null"), strict=True), rows)
            case "blocks":
                self._insert_blocks(rows)
            case "frontiers":
                self._insert_frontiers(rows)
            case "listings":
                self._insert_listings(rows)
            case "recounts":
                for service, minute, version, published in zip(*_columns(rows, *_RECOUNT), strict=True):
                    place = (service, minute), version
                    self.recounts[place] = self.recounts.get(place, False) or published
            case _:
                [contents] = _columns(rows, "content")
                _keep_least(self.facts[table], contents, rows)

    def _insert_requests(self, rows: pa.Table) -> None:
        names = ("revision", "minute_ms", "account_id", "status", "error", "stage", "plan", "source", "outcome")
        for place, key, recorded_at_ms, values, marks in _ledger(rows, names):
            revision, minute_ms, account_id, status, error, stage, plan, source, outcome = values
            counted = CountedRequest(
                content=key[1],
                revision=revision,
                time_ms=place[1] * 1000 + minute_ms,
                account_id=account_id,
                status=status,
                error=error,
                stage=_STAGES[stage],
                plan=_PLANS[plan],
                source=source,
                outcome=Outcome(outcome),
            )
            _keep_earliest(self.requests[place], key, Request(*key, recorded_at_ms, counted, *marks))

    def _insert_receipts(self, rows: pa.Table) -> None:
        names = (
            *("submitted_ms", "resolution_us", "state", "code_system", "code"),
            *("stage", "plan", "source", "outcome"),
        )
        times_ms = _instants(rows, "time")
        for time_ms, (place, key, recorded_at_ms, values, marks) in zip(times_ms, _ledger(rows, names), strict=True):
            submitted_ms, resolution_us, state, code_system, code, stage, plan, source, outcome = values
            counted = CountedReceipt(
                content=key[1],
                submitted_at_ms=place[1] * 1000 + submitted_ms,
                time_ms=time_ms,
                resolution_us=resolution_us,
                state=_STATES[state],
                code_system=code_system,
                code=code,
                stage=_STAGES[stage],
                plan=_PLANS[plan],
                source=source,
                outcome=Outcome(outcome),
            )
            _keep_earliest(self.receipts[place], key, Receipt(*key, recorded_at_ms, counted, *marks))

    def _insert_probes(self, rows: pa.Table) -> None:
        names = ("vantage", "revision", "minute_ms", "ok", "status")
        for place, key, recorded_at_ms, (vantage, revision, minute_ms, ok, status), marks in _ledger(rows, names):
            counted = CountedProbe(
                content=key[1], revision=revision, time_ms=place[1] * 1000 + minute_ms, ok=ok, status=status
            )
            _keep_earliest(self.probes[place], key, Probe(*key, recorded_at_ms, vantage, counted, *marks))

    def _insert_blocks(self, rows: pa.Table) -> None:
        names = ("topic", "topic_id", "partition", "first", "next", "state", "records", "dead_letters")
        more = ("ahead_of_clock", "digest", "touched_service", "touched_minute")
        instants = (_instants(rows, "first_recorded_at"), _instants(rows, "last_recorded_at"))
        for values, first_ms, last_ms in zip(zip(*_columns(rows, *names, *more), strict=True), *instants, strict=True):
            row = dict(zip((*names, *more), values, strict=True))
            row |= {"first_recorded_at_ms": first_ms, "last_recorded_at_ms": last_ms}
            touched = frozenset(zip(row["touched_service"], row["touched_minute"], strict=True))
            of = self.blocks[row["topic_id"], row["partition"]]
            span = (row["first"], row["next"])
            if span not in of or row["state"] >= of[span].number:
                of[span] = BlockState(row["state"], row, touched | (of[span].touched if span in of else frozenset()))

    def _insert_frontiers(self, rows: pa.Table) -> None:
        names = ("topic", "topic_id", "partition", "stored_next", "evaluated_next")
        for topic, topic_id, partition, stored, evaluated, frontier_ms in zip(
            *_columns(rows, *names), _instants(rows, "frontier"), strict=True
        ):
            self._topics[topic_id] = topic
            known = self.frontiers.get((topic_id, partition), _NO_FRONTIER)
            reached = Frontier(stored, evaluated, frontier_ms)
            self.frontiers[topic_id, partition] = Frontier(*map(max, known, reached))

    def _insert_listings(self, rows: pa.Table) -> None:
        columns = _columns(rows, "topic", "topic_id", "partitions")
        for topic, topic_id, partitions, listed_at_ms in zip(*columns, _instants(rows, "listed_at"), strict=True):
            if topic not in self.listings or listed_at_ms >= self.listings[topic].listed_at_ms:
                self.listings[topic] = Listed(topic_id, partitions, listed_at_ms)

    # -- minutes

    def _insert_minutes(self, rows: pa.Table) -> None:
        for counted in rows.to_pylist():
            place = (counted["service"], counted["minute"])
            counted_of = dict(counted.pop("counted_of"))
            row = self._as_it_stands(place, counted)
            assert sum(counted_of.values()) == row["records"]
            # Whoever has seen all that there is has counted what the rules count.
            records = self._records(place)
            if row["version"] == EDITION + sum(map(len, records)) and row != count_minute(place, *records):
                raise BrokenError(f"of {place} was counted {row}, not {count_minute(place, *records)}")
            standing = self.minutes.get(place)
            if standing is None or row["version"] >= standing["version"]:
                self.minutes[place] = row
                self.counted_of[place] = counted_of
            else:
                self.stale_evaluations += 1

    def _as_it_stands(self, place: Place, counted: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **dict.fromkeys(COLUMNS, 0),
            **counted,
            **{name: dict(counted[name]) for name in MAPS},
            "service": SERVICES[place[0]],
            "minute": datetime.fromtimestamp(place[1], UTC),
        }

    def _records(self, place: Place) -> tuple[list[Any], list[Any], list[Any]]:
        requests, receipts, probes = (list(of[place].values()) if place in of else [] for of in self.ledgers())
        return requests, receipts, probes

    def table(self, query: str, parameters: Mapping[str, Any]) -> pa.Table:
        """Answer what is tallied, known or counted of minutes."""
        places = self._touched(**parameters)
        of_kinds = dict(zip(get_args(sql.Kind), self.ledgers(), strict=True))
        if query in tally_requests():
            tallied = [_tally(place, self.requests[place].values()) for place in places if place in self.requests]
            return pa.Table.from_pylist(tallied, _TALLIES)
        if kinds := known_records().get(query):
            known = [
                _known(one, place, of_kinds[one][place]) for one in kinds for place in places if place in of_kinds[one]
            ]
            return pa.Table.from_pylist(known, _KNOWN)
        kind = count_kinds()[query]
        of = of_kinds[kind]
        counted = []
        for place in places:
            if records := list(of[place].values()) if place in of else []:
                numbers, names = count_kind(kind, place, records)
                maps = {name: sorted(found.items()) for name, found in names.items()}
                zeros = dict.fromkeys(OF_KIND[kind], 0)
                counted.append({"service": place[0], "minute": place[1], **zeros, **numbers, **maps})
        return pa.Table.from_pylist(counted, _counts_schema(kind))

    def ledgers(self) -> tuple[dict[Place, Any], dict[Place, Any], dict[Place, Any]]:
        """The records by service-minutes, in the order in which they came: requests, messages, probes."""
        return self.requests, self.receipts, self.probes

    def _touched(
        self, as_of: int, blocks: Sequence[tuple[str, int, int]] = (), minutes: Sequence[Place] = ()
    ) -> list[Place]:
        assert as_of == 2**63 - 1
        places = set(minutes)
        for topic_id, partition, first in blocks:
            for (begins, _), block in self.blocks[topic_id, partition].items():
                if begins == first:
                    places |= block.touched
        return sorted(places)

    # -- questions

    def ask(self, query: str, parameters: Mapping[str, Any]) -> Rows:
        """Answer the questions that the ledger asks; there are seven."""
        if query in changed_minutes():
            places = self._touched(**parameters)
            return [self.minutes[place] for place in places if place in self.minutes]
        if query == uncounted_minutes():
            return self._uncounted(parameters["since"])
        if query == first_edition_days():
            return []
        if query == recovery._CHECKPOINTS:
            asked = sorted(set(parameters["partitions"]))
            return [self._checkpoint(key) for key in asked if key in self.frontiers]
        if query == recreation._ENDED:
            return self._ended(**parameters)
        if query == recreation._PENDING:
            return self._pending_of_earlier(**parameters)
        assert query == recovery._BLOCKS, query
        of = self.blocks[parameters["topic_id"], parameters["partition"]]
        return [
            _restored(of[span])
            for span in sorted(of)
            if span[1] >= parameters["evaluated_next"] or of[span].number == 1
        ]

    def _uncounted(self, since_ms: int) -> Rows:
        held: defaultdict[Place, list[int]] = defaultdict(list)
        for of in self.ledgers():
            for place, rows in of.items():
                held[place] += [row.recorded_at_ms for row in rows.values()]
        versions = {place: row["version"] for place, row in self.minutes.items()}
        found = {
            (place, EDITION + len(known_ms))
            for place, known_ms in held.items()
            if known_ms and max(known_ms) >= since_ms and EDITION + len(known_ms) > versions.get(place, 0)
        }
        pending = {debt for debt, published in self.recounts.items() if not published}
        return [
            {"service": place[0], "minute": place[1], "version": version} for place, version in sorted(found | pending)
        ]

    def _ended(self, topics: Collection[str], topic_ids: Collection[str]) -> Rows:
        for topic_id in topic_ids:
            self.known_before.setdefault(topic_id, frozenset(filter(self.knows, (*self.blocks, *self.frontiers))))
        read_to_ms: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        for (topic_id, number), of in self.blocks.items():
            for block in of.values():
                topic = block.row["topic"]
                if topic in topics and topic_id not in topic_ids:
                    at_ms = block.row["first_recorded_at_ms" if block.number == 3 else "last_recorded_at_ms"]
                    read_to_ms[topic][number] = max(read_to_ms[topic][number], at_ms)
        for (topic_id, number), reached in self.frontiers.items():
            topic = self._topics[topic_id]
            if topic in topics and topic_id not in topic_ids:
                read_to_ms[topic][number] = max(read_to_ms[topic][number], reached.frontier_ms)
        return [{"topic": topic, "read_to_ms": min(of.values())} for topic, of in sorted(read_to_ms.items())]

    def _pending_of_earlier(self, topics: Collection[str], topic_ids: Collection[str]) -> Rows:
        return [
            {"topic": of[span].row["topic"], "topic_id": key[0], "partition": key[1], **_restored(of[span])}
            for key, of in sorted(self.blocks.items())
            for span in sorted(of)
            if of[span].number == 1 and of[span].row["topic"] in topics and key[0] not in topic_ids
        ]

    def knows(self, key: PartitionKey) -> bool:
        """Whether anything was ever written of a partition."""
        return bool(self.blocks.get(key)) or key in self.frontiers

    def knew(self, key: PartitionKey, later: Sequence[str]) -> bool:
        """Whether anything was written of a partition before anybody took over a later life of its topic."""
        taken_over = next((topic_id for topic_id in later if topic_id in self.known_before), None)
        return self.knows(key) and (taken_over is None or key in self.known_before[taken_over])

    def lost(self) -> list[LostSpan]:
        """What the ledger alone knows, and the auditor must be told: between which instants records were lost."""
        return [
            LostSpan(block.row["topic"], block.row["first_recorded_at_ms"], block.row["last_recorded_at_ms"])
            for of in self.blocks.values()
            for block in of.values()
            if _BLOCK_STATES[block.number] == "lost"
        ]

    def recorded_at_ms(self, table: str, place: Place | None, key: Any) -> int | None:  # noqa: ANN401  as the table has it
        """Since when a distinct record is known; None: it is not. The ledgers go by the names of their topics."""
        if table == "dead_letters":
            return self.dead_letters.get(key)
        if place is None:
            return self.facts[table].get(key)
        row = self._ledger_of(table)[place].get(key)
        return None if row is None else row.recorded_at_ms

    def _ledger_of(self, topic: str) -> defaultdict[Place, dict[tuple[bytes, int], Any]]:
        match topic:
            case "api.requests":
                return self.requests
            case "carrier.receipts":
                return self.receipts
            case _:
                return self.probes

    def _checkpoint(self, key: PartitionKey) -> dict[str, Any]:
        names = ("topic_id", "partition", "stored_next", "evaluated_next", "frontier_ms")
        return dict(zip(names, (*key, *self.frontiers[key]), strict=True))


_KNOWN: Final = pa.schema({"of": pa.string(), "service": pa.int8(), "minute": pa.uint32(), "records": pa.uint64()})
_TALLIES: Final = pa.schema(
    {
        "service": pa.int8(),
        "minute": pa.uint32(),
        "records": pa.uint64(),
        "is_plain": pa.uint8(),
        "in_scope": pa.list_(pa.uint8()),
        "outcomes": pa.list_(pa.uint8()),
        "sources": pa.list_(pa.string()),
        "is_unnamed": pa.list_(pa.bool_()),
        "mended_fields": pa.list_(pa.string()),
        "numbers": pa.list_(pa.uint64()),
    }
)


def _tally(place: Place, requests: Collection[Request]) -> dict[str, Any]:
    """A row of the answer what requests say."""
    found = Counter(
        (int(_is_in_scope(one)), int(one.counted.outcome), one.counted.source, one.unnamed, one.mended)
        for one in requests
    )
    columns = [*zip(*found, strict=True), found.values()]
    is_plain = int(len({one.identity for one in requests}) == len(requests))
    row = {"service": place[0], "minute": place[1], "records": len(requests), "is_plain": is_plain}
    return row | {name: list(column) for name, column in zip(_TALLIES.names[len(row) :], columns, strict=True)}


def _known(kind: sql.Kind, place: Place, records: Collection[Any]) -> dict[str, Any]:
    """A row of the answer how many distinct records there are."""
    return {"of": kind, "service": place[0], "minute": place[1], "records": len(records)}


def _is_in_scope(request: Request) -> bool:
    return request.counted.stage == "ga" and request.counted.plan == "paid"


def _counts_schema(kind: sql.Kind) -> pa.Schema:
    columns = dict.fromkeys(OF_KIND[kind], pa.uint64())
    columns |= {name: pa.map_(pa.string(), pa.uint32()) for name in MAPS if name in columns}
    return pa.schema({"service": pa.int8(), "minute": pa.uint32()} | columns)


_RESTORED: Final = ("first", "next", "records", "dead_letters", "ahead_of_clock", "digest")


def _restored(block: BlockState) -> dict[str, Any]:
    pending = block.number == 1
    return {
        **{name: block.row[name] for name in (*_RESTORED, "first_recorded_at_ms", "last_recorded_at_ms")},
        "state": _BLOCK_STATES[block.number],
        "services": block.row["touched_service"] if pending else [],
        "minutes": block.row["touched_minute"] if pending else [],
    }


def _keep_earliest(of: dict[tuple[bytes, int], Any], key: tuple[bytes, int], row: Request | Receipt | Probe) -> None:
    known = of.get(key)
    if known is None or row.recorded_at_ms < known.recorded_at_ms:
        of[key] = row


def _keep_least(of: dict[Any, int], keys: Iterable[Any], rows: pa.Table) -> None:
    for key, recorded_at_ms in zip(keys, _instants(rows, "recorded_at"), strict=True):
        of[key] = min(recorded_at_ms, of.get(key, recorded_at_ms))


def _ledger(
    rows: pa.Table, names: Sequence[str]
) -> list[tuple[Place, tuple[bytes, int], int, tuple[Any, ...], tuple[bool, str]]]:
    """Service-minute, identity with content, when known, the named values, and marks of each row of a ledger table."""
    services, minutes, identities, contents = _columns(rows, "service", "minute", "identity", "content")
    assert set(services) <= SERVICES.keys()
    places = zip(services, minutes, strict=True)
    keys = zip(identities, contents, strict=True)
    values = zip(*_columns(rows, *names), strict=True)
    marks = zip(*_columns(rows, "unnamed", "mended"), strict=True)
    return list(zip(places, keys, _instants(rows, "recorded_at"), values, marks, strict=True))


def _columns(rows: pa.Table, *names: str) -> list[list[Any]]:
    return [rows.column(name).to_pylist() for name in names]


def _instants(rows: pa.Table, name: str) -> list[int]:
    found: list[int] = rows.column(name).cast(pa.int64()).to_pylist()
    return found
