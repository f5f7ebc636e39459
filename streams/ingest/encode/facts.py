"""The low-volume topics to their tables, a row at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from schemas.account import Account
from schemas.claim import Claim
from schemas.declaration import Declaration
from schemas.ids import ACCOUNT_CHARACTERS, ID_CHARACTERS
from schemas.instants import MINUTE_MS, parse_instant
from schemas.manifest import Manifest
from schemas.template_event import TemplateEvent
from schemas.ticket_event import TicketEvent
from schemas.violations import InvalidRecord
from streams.ingest.encode.arrays import RECORDED_AT
from streams.ingest.encode.numbers import SERVICE
from streams.ingest.encode.understanding import understand_at
from streams.kafka.block import Block
from streams.rules.identity import content_hash, kept_id

_TEXT: Final = pa.string()
_MENDED: Final = "mended"
"""Where a table tells them: the optional fields that could not be read, by name, with commas (B3)."""
_COORDINATES: Final = {
    "content": pa.uint64(),
    "partition": pa.uint16(),
    "offset": pa.uint64(),
    "recorded_at": RECORDED_AT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTable:
    """Where the records of a topic go, and as what.

    `observed` names the column that tells when the record says it was made, for `ahead_of_clock`; empty where a record
    may rightly speak of the future only.
    """

    name: str
    columns: Mapping[str, pa.DataType]
    row: Callable[[Any], dict[str, Any]]
    observed: str


def _declaration(record: Declaration) -> dict[str, Any]:
    return {
        "declaration_id": kept_id(record.declaration_id, ID_CHARACTERS),
        "revision": record.revision or 0,
        "kind": record.kind,
        "services": record.services,
        "start": parse_instant(record.start),
        "end": parse_instant(record.end),
        "announced_at": parse_instant(record.announced_at),
        "evidence": record.evidence or "",
        "retracted": bool(record.retracted),
        "title": record.title or "",
        "note": record.note or "",
    }


def _manifest(record: Manifest) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "source": record.source,
        "service": SERVICE[record.service],
        "minute": parse_instant(record.minute) // MINUTE_MS * (MINUTE_MS // 1000),
        "revision": record.revision or 0,
        "count": record.count,
        "final": bool(record.final),
    }


def _account(record: Account) -> dict[str, Any]:
    return {
        "account_id": kept_id(record.account_id, ACCOUNT_CHARACTERS),
        "revision": record.revision or 0,
        "effective_from": parse_instant(record.effective_from),
        "plan": record.plan,
        "support_tier": record.support_tier,
        "fees": list(record.fees.items()),
        "currency": record.currency,
        "policy": record.policy or "",
        "suspended": bool(record.suspended),
    }


def _ticket(record: TicketEvent) -> dict[str, Any]:
    return {
        "ticket_id": kept_id(record.ticket_id, ID_CHARACTERS),
        "account_id": kept_id(record.account_id, ACCOUNT_CHARACTERS),
        "time": parse_instant(record.time),
        "event": record.event,
        "priority": record.priority,
        "service": record.service or "",
        "automatic": bool(record.automatic),
    }


def _template(record: TemplateEvent) -> dict[str, Any]:
    return {
        "template_id": kept_id(record.template_id, ID_CHARACTERS),
        "account_id": kept_id(record.account_id, ACCOUNT_CHARACTERS),
        "time": parse_instant(record.time),
        "event": record.event,
    }


def _claim(record: Claim) -> dict[str, Any]:
    return {
        "claim_id": kept_id(record.claim_id, ID_CHARACTERS),
        "account_id": kept_id(record.account_id, ACCOUNT_CHARACTERS),
        "service": SERVICE[record.service],
        "from": parse_instant(record.from_),
        "to": parse_instant(record.to),
        "submitted_at": parse_instant(record.submitted_at),
        "evidence": record.evidence or [],
    }


FACT_TABLES: Final[Mapping[str, FactTable]] = {
    "sla.declarations": FactTable(
        name="declarations",
        columns={
            **dict.fromkeys(("declaration_id", "kind", "evidence", "title", "note"), _TEXT),
            **dict.fromkeys(("start", "end", "announced_at"), RECORDED_AT),
            "revision": pa.uint16(),
            "services": pa.list_(_TEXT),
            "retracted": pa.bool_(),
        },
        row=_declaration,
        observed="announced_at",
    ),
    "telemetry.manifests": FactTable(
        name="manifests",
        columns={
            **dict.fromkeys(("topic", "source", _MENDED), _TEXT),
            "service": pa.int8(),
            "minute": pa.uint32(),
            "revision": pa.uint16(),
            "count": pa.uint64(),
            "final": pa.bool_(),
        },
        row=_manifest,
        observed="",
    ),
    "accounts": FactTable(
        name="accounts",
        columns={
            **dict.fromkeys(("account_id", "plan", "support_tier", "currency", "policy"), _TEXT),
            "revision": pa.uint16(),
            "effective_from": RECORDED_AT,
            "fees": pa.map_(_TEXT, _TEXT),
            "suspended": pa.bool_(),
        },
        row=_account,
        observed="",
    ),
    "support.tickets": FactTable(
        name="tickets",
        columns={
            **dict.fromkeys(("ticket_id", "account_id", "event", "priority", "service"), _TEXT),
            "time": RECORDED_AT,
            "automatic": pa.bool_(),
        },
        row=_ticket,
        observed="time",
    ),
    "whatsapp.templates": FactTable(
        name="templates",
        columns={**dict.fromkeys(("template_id", "account_id", "event"), _TEXT), "time": RECORDED_AT},
        row=_template,
        observed="time",
    ),
    "sla.claims": FactTable(
        name="claims",
        columns={
            **dict.fromkeys(("claim_id", "account_id"), _TEXT),
            "service": pa.int8(),
            **dict.fromkeys(("from", "to", "submitted_at"), RECORDED_AT),
            "evidence": pa.list_(_TEXT),
        },
        row=_claim,
        observed="submitted_at",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedFacts:
    """Rows of the table `name`, why other records of the block are none, and what tells who speaks of the future."""

    name: str
    table: pa.Table
    refused: Mapping[int, InvalidRecord]
    observed_ms: Sequence[int]
    recorded_at_ms: Sequence[int]


def facts_of(block: Block) -> EncodedFacts:
    """The valid records of a low-volume block as rows of its table."""
    fact = FACT_TABLES[block.topic]
    rows: list[dict[str, Any]] = []
    refused: dict[int, InvalidRecord] = {}
    for position, value in enumerate(block.values):
        found = understand_at(block, position)
        if isinstance(found, InvalidRecord):
            refused[position] = found
            continue
        coordinates = {
            "content": content_hash(value or b""),
            "partition": block.partition,
            "offset": block.offsets[position],
            "recorded_at": block.timestamps_ms[position],
        }
        mended = {_MENDED: ",".join(found.mended)} if _MENDED in fact.columns else {}
        rows.append(fact.row(found.record) | mended | coordinates)
    schema = pa.schema([*fact.columns.items(), *_COORDINATES.items()])
    return EncodedFacts(
        name=fact.name,
        table=pa.Table.from_pylist(rows, schema=schema),
        refused=refused,
        observed_ms=[row[fact.observed] for row in rows] if fact.observed else [],
        recorded_at_ms=[row["recorded_at"] for row in rows] if fact.observed else [],
    )
