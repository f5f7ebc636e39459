"""A value that packs to little and unpacks to much stops nothing, and nothing of it is lost (B3)."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.raw_value import READ_BYTES, WHOLE_BYTES
from schemas.reference import input_topics
from streams.clickhouse.client import connect
from streams.kafka.archive import bytes_of, parse_line
from streams.kafka.connection import client_config
from streams.stack.stack import EmbeddedStack
from tests.e2e.running import output, parsed, zecto

pytestmark = pytest.mark.stack

_MIB = 1 << 20
_MINUTE = "2026-03-03T04:05:00Z"
_NEXT = "2026-03-03T04:06:00Z"
_GOOD = {"request_id": "good", "time": _MINUTE, "service": "email", "account_id": "a", "status": 200}


def _long(size: int) -> bytes:
    """A record of so many bytes with a time and a service that can be read."""
    value = json.dumps({**_GOOD, "request_id": f"long-{size}", "route": ""}).encode()
    return value.replace(b'"route": ""', b'"route": "' + b"x" * (size - len(value)) + b'"')


_VALUES = {
    "whole": _long(WHOLE_BYTES),
    "a byte too large": _long(WHOLE_BYTES + 1),
    "the largest that is read": _long(READ_BYTES),
    "of 8.4 MB": _long(8_400_000),
    "of 20 MiB": bytes(20 * _MIB),
}
# Of what is larger nothing is read, so it is missing where it arrived.
_READ = ("whole", "a byte too large", "the largest that is read")


def _producer(stack: EmbeddedStack) -> Producer:
    return Producer(
        {
            **client_config(stack.settings()),
            "compression.type": "zstd",
            "message.max.bytes": 200 * _MIB,
            "queue.buffering.max.kbytes": 1_000_000,
        }
    )


def _send(stack: EmbeddedStack, topic: str, values: list[bytes]) -> None:
    producer = _producer(stack)
    for value in values:
        producer.produce(topic, value, key=b"k" * 70_000, headers=[("h", b"h" * 70_000)])
    assert producer.flush(60) == 0


def _dead_letters(stack: EmbeddedStack, topic: str) -> list[tuple[bytes | None, dict[str, str]]]:
    consumer = Consumer(
        {
            **client_config(stack.settings()),
            "group.id": "reads-stand-ins",
            "enable.auto.commit": False,
            "fetch.message.max.bytes": 8 * _MIB,
        }
    )
    place = TopicPartition("sla.dead-letters", 0, 0)
    _, end = consumer.get_watermark_offsets(place, timeout=10)
    consumer.assign([place])
    found, offset = [], -1
    while offset + 1 < end:
        message = consumer.poll(10)
        assert message is not None
        assert message.error() is None
        headers = {name: (value or b"").decode() for name, value in message.headers() or []}
        if headers["topic"] == topic:
            found.append((message.value(), headers))
        offset = message.offset()
    consumer.close()
    return found


@pytest.mark.timeout(900)
def test_b3_large_values_are_counted_kept_and_audited(stack: EmbeddedStack, tmp_path: Path) -> None:
    good = [json.dumps({**_GOOD, "request_id": f"good-{number}"}).encode() for number in range(4)]
    _send(stack, "api.requests", [good[0], *_VALUES.values(), good[1]])
    output(stack, "drain", "--timeout", "120")
    (minute,) = parsed(stack, "minutes", "email", _MINUTE, _NEXT)
    assert (minute["requests"]["ok"], minute["requests"]["missing"]) == (2, len(_READ))

    kept = {headers.get("sha256") or hashlib.sha256(value or b"").hexdigest(): (value, headers)
            for value, headers in _dead_letters(stack, "api.requests")}  # fmt: skip
    for name, value in _VALUES.items():
        found, headers = kept[hashlib.sha256(value).hexdigest()]
        assert found == (value if name == "whole" else value[:1_024])
        assert headers["reason"] == ("too_long" if name == "whole" else "too_large")
        assert headers.get("size") == (None if name == "whole" else str(len(value)))

    audited = zecto(stack, "audit", "2026-03")
    assert audited.returncode == 0, audited.stderr.decode()

    archive = tmp_path / "api.requests.ndjson.gz"
    output(stack, "dump", "api.requests", "-o", archive)
    with gzip.open(archive, "rb") as lines:
        archived = {hashlib.sha256(bytes_of(parse_line(line.rstrip(b"\n")).value) or b"").hexdigest() for line in lines}
    assert archived >= {hashlib.sha256(value).hexdigest() for value in _VALUES.values()}


@pytest.mark.deep
@pytest.mark.timeout(900)
@pytest.mark.parametrize("topic", ["sla.statements", "sla.credits"])
def test_hostile_records_stop_nobody_who_follows_a_log(stack: EmbeddedStack, topic: str) -> None:
    producer = _producer(stack)
    for value in (None, b"", b"[" * 70_000, b"\xff", bytes(20 * _MIB)):
        producer.produce(topic, value)
        producer.produce(topic, value, key=b"\xff" * 100, headers=[("h", None), ("h", b"\xff")])
    assert producer.flush(60) == 0
    closed = zecto(stack, "close", "2026-03", "--json")
    assert b"internal" not in closed.stderr
    assert b"Traceback" not in closed.stderr
    decided = zecto(stack, "claims", "decide", "2026-03")
    assert b"internal" not in decided.stderr
    assert b"Traceback" not in decided.stderr


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_b3_each_input_topic_gets_past_a_large_value(stack: EmbeddedStack) -> None:
    topics = [topic.name for topic in input_topics()]
    for topic in topics:
        _send(stack, topic, [bytes(9 * _MIB), bytes(5 * _MIB)])
    output(stack, "drain", "--timeout", "120")
    client = connect(stack.settings())
    kept = client.query("SELECT topic, bytes FROM dead_letters FINAL WHERE reason = 'too_large'").result_rows
    client.close()
    assert {(topic, size) for topic in topics for size in (9 * _MIB, 5 * _MIB)} <= set(kept)
