"""A month closed, amended by a record that came late, told as it was known then, and rebuilt from an archive."""

import gzip
import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from schemas.instants import MINUTE_MS, format_instant
from streams.clickhouse.client import connect
from streams.kafka.producer import Producer
from streams.operations.migrate import migrate
from streams.rules.calendar import month_bounds
from streams.stack.stack import EmbeddedStack
from tests.conftest import StackFactory
from tests.e2e.running import output, parsed, zecto

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_800)]

MONTH: Final = "2026-09"
SPAN: Final = month_bounds(MONTH, "Asia/Karachi")
# 43,200 minutes: 43 of them down still meet 99.9 %, one more is the next tier (M2).
DOWN: Final = 43
LATE: Final = DOWN
"""The first minute that was good: beside failures that went on until then one more is an outage (V1)."""
_PATIENCE_S: Final = 60.0


def _request(minute: int, name: str, status: int) -> tuple[str, bytes]:
    record = {
        "request_id": name,
        "time": format_instant(SPAN.start_ms + minute * MINUTE_MS),
        "service": "sms",
        "account_id": "acme",
        "status": status,
    }
    return name, json.dumps(record).encode()


def _history() -> Iterator[tuple[str, str, bytes]]:
    for minute in range(400):
        yield ("api.requests", *_request(minute, f"r-{minute}", 500 if minute < DOWN else 200))
    declared = {
        "declaration_id": "d-1",
        "kind": "ddos",
        "services": ["sms"],
        "start": format_instant(SPAN.start_ms + 900 * MINUTE_MS),
        "end": format_instant(SPAN.start_ms + 930 * MINUTE_MS),
        "announced_at": format_instant(SPAN.start_ms + 890 * MINUTE_MS),
        "evidence": "https://status.example/ddos",
    }
    yield "sla.declarations", "d-1", json.dumps(declared).encode()
    yield "api.requests", "broken", b'{"time": '


def _send(stack: EmbeddedStack, *records: tuple[str, str, bytes]) -> None:
    with Producer(stack.settings()) as producer:
        for topic, key, value in records:
            producer.send(topic, value, key=key.encode())
    output(stack, "drain", "--timeout", "120")


