"""Blocks and records for tests of the ledger: valid ones to begin from, changed field by field."""

from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.reference import code_tables
from streams.ingest.encode import encode_block
from streams.ingest.encode.encoded_block import EncodedBlock
from streams.ingest.encode.facts import FACT_TABLES
from streams.kafka.block import Block
from streams.rules.classify import OutcomeRules

RECORDED_AT_MS = 1_788_264_000_000
"""2026-09-01T12:00:00Z, the broker timestamp of a block's first record."""

TABLES = {
    "api.requests": "ledger_requests",
    "carrier.receipts": "ledger_receipts",
    "probes": "ledger_probes",
    **{topic: fact.name for topic, fact in FACT_TABLES.items()},
}
VALID: dict[str, dict[str, Any]] = {
    "api.requests": {
        "request_id": "r-1",
        "time": "2026-09-01T11:59:30.250Z",
        "service": "sms",
        "account_id": "a-1",
        "status": 200,
    },
    "carrier.receipts": {
        "message_id": "m-1",
        "service": "voice",
        "account_id": "a-1",
        "submitted_at": "2026-09-01T11:58:30.250Z",
        "time": "2026-09-01T11:59:00.125Z",
        "state": "delivered",
    },
    "probes": {
        "probe_id": "p-1",
        "time": "2026-09-01T11:59:30.250Z",
        "service": "email",
        "vantage": "khi-1",
        "ok": True,
    },
    "sla.declarations": {
        "declaration_id": "d-1",
        "kind": "scheduled_maintenance",
        "services": ["sms", "voice"],
        "start": "2026-09-03T02:00:00+05:00",
        "end": "2026-09-03T03:00:00+05:00",
        "announced_at": "2026-08-31T00:00:00Z",
    },
    "telemetry.manifests": {
        "source": "gw-1",
        "service": "sms",
        "minute": "2026-09-01T11:59:30Z",
        "topic": "api.requests",
        "count": 7,
    },
    "accounts": {
        "account_id": "a-1",
        "effective_from": "2026-01-01T00:00:00+05:00",
        "plan": "paid",
        "support_tier": "premium",
        "fees": {"sms": "1000.00", "platform": "50"},
        "currency": "PKR",
    },
    "support.tickets": {
        "ticket_id": "t-1",
        "account_id": "a-1",
        "time": "2026-09-01T11:59:30Z",
        "event": "opened",
        "priority": "high",
    },
    "whatsapp.templates": {
        "template_id": "w-1",
        "account_id": "a-1",
        "time": "2026-09-01T11:59:30Z",
        "event": "submitted",
    },
    "sla.claims": {
        "claim_id": "c-1",
        "account_id": "a-1",
        "service": "sms",
        "from": "2026-09-01T10:00:00Z",
        "to": "2026-09-01T11:00:00Z",
        "submitted_at": "2026-09-01T11:59:30Z",
    },
}


def record(topic: str, /, **changes: object) -> bytes:
    """A valid record of a topic with fields changed; None takes a field away."""
    fields = VALID[topic] | changes
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not None})


def block(
    topic: str, values: Sequence[bytes | None], *, first: int = 0, topic_id: str = "t-id", number: int = 0
) -> Block:
    """A block of these values, a millisecond apart."""
    return Block(
        topic=topic,
        topic_id=topic_id,
        partition=number,
        first=first,
        next=first + len(values),
        offsets=list(range(first, first + len(values))),
        timestamps_ms=[RECORDED_AT_MS + first + position for position in range(len(values))],
        values=list(values),
    )


RULES = OutcomeRules(tables=code_tables(), answer_within_us=30_000_000)


def stored(topic: str, *values: bytes | None, rules: OutcomeRules = RULES) -> EncodedBlock:
    """These values as a block, encoded."""
    return encode_block(block(topic, values), rules)


def rows(made: EncodedBlock, topic: str) -> list[dict[str, Any]]:
    """The rows of the topic's table."""
    return made.tables[TABLES[topic]].to_pylist() if TABLES[topic] in made.tables else []
