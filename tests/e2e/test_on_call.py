"""What somebody on call meets: records that are gone, a topic created anew, nobody reading, a month that expired."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.instants import MINUTE_MS, format_instant, parse_instant
from streams.clickhouse.client import connect
from streams.core.canonical_json import sha256_of
from streams.core.clock import now_ms
from streams.kafka.admin import Admin
from streams.kafka.connection import client_config
from streams.kafka.producer import Producer
from streams.kafka.topics import ensure_topics
from streams.rules.calendar import month_of
from streams.stack.stack import EmbeddedStack
from tests.conftest import StackFactory
from tests.e2e.running import output, parsed, zecto
from tests.kafka_topics import delete_topic

pytestmark = [pytest.mark.stack, pytest.mark.deep]

TOPIC = "api.requests"
SERVICES = ("sms", "voice", "whatsapp", "email")
EXPIRED, AFTER = "2023-05", "2023-06"


def _send(stack: EmbeddedStack, name: str, count: int = 3, time: str | None = None) -> None:
    record = {"time": time or format_instant(now_ms()), "service": "sms", "account_id": "a", "status": 200}
    with Producer(stack.settings()) as producer:
        for number in range(count):
            value = json.dumps({**record, "request_id": f"{name}-{number}"}).encode()
            producer.send(TOPIC, value, key=b"one partition")


def _findings(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {finding["check"]: finding for finding in report["findings"]}


def _places(stack: EmbeddedStack) -> Iterator[tuple[tuple[str, int], int]]:
    admin = Admin(stack.settings())
    partitions = admin.describe([TOPIC])[TOPIC].partitions
    yield from admin.end_offsets([(TOPIC, number) for number in range(partitions)]).items()


def _delete_all_but_last(stack: EmbeddedStack) -> None:
    """DeleteRecords, as retention does it: of the partition that holds something one record is left."""
    admin = AdminClient({**client_config(stack.settings()), "log_level": 0})
    wanted = [TopicPartition(topic, number, end - 1) for (topic, number), end in _places(stack) if end]
    for answer in admin.delete_records(wanted).values():
        answer.result(10)


def _recreate(stack: EmbeddedStack) -> None:
    admin = Admin(stack.settings())
    delete_topic(stack.settings(), TOPIC)
    while admin.describe([TOPIC]):
        pass
    ensure_topics(stack.settings())


def test_b3_records_lost_unread_blind_minutes_and_doctor_reports_them(
    fresh_stack: StackFactory,
) -> None:
    stack = fresh_stack()
    _send(stack, "read")
    output(stack, "drain", "--timeout", "60")
    healthy = parsed(stack, "doctor")
    assert healthy["healthy"]
    assert {name: of["said"] for name, of in _findings(healthy).items() if of["level"] == "fault"} == {}
    assert _findings(healthy)["records lost"]["level"] == "ok"

    stack.worker.stop()
    idle = zecto(stack, "doctor", "--json")
    assert (idle.returncode, json.loads(idle.stdout)["healthy"]) == (1, False)
    assert _findings(json.loads(idle.stdout))["workers"]["code"] == "no-workers"

    _send(stack, "unread", 5)
    _delete_all_but_last(stack)
    stack.restart(stack.worker)
    output(stack, "drain", "--timeout", "60")
    [taken] = _findings(parsed(stack, "doctor"))["records lost"]["details"]
    assert (taken["cause"], taken["first"], taken["next"]) == ("taken", 3, 7)
    _is_blind(stack, taken)

    stack.worker.stop()
    _recreate(stack)
    _send(stack, "anew")
    stack.restart(stack.worker)
    output(stack, "drain", "--timeout", "60")
    report = _findings(parsed(stack, "doctor"))
    [anew] = [row for row in report["records lost"]["details"] if row["cause"] == "recreated"]
    assert (report["coverage"]["level"], report["records lost"]["fields"]["recreated"]) == ("ok", ["api.requests"])
    assert parse_instant(taken["until"]) <= parse_instant(anew["since"]) <= parse_instant(anew["until"])
    _is_blind(stack, anew)


def _is_blind(stack: EmbeddedStack, lost: Mapping[str, Any]) -> None:
    """The first minute of the hole is old enough to be no longer pending."""
    month = month_of(now_ms(), "Asia/Karachi")
    first = parse_instant(lost["blind_from"])
    for service in SERVICES:
        until = format_instant(first + MINUTE_MS)
        assert [row["state"] for row in parsed(stack, "minutes", service, lost["blind_from"], until)] == ["blind"]
        assert parsed(stack, "month", month)["services"][service]["blind_minutes"] > 0
    why = parsed(stack, "explain", "voice", lost["blind_from"])
    assert (why["rule"], why["gaps"]) == ("B3", [f"lost_offsets:{TOPIC}"])
    assert "records were lost unread between" in output(stack, "month", month).decode()


def test_a_closed_month_expires_and_late_records_change_no_count(
    stack: EmbeddedStack,
) -> None:
    at, until = f"{EXPIRED}-15T10:00:00Z", f"{EXPIRED}-15T10:01:00Z"
    _send(stack, "counted", 2, at)
    output(stack, "drain", "--timeout", "60")
    counted = parsed(stack, "minutes", "sms", at, until)

    refused = zecto(stack, "expire", EXPIRED)
    assert refused.returncode == 1
    assert f"zecto-sla close {EXPIRED}" in refused.stderr.decode()
    client = connect(stack.settings())
    documents = {month: f"{month} as it stood" for month in (EXPIRED, AFTER)}
    hashes = [sha256_of(document.encode()) for document in documents.values()]
    client.insert(
        "statements",
        [[month, "zecto-1.0", sha256, documents[month]] for month, sha256 in zip(documents, hashes, strict=True)],
        ["month", "policy", "sha256", "document"],
    )
    would = parsed(stack, "expire", EXPIRED, "--dry-run")
    assert (would["dropped"], would["rows"]["ledger_requests"]) == (False, 2)
    assert client.query("SELECT count() FROM ledger_requests WHERE toYYYYMM(minute) = 202305").first_row == (2,)
    assert parsed(stack, "expire", EXPIRED)["statements"] == hashes
    assert client.query("SELECT count() FROM ledger_requests WHERE toYYYYMM(minute) = 202305").first_row == (0,)

    _send(stack, "late", 3, at)
    _send(stack, "counted", 1, at)
    _send(stack, "of another month", 1, f"{AFTER}-15T10:00:00Z")
    output(stack, "drain", "--timeout", "60")
    [late] = parsed(stack, "minutes", "sms", at, until)
    assert late["requests"].pop("missing") == 4
    assert counted[0]["requests"].pop("missing") == 0
    # as many missing as might have made it bad: what came too late is not known to have been good (B3)
    assert (counted[0].pop("state"), late.pop("state")) == ("good", "blind")
    assert late == counted[0]
    assert client.query("SELECT count() FROM ledger_requests WHERE toYYYYMM(minute) = 202306").first_row == (1,)
    too_late = _findings(parsed(stack, "doctor"))["expired months"]
    assert too_late["code"] == "expired-records-late"
    assert {"month": EXPIRED, "letters": 4} in too_late["details"]
    assert "4 records came too late to count" in output(stack, "month", EXPIRED).decode()
    assert "have expired" in parsed(stack, "explain", "sms", at)["because"]
    assert parsed(stack, "expire", EXPIRED)["rows"] == dict.fromkeys(would["rows"], 0)
    client.close()
