"""Whether a run came to the right end: everything read, nothing owed, and every number as the auditor has it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import parse_instant
from schemas.minute_counts import MinuteCounts
from schemas.reference import input_topics
from streams.cli.choices import choose_policy
from streams.clickhouse.client import connect
from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.archive import TopicArchive, bytes_of
from streams.months.month import read_month
from streams.simulate import MonthTruth
from tests.chaos.crew import environment
from tests.chaos.load import pending
from tests.chaos.lost import NOTHING_LOST, DifferenceError, Lost, records_of
from tests.chaos.traffic import Traffic
from tests.chaos.waiting import drain, until

_PROGRAM: Final = (sys.executable, "-c", "from streams.cli import main; main()")
_AGREEMENT: Final = re.compile(r"^agree: .* from (?P<records>[0-9,]+) records .* digest (?P<digest>[0-9a-f]{16})")
_DRAIN_S: Final = 90.0
_COMPLETE_S: Final = 30.0
_BEYOND_ALL: Final = "2200-01-01 00:00:00.000"
_decode_counts = msgspec.json.Decoder(MinuteCounts).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The auditor's month by service, how many records it read, and the digest of the month's set."""

    services: Mapping[str, Mapping[str, object]]
    records: int
    digest: int


def judge(settings: Settings, traffic: Traffic, lost: Lost = NOTHING_LOST) -> int:
    """Wait until all is read, then compare; returns how many records the auditor read.

    Raises:
        DifferenceError: in one line, what is wrong.
    """
    drain(settings, within_s=_DRAIN_S)
    client = connect(settings)
    try:
        if pending(client):
            raise DifferenceError(f"{pending(client)} blocks are still owed")
        _check_coverage(settings, client, lost)
        _check_published(settings, client)
        if traffic.truth is not None:
            _await_complete(client, traffic.month)
        audited = _audit(settings, traffic.month, *records_of(settings, client, lost))
        _check_digest(client, audited, traffic.month)
        _check_truth(audited, traffic.truth)
    finally:
        client.close()
    return audited.records


def _audit(settings: Settings, month: str, *options: str) -> Audited:
    """What `zecto-sla audit` says, as anybody would run it."""
    done = subprocess.run(
        [*_PROGRAM, "audit", month, "--json", *options],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stderr.strip().splitlines() or ["no word"])[-1]
    found = _AGREEMENT.search(said)
    if done.returncode or not found:
        raise DifferenceError(said)
    return Audited(
        services=json.loads(done.stdout)["services"],
        records=int(found["records"].replace(",", "")),
        digest=int(found["digest"], 16),
    )


def _await_complete(client: Client, month: str) -> None:
    choice = choose_policy(month, None)
    until(
        lambda: read_month(client, choice).complete,
        within_s=_COMPLETE_S,
        named=f"a complete {month}",
    )


def _check_coverage(settings: Settings, client: Client, lost: Lost) -> None:
    """The union of `blocks` is every offset that the broker gave out; only what was taken is lost (B3)."""
    admin = Admin(settings)
    states = admin.describe([topic.name for topic in input_topics()])
    places = {(name, number) for name, state in states.items() for number in range(state.partitions)}
    ends = admin.end_offsets(places)
    for (topic, number), end in sorted(ends.items()):
        spans = client.query(
            "SELECT first, next, state FROM blocks FINAL"
            " WHERE topic_id = {topic_id:String} AND partition = {number:UInt32} ORDER BY first, next",
            {"topic_id": states[topic].topic_id, "number": number},
        ).result_rows
        reached = 0
        for first, following, _ in spans:
            if first > reached:
                raise DifferenceError(f"{topic}/{number}: nothing says who read the offsets [{reached}, {first})")
            reached = max(reached, following)
        if reached != end:
            raise DifferenceError(f"{topic}/{number}: blocks reach to {reached}, the partition to {end}")
        told = [(first, following) for first, following, state in spans if state == "lost"]
        expected = [lost.spans[topic, number]] if (topic, number) in lost.spans else []
        expected += [(0, 0)] if topic in lost.recreated else []
        if told != expected:
            raise DifferenceError(f"{topic}/{number}: lost are {expected}, and the ledger says {told}")


def _check_published(settings: Settings, client: Client) -> None:
    """Whoever keeps the greatest version of each key of `sla.minutes` has the counts of ClickHouse."""
    greatest: dict[tuple[str, int], MinuteCounts] = {}
    archive = TopicArchive(settings, "sla.minutes")
    for record in archive.records():
        counts = _decode_counts(bytes_of(record.value) or b"")
        key = counts.service, parse_instant(counts.minute) // 1000
        if key not in greatest or counts.version >= greatest[key].version:
            greatest[key] = counts
    archive.close()
    kept = {key: (counts.version, counts.requests.ok, counts.messages.ok) for key, counts in greatest.items()}
    told = client.query(
        "SELECT service, toUInt32(minute), version, requests_ok, messages_ok FROM minutes FINAL ORDER BY ALL"
    ).result_rows
    stand = {(service, at): tuple(numbers) for service, at, *numbers in told}
    if kept != stand:
        wrong = min(key for key in kept.keys() | stand.keys() if kept.get(key) != stand.get(key))
        raise DifferenceError(f"sla.minutes tells {kept.get(wrong)} of {wrong}, and ClickHouse has {stand.get(wrong)}")


def _check_digest(client: Client, audited: Audited, month: str) -> None:
    """The set of records behind the month is the auditor's, to the byte (I2)."""
    span = choose_policy(month, None).span
    parameters = {"from": span.start_ms // 1000, "to": span.end_ms // 1000, "as_of": _BEYOND_ALL}
    _, told = client.query(sql.query("ledger_digest"), parameters).first_row
    if told != audited.digest:
        raise DifferenceError(f"the ledger's set has the digest {told:016x}, the auditor's {audited.digest:016x}")


def _check_truth(audited: Audited, truth: MonthTruth | None) -> None:
    """What the simulator knows of the month that it told."""
    for service, known in truth.services.items() if truth else ():
        for name, value in msgspec.to_builtins(known).items():
            if audited.services[service][name] != value:
                told = audited.services[service][name]
                raise DifferenceError(f"{service}.{name} is {told}, and the simulator knows that it is {value}")