def _patiently(stack: EmbeddedStack, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """A command that may have to wait for the frontier to pass what was just read."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        done = zecto(stack, *arguments)
        waits = b"not complete" in done.stderr or b"cannot be said yet" in done.stderr or b"not read yet" in done.stderr
        if not waits or time.monotonic() > deadline:
            return done
        time.sleep(0.5)


def _closed(stack: EmbeddedStack) -> bytes:
    done = _patiently(stack, "close", MONTH, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def _as_of(stack: EmbeddedStack, at_ms: int) -> bytes:
    done = _patiently(stack, "month", MONTH, "--as-of", format_instant(at_ms), "--json")
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def _late_stamp(stack: EmbeddedStack, folder: Path) -> int:
    """The broker timestamp of the late record."""
    path = folder / "late.ndjson.gz"
    output(stack, "dump", "api.requests", "-o", path)
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    path.unlink()
    return next(int(line["timestamp_ms"]) for line in lines if line["key"] == "late")


def _sms(told: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told)["services"]["sms"]
    return found


def _dump(stack: EmbeddedStack, folder: Path) -> None:
    folder.mkdir()
    for topic in ("api.requests", "sla.declarations", "probes", "sla.statements"):
        output(stack, "dump", topic, "-o", folder / f"{topic}.ndjson.gz")


@pytest.mark.deep
def test_a_late_record_across_a_tier_amends_the_statement(
    fresh_stack: StackFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = fresh_stack()
    _send(stack, *_history())

    # a closer that dies with its proposal made, then two at once: the same bytes, one statement
    assert _patiently(stack, "month", MONTH, "--as-of", format_instant(SPAN.end_ms), "--json").returncode == 0
    with monkeypatch.context() as armed:
        armed.setenv("ZECTO_FAILPOINT", "closing_proposed")
        assert _patiently(stack, "close", MONTH).returncode == -9
    assert parsed(stack, "statements") == []
    with ThreadPoolExecutor(2) as machines:
        statement, other = machines.map(_closed, [stack, stack])
    assert statement == other
    (listed,) = parsed(stack, "statements")
    body = json.loads(statement)["body"]
    assert body["month"]["services"]["sms"]["down_minutes"] == DOWN
    assert (body["month"]["complete"], body["month"]["services"]["sms"]["credit_percent"]) == (True, 0)
    assert body["ledger"]["records"] == 400
    assert output(stack, "statements", MONTH, "0") == statement

    # a late record: the statement stands, an amendment tells the difference
    _send(stack, ("api.requests", *_request(LATE, "late", 500)))
    late_ms = _late_stamp(stack, tmp_path)
    before, after = _as_of(stack, late_ms), _as_of(stack, late_ms + 1)
    assert (_sms(before)["down_minutes"], _sms(before)["uptime"], _sms(before)["credit_percent"]) == (43, "99.9004", 0)
    assert (_sms(after)["down_minutes"], _sms(after)["uptime"], _sms(after)["credit_percent"]) == (44, "99.8981", 10)
    assert json.loads(before) == body["month"]
    assert after == output(stack, "month", MONTH, "--json")
    assert b"agree" in output(stack, "audit", MONTH, "--as-of", format_instant(late_ms))

    both = _closed(stack)
    assert both.splitlines(keepends=True)[0] == statement
    _check_amendment(json.loads(both.splitlines()[1])["body"], listed["sha256"])
    assert parsed(stack, "statements", MONTH)[0] == listed

    # from an archive into an empty stack, and once more from Kafka itself
    _dump(stack, tmp_path / "archives")
    _check_restored(fresh_stack(), tmp_path / "archives", both)
    _read_again(stack)
    assert _closed(stack) == both
    assert _as_of(stack, late_ms) == before


def _check_amendment(body: dict[str, Any], statement_sha256: str) -> None:
    assert (body["document"], body["number"], body["statement_sha256"]) == ("amendment", 1, statement_sha256)
    assert list(body["services"]) == ["platform", "sms"]
    difference = {
        "credit_percent": 10,
        "down_minutes": 1,
        "down_minutes_high": 1,
        "down_minutes_high_lost": 1,
        "down_minutes_low": 1,
        "good_minutes": -1,
    }
    assert {name: of["difference"] for name, of in body["services"].items()} == {
        "platform": difference,
        "sms": difference,
    }
    minute = format_instant(SPAN.start_ms + LATE * MINUTE_MS)
    changed = [(service, at) for service, at, _, _ in body["minutes"]["changed"]]
    assert changed == [("sms", minute), ("platform", minute)]
    for _, _, was, has_become in body["minutes"]["changed"]:
        shown = dict(zip(body["minutes"]["columns"], zip(was, has_become, strict=False), strict=False))
        counted = {"requests_platform": (0, 1)} if "requests_platform" in shown else {}
        assert {name: values for name, values in shown.items() if values[0] != values[1]} == {
            "state": ("good", "down"),
            "down_low": (0, 1),
            "down_lost": (0, 1),
            "down_high": (0, 1),
            **counted,
        }
    assert body["ledger"]["after"]["records"] == body["ledger"]["before"]["records"] + 1


def _check_restored(stack: EmbeddedStack, archives: Path, closed: bytes) -> None:
    told = parsed(stack, "restore", archives)
    assert told["closings"] == 2
    assert told["records"]["api.requests"] == 402
    assert output(stack, "restore", archives) == b""
    assert _closed(stack) == closed
    assert len(parsed(stack, "statements")) == 2

    # what was not in the archives is lost from there on: the month that runs has a hole, the closed one has not
    assert json.loads(output(stack, "month", MONTH, "--json"))["services"]["sms"]["blind_minutes"] == 0
    _send(stack, ("api.requests", *_request(2000, "later", 500)))
    refused = zecto(stack, "restore", archives)
    assert (refused.returncode, b"empty stack" in refused.stderr) == (1, True)


def _read_again(stack: EmbeddedStack) -> None:
    """The database is gone; a worker reads everything anew."""
    stack.worker.stop()
    settings = stack.settings()
    client = connect(settings, database="default")
    client.command(f"DROP DATABASE {settings.clickhouse_database} SYNC")
    client.close()
    migrate(settings)
    stack.restart(stack.worker)
    output(stack, "drain", "--timeout", "120")


def test_an_incomplete_month_is_not_closed_and_says_why(stack: EmbeddedStack) -> None:
    done = zecto(stack, "close", "2026-11")
    assert (done.returncode, b"2026-11 is not complete: " in done.stderr) == (1, True)
    assert zecto(stack, "close", "2026-13").returncode == 2
    assert b"it is not closed; close it with: zecto-sla close" in zecto(stack, "statements", "2026-08", "0").stderr
    far = zecto(stack, "month", MONTH, "--as-of", "2099-01-01T00:00:00Z")
    # a stack that has only just started has read nothing to its end yet
    told = (b"all is read up to", b"not every topic is read yet")
    assert (far.returncode, any(word in far.stderr for word in told)) == (1, True)
    assert zecto(stack, "month", MONTH, "--as-of", "yesterday").returncode == 2
    assert zecto(stack, "restore").returncode == 2
