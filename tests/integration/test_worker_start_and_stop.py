"""`worker` and `drain` as an operator meets them: refused in one line, or started, drained and stopped with 0."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    ResourceType,
)

from streams.clickhouse.client import connect
from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.producer import Producer
from tests.contract.reading import committed
from tests.kafka_topics import delete_topic

pytestmark = pytest.mark.stack

_COMMAND = (sys.executable, "-c", "from streams.cli import main; main()")
_LONG_S = 60.0
_RECORD = (
    b'{"request_id":"r-%d","time":"2026-09-01T12:00:00Z","service":"sms","account_id":"a","status":200,"plan":"paid"}'
)


def _environment(settings: Settings, **further: str) -> dict[str, str]:
    return {
        **os.environ,
        "ZECTO_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "ZECTO_KAFKA_GROUP": settings.kafka_group,
        "ZECTO_KAFKA_SESSION_TIMEOUT_S": "6",
        "ZECTO_CLICKHOUSE_URL": settings.clickhouse_url,
        "ZECTO_CLICKHOUSE_DATABASE": settings.clickhouse_database,
        **further,
    }


def _zecto(settings: Settings, *arguments: str, **further: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*_COMMAND, *arguments],
        env=_environment(settings, **further),
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONG_S,
    )


def _assert_refused(done: "subprocess.CompletedProcess[str]", status: int, *words: str) -> None:
    assert done.returncode == status, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


@contextmanager
def _worker(settings: Settings, log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with (
        log.open("wb") as stderr,
        subprocess.Popen([*_COMMAND, "worker"], env=_environment(settings), stderr=stderr) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _wait_for(log: Path, words: str) -> None:
    deadline = time.monotonic() + _LONG_S
    while words not in log.read_text():
        assert time.monotonic() < deadline, f"the worker never said: {words}\n{log.read_text()}"
        time.sleep(0.05)


def _send(settings: Settings, count: int) -> None:
    with Producer(settings) as producer:
        for number in range(count):
            producer.send("api.requests", _RECORD % number, key=b"%d" % number)


@pytest.mark.parametrize("command", ["worker", "drain"])
def test_an_unreachable_broker_is_one_line(database: Settings, command: str) -> None:
    _assert_refused(_zecto(database, command), 1, "no Kafka broker answers at 127.0.0.1:1", "ZECTO_KAFKA_BOOTSTRAP")


@pytest.mark.parametrize("command", ["worker", "drain"])
def test_an_unreachable_engine_is_one_line(settings: Settings, command: str) -> None:
    _send(settings, 1)
    done = _zecto(settings, command, ZECTO_CLICKHOUSE_URL="http://127.0.0.1:1")
    _assert_refused(done, 1, "127.0.0.1:1", "ZECTO_CLICKHOUSE_URL")


@pytest.mark.parametrize("command", ["worker", "drain"])
def test_a_database_that_was_not_migrated_is_one_line(settings: Settings, command: str) -> None:
    _send(settings, 1)
    _assert_refused(_zecto(settings, command, ZECTO_CLICKHOUSE_DATABASE="nowhere"), 1, "zecto-sla migrate")


def test_b5_a_topic_with_producer_timestamps_is_refused(settings: Settings) -> None:
    entry = ConfigEntry(
        "message.timestamp.type",
        "CreateTime",
        ConfigSource.DYNAMIC_TOPIC_CONFIG,
        incremental_operation=AlterConfigOpType.SET,
    )
    resource = ConfigResource(ResourceType.TOPIC, "probes", incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
    for changed in admin.incremental_alter_configs([resource]).values():
        changed.result()
    for command in ("worker", "migrate"):
        _assert_refused(_zecto(settings, command), 1, "probes", "CreateTime", "LogAppendTime")


def test_a_missing_topic_is_refused_by_name(settings: Settings) -> None:
    delete_topic(settings, "support.tickets")
    for command in ("worker", "drain"):
        _assert_refused(_zecto(settings, command), 1, "support.tickets", "zecto-sla migrate")


def test_settings_that_cannot_be_meant_are_one_line(database: Settings) -> None:
    _assert_refused(_zecto(database, "worker", ZECTO_KAFKA_SECURITY_PROTOCOL="CLEAR"), 1, "SECURITY_PROTOCOL")
    _assert_refused(_zecto(database, "worker", ZECTO_KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT"), 2, "SASL_USERNAME")
    _assert_refused(_zecto(database, "worker", ZECTO_KAFKA_SASL_USERNAME="u"), 2, "cleartext")
    _assert_refused(_zecto(database, "worker", ZECTO_FAILPOINT="nowhere"), 2, "ZECTO_FAILPOINT")
    _assert_refused(_zecto(database, "drain", "--timeout", "-1"), 2, "--timeout")


def test_without_a_worker_drain_names_the_partitions_that_lag(settings: Settings) -> None:
    assert _zecto(settings, "drain", "--timeout", "0").returncode == 0
    _send(settings, 40)
    done = _zecto(settings, "drain", "--timeout", "0.5", "--json")
    _assert_refused(done, 1, "api.requests/0 at 0 of", "is a worker running")
    told = json.loads(done.stdout)
    assert told["drained"] is False
    assert sum(partition["end"] for partition in told["partitions"]) == 40
    assert {partition["evaluated_next"] for partition in told["partitions"]} == {0}


def test_records_that_retention_took_are_not_waited_for(settings: Settings) -> None:
    _send(settings, 40)
    ends = Admin(settings).end_offsets([("api.requests", number) for number in range(4)])
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
    gone = [TopicPartition(topic, number, end) for (topic, number), end in ends.items()]
    for deleted in admin.delete_records(gone).values():
        deleted.result()
    assert json.loads(_zecto(settings, "drain", "--timeout", "0", "--json").stdout) == {
        "drained": True,
        "partitions": [],
    }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_drains_and_stops_with_0_when_asked(
    settings: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "worker.log"
    _send(settings, 500)
    with _worker(settings, log) as process:
        _wait_for(log, "worker is reading")
        drained = _zecto(settings, "drain", "--timeout", "40", "--json")
        assert json.loads(drained.stdout)["drained"], drained.stderr + log.read_text()
        process.send_signal(number)
        assert process.wait(_LONG_S) == 0, log.read_text()
    said = log.read_text()
    assert "accounts/0 api.requests/0 api.requests/1" in said
    assert "Traceback" not in said
    client = connect(settings)
    assert client.query("SELECT sum(requests_ok) FROM minutes FINAL").first_row == (500,)
    client.close()
    assert sum(committed(settings, "api.requests", number) or 0 for number in range(4)) == 500


# As if the broker had gone between the worker's checks and its start.
_BEYOND_CHECKS = (
    sys.executable,
    "-c",
    (
        "import asyncio\nfrom streams.core.settings import Settings\nfrom streams.ingest.worker import work\n"
        "asyncio.run(work(Settings()))"
    ),
)


@pytest.mark.deep
def test_a_starting_worker_stops_with_0_when_asked(database: Settings, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    # a broker that takes calls and answers none
    with log.open("wb") as stderr, socket.create_server(("127.0.0.1", 0)) as silent:
        settings = database.model_copy(update={"kafka_bootstrap": f"127.0.0.1:{silent.getsockname()[1]}"})
        process = subprocess.Popen(_BEYOND_CHECKS, env=_environment(settings), stderr=stderr)
        with process, silent.accept()[0]:
            process.terminate()
            assert process.wait(_LONG_S) == 0, log.read_text()


def test_a_starting_worker_whose_broker_goes_away_says_so(database: Settings) -> None:
    environment = _environment(database)
    done = subprocess.run(_BEYOND_CHECKS, env=environment, capture_output=True, text=True, check=False, timeout=_LONG_S)
    assert done.returncode == 1
    assert (
        done.stderr.strip().splitlines()[-1].endswith("the broker went away while the worker started; start it again")
    )
