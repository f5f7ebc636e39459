"""What each partition holds, read by a client of its own, and what the product made of it: each record in one place."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import xxhash
from clickhouse_connect.driver.client import Client
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.decoding import decode
from schemas.violations import InvalidRecord
from streams.core.settings import Settings
from streams.kafka.connection import client_config

TABLES: Final = {
    "api.requests": "ledger_requests",
    "carrier.receipts": "ledger_receipts",
    "probes": "ledger_probes",
    "sla.declarations": "declarations",
    "telemetry.manifests": "manifests",
    "accounts": "accounts",
    "support.tickets": "tickets",
    "whatsapp.templates": "templates",
    "sla.claims": "claims",
}
_PATIENCE_S: Final = 60.0


@dataclass(slots=True)
class Held:
    """The distinct records that a topic holds, committed ones alone: valid and refused ones by their hashes."""

    records: int = 0
    valid: set[int] = field(default_factory=set)
    refused: set[tuple[bytes, bool]] = field(default_factory=set)


def read_held(settings: Settings, topic: str) -> Held:
    """All that a topic holds and a reader of committed records is given."""
    held = Held()
    for message in _read(settings, topic):
        value = message.value()
        held.records += 1
        if isinstance(decode(topic, value), InvalidRecord):
            held.refused.add((xxhash.xxh3_128_digest(value or b""), value is None))
        else:
            held.valid.add(xxhash.xxh3_64_intdigest(value))
    return held


def differences(client: Client, topic: str, held: Held) -> list[str]:
    """What is missing from ledger and dead letters, or in them without having been read."""
    ledger = {content for (content,) in client.query(f"SELECT DISTINCT content FROM {TABLES[topic]}").result_rows}
    asked = "SELECT DISTINCT hex(content), is_null FROM dead_letters WHERE topic = {topic:String}"
    letters = client.query(asked, parameters={"topic": topic}).result_rows
    dead = {(bytes.fromhex(content), is_null) for content, is_null in letters}
    found = {
        "valid, and not in the ledger": held.valid - ledger,
        "in the ledger, and never sent": ledger - held.valid,
        "refused, and no dead letter": held.refused - dead,
        "a dead letter, and never sent": dead - held.refused,
    }
    return [f"{topic}: {len(of):,} {what}" for what, of in found.items() if of]


def kept_whole(settings: Settings) -> dict[str, set[tuple[bytes, bool]]]:
    """What `sla.dead-letters` holds, by the topic it was read from: the hash of the bytes, or a stand-in's.

    Of two large values that begin alike the stand-ins have the same bytes.
    """
    found: defaultdict[str, set[tuple[bytes, bool]]] = defaultdict(set)
    for message in _read(settings, "sla.dead-letters"):
        headers = dict(message.headers() or [])
        content = headers.get("sha256") or xxhash.xxh3_128_digest(message.value() or b"")
        found[headers["topic"].decode()].add((content, "null" in headers))
    return found


def count_blocks(client: Client) -> Counter[str]:
    """Records and dead letters of every topic, as the blocks that were read count them."""
    asked = "SELECT topic, sum(records) + sum(dead_letters) FROM (SELECT * FROM blocks FINAL) GROUP BY topic"
    return Counter({topic: int(count) for topic, count in client.query(asked).result_rows})


def _read(settings: Settings, topic: str) -> Iterator[Message]:
    consumer = Consumer(
        {
            **client_config(settings),
            "group.id": "looks-at-what-is-held",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "fetch.message.max.bytes": 16 << 10,
            "receive.message.max.bytes": 2_147_483_647,
            "queued.max.messages.kbytes": 65_536,
            "log_level": 0,
        }
    )
    try:
        for partition in sorted(consumer.list_topics(topic, timeout=_PATIENCE_S).topics[topic].partitions):
            consumer.assign([TopicPartition(topic, partition, 0)])
            yield from _read_to_end(consumer)
    finally:
        consumer.close()


def _read_to_end(consumer: Consumer) -> Iterator[Message]:
    while True:
        message = consumer.poll(_PATIENCE_S)
        assert message is not None, "the broker gives no more, and no end"
        if message.error() is None:
            yield message
        elif message.error().code() == KafkaError._PARTITION_EOF:
            return
        else:
            raise KafkaException(message.error())
