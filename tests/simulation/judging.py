"""The truth at the end: what was published and counted, against the auditor's own count of all that was not lost."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from streams.audit.codes import read_codes
from streams.audit.collecting import collect
from streams.audit.counting import know
from streams.audit.kept import AuditRecords
from streams.audit.known import (
    ACCEPTED,
    CLAIMED,
    ENROUTE,
    OK,
    OUTCOMES,
    PLATFORM,
    UNKNOWN,
    AuditTraffic,
    Known,
    LostSpan,
)
from streams.audit.policy import AuditSpan, choose_span, read_policies
from streams.audit.reading import Raw, Source
from streams.audit.records import RECEIPTS, REQUESTS
from streams.audit.seen import seen_at
from streams.kafka.outputs import minute_counts
from tests.simulation.counting import COLUMNS, EDITION, SERVICES, Place
from tests.simulation.database import Memory
from tests.simulation.faults import BrokenError
from tests.simulation.log import Log
from tests.simulation.watching import Hole, Meaning, Watch

SPAN: Final = choose_span("2026-09", None, read_policies())
CODES: Final = read_codes()
_PENDING: Final = (ACCEPTED, ENROUTE)
_OUTSIDE: Final = (OK, PLATFORM, UNKNOWN, CLAIMED)
"""Outcomes that are told apart out of scope, too (C5)."""


def judge_end(log: Log, memory: Memory, watch: Watch) -> None:
    """All that was not lost is in the ledger, nothing else is, and every minute counts it right and is published."""
    known = kept_records(log, memory, watch)
    _judge_ledger(known, memory, watch)
    records_of_month = gather_records(known, SPAN)
    _judge_minutes(records_of_month, memory, watch)
    _judge_dead_letters(log, watch)
    _judge_known(log, memory, watch)


def kept_records(log: Log, memory: Memory, watch: Watch) -> list[Raw]:
    """Every record that was ever in the log, but for those that were deleted before anybody read them."""
    kept = []
    live = {(one.partition.topic_id, one.partition.number) for one in log.live()}
    incarnations = _incarnations(log)
    for partition in log.every:
        topic, topic_id, number = partition.partition.topic, partition.partition.topic_id, partition.partition.number
        place = incarnations[topic].index(topic_id)
        is_known = memory.knew((topic_id, number), incarnations[topic][place + 1 :])
        # Whoever took this life's first records for the last ones of the life before tells a hole that begins with
        # them: what was lost just before lies in the lead that every hole has (B3).
        follows_mixed = any((life, number) in watch.mixed for life in incarnations[topic][:place])
        lead_ms = SPAN.policy.lost_lead_ms if follows_mixed else watch.lead_ms
        for record in partition.records:
            if watch.holds(watch.meaning(topic, record.value)):
                kept.append(Raw(topic, number, record.offset, record.timestamp_ms, record.value))
            elif (topic_id, number) in live and not watch.is_lost((topic_id, number), record.offset):
                raise BrokenError(f"a record is neither in the ledger nor lost: {partition.partition} @{record.offset}")
            elif not is_known or (topic_id, number) in watch.mixed:
                # Of a topic's earlier life of which nothing had been written down, or that cannot be told from the new.
                continue
            elif not any(_covers(hole, topic, record.timestamp_ms, lead_ms, watch.lag_ms) for hole in watch.holes):
                raise BrokenError(f"no hole tells of the loss of {partition.partition} @{record.offset} (B3)")
    return kept


def _incarnations(log: Log) -> dict[str, list[str]]:
    """The ids of each topic, the first life first."""
    incarnations: defaultdict[str, list[str]] = defaultdict(list)
    for one in log.every:
        if one.partition.topic_id not in incarnations[one.partition.topic]:
            incarnations[one.partition.topic].append(one.partition.topic_id)
    return incarnations


def _covers(hole: Hole, topic: str, timestamp_ms: int, lead_ms: int, lag_ms: int) -> bool:
    """Whether the hole speaks of this time; it begins at a frontier, and one that nothing followed ends by a clock."""
    return hole.topic == topic and hole.first_ms - lead_ms <= timestamp_ms <= hole.last_ms + lag_ms


def _judge_ledger(known: list[Raw], memory: Memory, watch: Watch) -> None:
    expected = {watch.meaning(raw.topic, raw.value) for raw in known}
    ledgers: dict[str, dict[Any, Any]] = {
        REQUESTS: memory.requests,
        RECEIPTS: memory.receipts,
        "probes": memory.probes,
    }
    held: set[tuple[str, object, object]] = {
        (table, place, key) for table, of in ledgers.items() for place, rows in of.items() for key in rows
    }
    held |= {("dead_letters", None, key) for key in memory.dead_letters}
    held |= {(table, None, key) for table, rows in memory.facts.items() for key in rows}
    if held != expected:
        raise BrokenError(f"the ledger holds what was never produced: {sorted(map(repr, held - expected))[:3]}")


def gather_records(known: list[Raw], span: AuditSpan, lost: Sequence[LostSpan] = ()) -> AuditRecords:
    """By the auditor."""
    source = Source(records=lambda: iter(known), starts={}, lost=lost)
    return collect(source, span.policy, CODES, as_of_ms=0, progress=lambda _topic, _read: None)


def unvouched(log: Log, watch: Watch) -> set[Place]:
    """Service-minutes with a record that a worker put into the ledger and died before the block told of it.

    Read again, it is as any other. Where it was deleted before that, or its topic, it counts all the same: the ledger
    only grows (I2).
    """
    places: dict[Meaning, Place] = {}
    vouched: set[Meaning] = set()
    for partition in log.every:
        for record in partition.records:
            meaning = watch.meaning(partition.partition.topic, record.value)
            if watch.was_read(partition, record.offset) or watch.is_mixed(partition):
                vouched.add(meaning)
            elif meaning.place is not None and watch.holds(meaning):
                places[meaning] = meaning.place
    return {place for meaning, place in places.items() if meaning not in vouched}


def _judge_minutes(records_of_month: AuditRecords, memory: Memory, watch: Watch) -> None:
    known = know(records_of_month, SPAN, seen_at(0))
    counts = {place: of for place, of in known.counts.items() if of.has_record}
    distinct = _distinct(records_of_month)
    found: dict[tuple[str, int], dict[str, Any]] = {
        (SERVICES[service], minute // 60): row for (service, minute), row in memory.minutes.items()
    }
    for place in counts.keys() | found.keys():
        if place not in counts or place not in found:
            raise BrokenError(f"{place}: counted {counts.get(place)}, and stands {found.get(place)}")
        expected = _columns(known, place, distinct[place])
        row = found[place]
        wrong = {
            name: (expected[name], row[name])
            for name in COLUMNS[2:]
            if name in expected and expected[name] != row[name]
        }
        if wrong:
            raise BrokenError(f"{place}: (by the auditor, in minutes) {wrong}")
        published = watch.minutes.get((row["service"], minute_counts(row).minute))
        if published != minute_counts(row):
            raise BrokenError(f"{place}: published {published}, and stands {row}")


def _distinct(records_of_month: AuditRecords) -> dict[tuple[str, int], int]:
    """How many distinct records each service-minute has."""
    found: dict[tuple[str, int], int] = {}
    for of in (records_of_month.requests, records_of_month.receipts, records_of_month.probes):
        for (service, minute, *_), records in of.items():
            distinct = len({record.content for record in records})
            found[service, minute] = found.get((service, minute), 0) + distinct
    return found


def _columns(known: Known, place: tuple[str, int], records: int) -> dict[str, Any]:
    """As much of a row of `minutes` as the auditor's counts tell."""
    counts = known.counts[place]
    names = ("vantages_ok", "vantages_failed", "probes_corrected", "conflicts", "unsourced", "unnamed")
    return {
        "version": EDITION + records,
        "records": records,
        **_traffic("requests", counts.requests, (), _OUTSIDE),
        **_traffic("messages", counts.messages, _PENDING, (*_OUTSIDE, *_PENDING)),
        "requests_collisions": counts.requests.collisions,
        **{name: getattr(counts, name) for name in names},
        "mended": dict(sorted(counts.mended.items())),
        "request_sources": _sources(known, REQUESTS, place),
        "message_sources": _sources(known, RECEIPTS, place),
    }


