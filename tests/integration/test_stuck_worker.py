"""What broker or engine refuse is never tried in silence: the worker names it, `doctor` shows it, and it goes again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer as ConfluentProducer

from streams.clickhouse.client import connect
from streams.core.settings import Settings
from streams.kafka.archive import TopicArchive
from streams.kafka.producer import Producer
from streams.kafka.stuck_notes import StuckNote, read_notes
from tests.kafka_topics import alter_topic, bound_topic

pytestmark = pytest.mark.stack

_COMMAND = (sys.executable, "-c", "from streams.cli import main; main()")
_LONG_S = 60.0
_GOOD = b'{"request_id":"r-%d","time":"2026-09-01T12:00:00Z","service":"sms","account_id":"a","status":200}'


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "ZECTO_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "ZECTO_KAFKA_GROUP": settings.kafka_group,
        "ZECTO_KAFKA_SESSION_TIMEOUT_S": "30",
        "ZECTO_CLICKHOUSE_URL": settings.clickhouse_url,
        "ZECTO_CLICKHOUSE_DATABASE": settings.clickhouse_database,
        "ZECTO_STUCK_AFTER_S": "2",
        "ZECTO_LOG_JSON": "true",
        "ZECTO_LOG_LEVEL": "debug",
    }


@contextmanager
def _worker(settings: Settings, log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with (
        log.open("wb") as stderr,
        subprocess.Popen([*_COMMAND, "worker"], env=_environment(settings), stderr=stderr) as process,
    ):
        try:
            _until(lambda: "worker is reading" in log.read_text(), log)
            yield process
        finally:
            process.kill()


def _until(done: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + _LONG_S
    while not done():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@contextmanager
def _open_transaction(settings: Settings, value: bytes) -> "Iterator[ConfluentProducer]":
    producer = ConfluentProducer(
        {"bootstrap.servers": settings.kafka_bootstrap, "transactional.id": "left-open", "log_level": 0}
    )
    producer.init_transactions(_LONG_S)
    producer.begin_transaction()
    producer.produce("api.requests", value, b"k")
    producer.flush(_LONG_S)
    yield producer


def _events(log: Path, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def _send(settings: Settings, *values: bytes) -> None:
    with Producer(settings) as producer:
        for value in values:
            producer.send("api.requests", value, key=b"k")


def _kept(settings: Settings) -> list[dict[str, Any]]:
    archive = TopicArchive(settings, "sla.dead-letters")
    try:
        return [dict(record.headers) for record in archive.records()]
    finally:
        archive.close()


def _counted(settings: Settings) -> int:
    client = connect(settings)
    (found,) = client.query("SELECT sum(requests_ok) FROM minutes FINAL").result_rows[0]
    client.close()
    return int(found)


def _stuck(settings: Settings) -> list[dict[str, Any]]:
    done = subprocess.run(
        [*_COMMAND, "doctor", "--json"], env=_environment(settings), capture_output=True, check=False, timeout=_LONG_S
    )
    found = [one for one in json.loads(done.stdout)["findings"] if one["check"] == "stuck"]
    assert len(found) == 1
    return [detail for one in found for detail in one["details"] if one["code"] == "worker-stuck"]


def test_b3_a_refused_dead_letter_goes_as_its_stand_in(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with _worker(settings, log):
        bound_topic(settings, "sla.dead-letters", 3_000)
        noise = os.urandom(10_000)
        _send(settings, _GOOD % 1, noise, b"{", _GOOD % 2)
        _until(lambda: _counted(settings) == 2, log)
    assert [(one.get("size"), one["reason"]) for one in _kept(settings)] == [("10000", "not_utf8"), (None, "not_json")]


def test_what_the_broker_refuses_is_named_until_it_is_over(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with _worker(settings, log):
        bound_topic(settings, "sla.dead-letters", 100)
        _send(settings, _GOOD % 1, b"{")
        # A rebalance takes a note away until the worker is stuck anew.
        _until(lambda: bool(read_notes(settings)) and bool(_stuck(settings)), log)
        (note,) = read_notes(settings)
        said, *_ = _events(log, "stuck, and still trying")
        (detail,) = _stuck(settings)
        for message, record in (
            (note.message, str(note.record)),
            (said["error"], said["record"]),
            (detail["message"], detail["record"]),
        ):
            assert "sla.dead-letters" in message
            assert "size" in message.lower()
            assert record.startswith("api.requests/")
        assert (note.code, said["code"], detail["error"]) == ("record-not-taken",) * 3
        bound_topic(settings, "sla.dead-letters", 4_194_304)
        _until(lambda: _counted(settings) == 1, log)
        _until(lambda: bool(_events(log, "no longer stuck")), log)
        _until(lambda: not read_notes(settings), log)
        assert _stuck(settings) == []


def test_b5_a_topic_with_producers_times_is_named_while_read(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with _worker(settings, log):
        alter_topic(settings, "probes", "message.timestamp.type", "CreateTime")
        _until(lambda: bool(_stuck(settings)), log)
        (detail,) = _stuck(settings)
        assert detail["error"] == "topic-unfit"
        assert "probes has message.timestamp.type=CreateTime" in detail["message"]
        alter_topic(settings, "probes", "message.timestamp.type", "LogAppendTime")
        _until(lambda: bool(_events(log, "no longer stuck")), log)


def test_an_open_transaction_is_named_until_it_ends(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with _worker(settings, log), _open_transaction(settings, _GOOD % 2) as transaction:
        _send(settings, _GOOD % 1)
        _until(lambda: bool(_stuck(settings)), log)
        (detail,) = _stuck(settings)
        (said, *_) = _events(log, "stuck, and still trying")
        assert detail["record"] == said["record"]
        assert detail["record"].startswith("api.requests/")
        assert detail["error"] == said["code"] == "topic-unreadable"
        assert "transaction" in detail["message"]
        transaction.commit_transaction(_LONG_S)
        _until(lambda: _counted(settings) == 2, log)
        _until(lambda: not read_notes(settings), log)


def test_what_the_engine_refuses_is_named_when_the_worker_ends(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    client = connect(settings)
    with _worker(settings, log) as process:
        client.command("RENAME TABLE ledger_requests TO elsewhere")
        _send(settings, _GOOD % 1)
        assert process.wait(_LONG_S) == 1
    notes = read_notes(settings)
    assert notes
    assert all(isinstance(note, StuckNote) and note.code == "database-not-set-up" for note in notes)
    assert {note.record.topic for note in notes if note.record} == {"api.requests"}
    assert "ledger_requests" in notes[0].message
    client.command("RENAME TABLE elsewhere TO ledger_requests")
    client.close()
    again = tmp_path / "again.log"
    with _worker(settings, again):
        _until(lambda: _counted(settings) == 1, again)
        _until(lambda: not read_notes(settings), again)
