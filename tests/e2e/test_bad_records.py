"""What cannot be understood is kept, counted as missing once, and disturbs nobody (events, B3)."""

import json

import pytest
from confluent_kafka import Consumer, TopicPartition

from streams.core.clock import now_ms
from streams.kafka.connection import client_config
from streams.kafka.producer import Producer
from streams.rules.calendar import month_of
from streams.stack.stack import EmbeddedStack
from tests.e2e.running import output, parsed

MINUTE = "2026-08-03T04:05:00Z"
NEXT = "2026-08-03T04:06:00Z"
GOOD = {"request_id": "good", "time": MINUTE, "service": "sms", "account_id": "a", "status": 200}


def _with(**changes: object) -> bytes:
    return json.dumps({**GOOD, "request_id": "bad", **changes}).encode()


BAD: dict[str, bytes | None] = {
    "not JSON": b'{"time": "' + MINUTE.encode() + b'", "service": "sms", oops',
    "not UTF-8": _with(account_id="@").replace(b"@", b"\xff\xfe"),
    "null": None,
    "1 MiB long": _with(route="x" * (1 << 20)),
    "of a wrong type": _with(status="200"),
    "without an offset": _with(time="2026-08-03T04:05:00"),
    "of the year 1600": _with(time="1600-08-03T04:05:00Z"),
}
SERVICES = ("sms", "voice", "whatsapp", "email")
# Whose time cannot be read is missing where it arrived: of its service, or of every one if not even that can be read.
MISSING_ON_ARRIVAL = {"null": SERVICES, "without an offset": ["sms"], "of the year 1600": ["sms"]}


@pytest.mark.stack
def test_each_bad_record_is_one_dead_letter_and_neighbours_count(stack: EmbeddedStack) -> None:
    before, missing_before = _dead_letters(stack), _missing_this_month(stack)
    with Producer(stack.settings()) as producer:
        for _ in range(3):
            for number, value in enumerate(BAD.values()):
                good = json.dumps({**GOOD, "request_id": f"good-{number}"}).encode()
                producer.send("api.requests", good, key=b"k")
                producer.send("api.requests", value, key=b"k")
                producer.send("api.requests", good.replace(b"good", b"also-good"), key=b"k")
    output(stack, "drain", "--timeout", "120")

    (minute,) = parsed(stack, "minutes", "sms", MINUTE, NEXT)
    assert minute["requests"]["ok"] == 2 * len(BAD)
    # Those whose time and service can be read are missing from this minute: not JSON, not UTF-8, 1 MiB long, of a wrong
    # type.
    assert minute["requests"]["missing"] == 4
    missing = _missing_this_month(stack)
    known = {value for value, _ in before}  # others use this stack, too: a null record is a null record
    assert {service: missing[service] - missing_before[service] for service in SERVICES} == {
        service: sum(service in of for name, of in MISSING_ON_ARRIVAL.items() if BAD[name] not in known)
        for service in SERVICES
    }
    found = _dead_letters(stack)
    assert {value for value, _ in found} >= set(BAD.values())
    assert all(reason for _, reason in found)


def _missing_this_month(stack: EmbeddedStack) -> dict[str, int]:
    month = month_of(now_ms(), "Asia/Karachi")
    return {service: of["missing_records"] for service, of in parsed(stack, "month", month)["services"].items()}


def _dead_letters(stack: EmbeddedStack) -> set[tuple[bytes | None, str]]:
    """What sla.dead-letters holds of api.requests: bytes as produced, and the reason in the headers."""
    consumer = Consumer(
        {
            **client_config(stack.settings()),
            "group.id": "reads-dead-letters",
            "enable.auto.commit": False,
            "fetch.message.max.bytes": 8 << 20,
        }
    )
    place = TopicPartition("sla.dead-letters", 0, 0)
    _, end = consumer.get_watermark_offsets(place, timeout=10)
    consumer.assign([place])
    found, offset = set(), -1
    while offset + 1 < end:
        message = consumer.poll(10)
        assert message is not None
        assert message.error() is None
        headers = dict(message.headers() or [])
        if headers["topic"] == b"api.requests":
            found.add((None if "null" in headers else message.value(), headers["reason"].decode()))
        offset = message.offset()
    consumer.close()
    return found


@pytest.mark.stack
def test_records_of_150_months_in_one_block_go_through(stack: EmbeddedStack) -> None:
    months = [f"{2010 + number // 12}-{number % 12 + 1:02}" for number in range(150)]
    with Producer(stack.settings()) as producer:
        for month in months:
            record = {**GOOD, "request_id": month, "service": "email", "time": f"{month}-15T12:00:00Z"}
            producer.send("api.requests", json.dumps(record).encode(), key=b"one partition")
    output(stack, "drain", "--timeout", "120")
    for month in (months[0], months[75], months[-1]):
        assert parsed(stack, "month", month)["services"]["email"]["good_minutes"] == 1