def _traffic(of: str, traffic: AuditTraffic, pending: Sequence[str], apart: Sequence[str]) -> dict[str, int]:
    told = ("heard", "corrected", "corrected_settled", "corrected_claimed", "corrected_valid")
    return {
        **{f"{of}_{outcome}": traffic.inside.get(outcome, 0) for outcome in (*OUTCOMES, *pending)},
        f"{of}_out_of_scope": sum(traffic.outside.values()),
        **{f"{of}_out_of_scope_{outcome}": traffic.outside.get(outcome, 0) for outcome in apart},
        **{f"{of}_{name}": getattr(traffic, name) for name in told},
    }


def _sources(known: Known, topic: str, place: tuple[str, int]) -> dict[str, int]:
    service, minute = place
    found = {
        source: of[minute]
        for (of_topic, source, of_service), of in known.seen.items()
        if (of_topic, of_service) == (topic, service) and of.get(minute)
    }
    return dict(sorted(found.items()))


def _judge_dead_letters(log: Log, watch: Watch) -> None:
    """Every bad record that was read is set aside whole, with where it came from."""
    for partition in log.every:
        topic, number = partition.partition.topic, partition.partition.number
        for record in partition.records:
            meaning = watch.meaning(topic, record.value)
            if meaning.table != "dead_letters" or not watch.was_read(partition, record.offset):
                continue
            dead_letter = watch.dead_letters.get((topic, number, record.offset, record.timestamp_ms))
            if dead_letter is None or dead_letter.value != record.value:
                raise BrokenError(f"no dead letter has the bytes of {partition.partition} @{record.offset}")


def _judge_known(log: Log, memory: Memory, watch: Watch) -> None:
    """A distinct record is known since its earliest broker timestamp, of those at which it was read."""
    every: defaultdict[Meaning, set[int]] = defaultdict(set)
    read: defaultdict[Meaning, set[int]] = defaultdict(set)
    for partition in log.every:
        for record in partition.records:
            meaning = watch.meaning(partition.partition.topic, record.value)
            every[meaning].add(record.timestamp_ms)
            if watch.was_read(partition, record.offset):
                read[meaning].add(record.timestamp_ms)
    for meaning, timestamps_ms in read.items():
        known_ms = memory.recorded_at_ms(meaning.table, meaning.place, meaning.key)
        if known_ms not in every[meaning] or known_ms > min(timestamps_ms):
            raise BrokenError(f"{meaning} is known since {known_ms}, and was read at {sorted(timestamps_ms)}")
