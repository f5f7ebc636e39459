"""A ledger rebuilt from archives on the real engine: as it was known, holes and all, and only where nothing else is."""

import asyncio
import gzip
import json
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest
from clickhouse_connect.driver.client import Client

from schemas.closing import Closing, EndOffset
from schemas.raw_value import READ_BYTES
from streams.clickhouse.store import Store
from streams.core.errors import ZectoError
from streams.ingest.outcome_rules import outcome_rules
from streams.kafka.archive import ArchivedRecord, format_line, text_of
from streams.kafka.block import Partition
from streams.operations.archives import ArchiveHole
from streams.operations.rebuild import UNKNOWN_LIFE, RebuildDependencies, Rebuilding, incarnations_of
from streams.rules.identity import content_hash, dead_letter_hash
from tests.integration.ledger_world import Broker

pytestmark = pytest.mark.engine

TOPIC: Final = "api.requests"
NOW_MS: Final = 1_790_000_000_000
THEN_MS: Final = 1_789_000_000_000
NEW: Final = Partition(topic=TOPIC, topic_id="new", number=0)


def _archive(folder: Path, *offsets: int) -> Path:
    path = folder / f"{TOPIC}.ndjson.gz"
    lines = []
    for offset in offsets:
        told = {"request_id": f"r-{offset}", "time": "2026-09-03T10:00:00Z", "service": "sms", "account_id": "a"}
        value = json.dumps({**told, "status": 500} if offset else {"time": 1})
        record = ArchivedRecord(
            topic=TOPIC,
            partition=0,
            offset=offset,
            timestamp_ms=THEN_MS + offset,
            key=None,
            value=value,
            headers=[],
        )
        lines.append(format_line(record) + b"\n")
    path.write_bytes(gzip.compress(b"".join(lines)))
    return path


def _restore(client: Client, file: Path, lost: Collection[ArchiveHole] = (), *, life: str = "old") -> Broker:
    broker = Broker(now_ms=NOW_MS)
    target = RebuildDependencies(
        store=Store(client), outputs=broker, outcome_rules=outcome_rules(), partitions=[NEW], now_ms=lambda: NOW_MS
    )

    async def all_of_it() -> None:
        rebuilding = Rebuilding(target, {TOPIC: life}, lost)
        await rebuilding.refuse_foreign()
        assert await rebuilding.topic(TOPIC, [file], lambda _records: None) > 0
        await rebuilding.end()

    asyncio.run(all_of_it())
    return broker


def _blocks(client: Client) -> list[tuple[object, ...]]:
    return list(
        client.query(
            "SELECT topic_id, first, next, state, records, toUnixTimestamp64Milli(first_recorded_at),"
            " toUnixTimestamp64Milli(last_recorded_at) FROM blocks FINAL ORDER BY topic_id DESC, first, next"
        ).result_rows
    )


def test_records_keep_their_stamps_and_what_followed_is_lost(client: Client, tmp_path: Path) -> None:
    broker = _restore(client, _archive(tmp_path, 0, 1, 2, 5))
    rows = client.query(
        "SELECT partition, offset, toUnixTimestamp64Milli(recorded_at) FROM ledger_requests ORDER BY offset"
    ).result_rows
    assert rows == [(0, offset, THEN_MS + offset) for offset in (1, 2, 5)]
    assert client.query("SELECT requests_platform FROM minutes FINAL").result_rows == [(3,)]
    assert [dead_letter.timestamp_ms for dead_letter in broker.dead_letters] == [THEN_MS]
    assert len(broker.minutes) == 1
    assert _blocks(client) == [
        ("old", 0, 6, "evaluated", 4, THEN_MS, THEN_MS + 5),
        ("new", 0, 0, "lost", 0, THEN_MS + 5, NOW_MS),
    ]


def test_b3_a_large_value_is_restored_as_read(client: Client, tmp_path: Path) -> None:
    value, file = bytes(READ_BYTES + 1), tmp_path / f"{TOPIC}.ndjson.gz"
    records = [
        ArchivedRecord(
            topic=TOPIC,
            partition=0,
            offset=offset,
            timestamp_ms=THEN_MS + offset,
            key=None,
            value=text_of(content),
            headers=[],
        )
        for offset, content in enumerate([value, b"{}", value + b"!"])
    ]
    file.write_bytes(gzip.compress(b"".join(format_line(record) + b"\n" for record in records)))
    broker = _restore(client, file)
    rows = client.query("SELECT content, reason, bytes, offset FROM dead_letters FINAL ORDER BY offset").result_rows
    assert rows == [
        (dead_letter_hash(value), "too_large", len(value), 0),
        (dead_letter_hash(b"{}"), "missing_field", 2, 1),
        (dead_letter_hash(value + b"!"), "too_large", len(value) + 1, 2),
    ]
    large = [dead_letter.large for dead_letter in broker.dead_letters]
    assert [one.size if one else 0 for one in large] == [len(value), 0, len(value) + 1]
    (digest,) = client.query("SELECT sum(digest) FROM blocks FINAL").result_rows[0]
    assert digest == sum(content_hash(one) for one in (value, b"{}", value + b"!")) % 2**64


def test_restoring_twice_changes_nothing(client: Client, tmp_path: Path) -> None:
    file = _archive(tmp_path, 0, 1, 2)
    _restore(client, file)
    before = _blocks(client)
    _restore(client, file)
    assert _blocks(client) == before
    assert client.query("SELECT records FROM minutes FINAL").result_rows == [(2,)]


def test_b3_what_an_archive_lacks_at_its_start_is_lost(client: Client, tmp_path: Path) -> None:
    _restore(client, _archive(tmp_path, 3, 4, 8, 9), [ArchiveHole(TOPIC, THEN_MS + 4, THEN_MS + 8)])
    lost = [
        (first, following) for life, first, following, state, *_ in _blocks(client) if life == "old" and state == "lost"
    ]
    assert lost == [(0, 3), (5, 8)]
    with pytest.raises(ZectoError, match=r"no hole of api\.requests between the two instants"):
        _restore(client, _archive(tmp_path, 3, 4, 8, 9), [ArchiveHole(TOPIC, THEN_MS, THEN_MS + 8)])


def test_a_topic_under_its_own_id_has_no_hole(client: Client, tmp_path: Path) -> None:
    _restore(client, _archive(tmp_path, 0, 1), life="new")
    assert [state for *_, state, _, _, _ in _blocks(client)] == ["evaluated"]


def test_a_ledger_that_has_read_something_else_is_left_alone(client: Client, tmp_path: Path) -> None:
    file = _archive(tmp_path, 0, 1)
    _restore(client, file)
    with pytest.raises(ZectoError, match=r"has read records of api\.requests itself"):
        _restore(client, file, life="another")


def test_the_closings_say_which_topic_incarnation_an_archive_holds() -> None:
    sha256 = "0" * 64
    closing = Closing(
        month="2026-09",
        policy="p",
        number=0,
        cut="2026-10-05T00:00:00Z",
        end_offsets=[EndOffset(topic=TOPIC, topic_id="old", partition=0, offset=1)],
        format=1,
        policy_sha256=sha256,
        codes_sha256={},
        sha256=sha256,
    )
    incarnations = incarnations_of([closing])
    assert (incarnations[TOPIC], incarnations["probes"]) == ("old", UNKNOWN_LIFE)
