"""The auditor and the pipeline on what a real broker holds: they agree; where one is tampered with, it is named."""

import gzip
import json
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from streams.clickhouse.client import connect
from streams.core.clock import now_ms
from streams.kafka.producer import Producer
from streams.simulate import month_minutes, month_of, plan, records
from streams.stack.stack import EmbeddedStack
from tests.conftest import StackFactory
from tests.e2e.running import output, zecto

MONTH = "2026-09"
TOPICS = ("accounts", "api.requests", "carrier.receipts", "probes", "sla.declarations", "telemetry.manifests")


def _send_everything(stack: EmbeddedStack) -> None:
    minutes = month_minutes(MONTH)
    planned = plan(
        29,
        start_ms=minutes.start * 60_000,
        minutes=len(minutes),
        records=60_000,
        preset="everything",
        broken_share=0.002,
        duplicate_share=0.02,
        shuffle=True,
    )
    with Producer(stack.settings()) as producer:
        for topic, key, value in records(planned):
            producer.send(topic, value, key=key)
    output(stack, "drain", "--timeout", "240")


def _refused(stack: EmbeddedStack, *arguments: str | Path) -> str:
    done = zecto(stack, "audit", MONTH, *arguments)
    assert done.returncode == 1, done.stderr.decode()
    return done.stderr.decode()


@pytest.mark.deep
@pytest.mark.not_in_ci
@pytest.mark.stack
@pytest.mark.timeout(1_800)
def test_the_auditor_agrees_and_names_the_minute_tampered_with(fresh_stack: StackFactory, tmp_path: Path) -> None:
    stack = fresh_stack()
    _send_everything(stack)

    # from Kafka: the month to the byte, and every service-minute
    audited = zecto(stack, "audit", MONTH, "--json")
    assert audited.returncode == 0, audited.stderr.decode()
    assert audited.stdout == output(stack, "month", MONTH, "--json")
    assert b"agree: 172,800 service-minutes" in audited.stderr

    # the month in which records arrived whose time cannot be read, still running
    assert b"provisional" in output(stack, "audit", month_of(now_ms()))

    # from an archive, asking the pipeline or holding it against a file
    for topic in TOPICS:
        output(stack, "dump", topic, "-o", tmp_path / f"{topic}.ndjson.gz")
    assert b"agree" in output(stack, "audit", MONTH, "--dump", tmp_path)
    statement = tmp_path / "statement.json"
    statement.write_bytes(audited.stdout)
    assert b"agree" in output(stack, "audit", MONTH, "--dump", tmp_path, "--against", statement)

    _drop_a_line(stack, tmp_path)
    _tamper_with_the_ledger(stack)


def _drop_a_line(stack: EmbeddedStack, archives: Path) -> None:
    """A record fewer in the archive: the audit names its minute."""
    path = archives / "api.requests.ndjson.gz"
    whole = path.read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    told_of = [_request(one) for one in lines]
    times = Counter(told.get("request_id") for told in told_of)
    number, dropped = next(
        (number, told)
        for number, told in enumerate(told_of)
        if number and told.get("status") == HTTPStatus.OK and times[told["request_id"]] == 1 and _in_month(told)
    )
    path.write_bytes(gzip.compress(b"".join(lines[:number] + lines[number + 1 :])))
    told = _refused(stack, "--dump", archives)
    assert f"{dropped['service']} {dropped['time'][:16]}:00Z: " in told
    assert "requests.ok" in told
    path.write_bytes(whole)


def _request(line: bytes) -> dict[str, Any]:
    """What a line of an archive holds, if it can be read at all."""
    value = json.loads(line)["value"]
    try:
        told = json.loads(value)
    except (ValueError, TypeError):
        return {}
    return told if isinstance(told, dict) else {}


def _in_month(told: dict[str, Any]) -> bool:
    return told["time"].startswith("2026-09-1") and told["time"].endswith("Z") and "plan" not in told


def _tamper_with_the_ledger(stack: EmbeddedStack) -> None:
    """One row of `minutes` too good: the audit names the minute and the records that say otherwise."""
    client = connect(stack.settings())
    where = "service = 'voice' AND requests_platform > 0 AND minute >= '2026-09-02' AND minute < '2026-09-29'"
    ((minute, failed),) = client.query(
        "SELECT formatDateTime(minute, '%FT%TZ'), requests_platform "
        f"FROM minutes FINAL WHERE {where} ORDER BY minute LIMIT 1"
    ).result_rows
    client.command(
        "INSERT INTO minutes SELECT * REPLACE (version + 1 AS version, toUInt32(0) AS requests_platform) "
        f"FROM (SELECT * FROM minutes FINAL WHERE {where} ORDER BY minute LIMIT 1)"
    )
    client.close()
    told = _refused(stack)
    assert f"voice {minute}: " in told
    assert f"requests.platform {failed} and not 0" in told
    assert "api.requests/" in told


@pytest.mark.stack
def test_an_audit_without_archives_or_month_says_what_to_do(stack: EmbeddedStack, tmp_path: Path) -> None:
    done = zecto(stack, "audit", MONTH, "--dump", tmp_path)
    assert (done.returncode, b"zecto-sla dump api.requests -o" in done.stderr) == (2, True)
    assert zecto(stack, "audit", "2026-13").returncode == 2
    assert zecto(stack, "audit", MONTH, "--as-of", "yesterday").returncode == 2
    assert b"no policy none" in zecto(stack, "audit", MONTH, "--policy", "none").stderr
