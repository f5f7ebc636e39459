"""`encode_block` works over whole blocks; here it is held to a plain reading of one record at a time."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.api_request import ApiRequest
from schemas.carrier_receipt import CarrierReceipt
from schemas.codes import CodeTable, CodeTables, Responsible, assemble_tables
from schemas.decoding import decode
from schemas.instants import MINUTE_MS, parse_instant
from schemas.probe import Probe
from schemas.reference import code_tables
from schemas.violations import InvalidRecord
from streams.ingest.encode import encode_block
from streams.rules.classify import Outcome, classify_receipt, classify_request
from streams.rules.identity import content_hash, identity_key
from tests.unit.ingest.making import RECORDED_AT_MS, VALID, block

SERVICES = {"sms": 1, "voice": 2, "whatsapp": 3, "email": 4}
EDGE_MS = RECORDED_AT_MS - 30_000

INSTANTS = st.sampled_from(
    [
        "2026-09-01T11:59:29.999999999Z",
        "2026-09-01T11:59:30Z",
        "2026-09-01T16:59:30.000+05:00",
        "2026-09-01T12:05:00.001Z",
        "2026-09-01T12:59:59.9999999Z",
        "2026-09-01T12:00:00",
        "1600-01-01T00:00:00Z",
        "1999-12-31T23:59:59.999Z",
        "",
        7,
    ]
)
IDS = st.sampled_from(["a", "b", "ü", "x" * 128, "x" * 129, ""])
TEXTS = st.sampled_from(["", "x", "operator_unavailable", "internal_validation_bug", "y" * 64, "y" * 65, None, 3])
REVISIONS = st.sampled_from([0, 1, 65_535, 65_536, -1, None])
COUNTS = st.sampled_from([0, 1, 4_294_967_295, 4_294_967_296, None, 1.5])

OPTIONAL: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "api.requests": {
        "request_id": IDS,
        "time": INSTANTS,
        "service": st.sampled_from([*SERVICES, "fax"]),
        "status": st.sampled_from([0, 1, 99, 100, 200, 400, 404, 418, 429, 500, 503, 599, 600]),
        "error": TEXTS,
        "route": TEXTS,
        "source": TEXTS,
        "duration_ms": COUNTS,
        "stage": st.sampled_from(["ga", "beta", None, "gone"]),
        "plan": st.sampled_from(["paid", "trial", None]),
        "revision": REVISIONS,
    },
    "carrier.receipts": {
        "message_id": IDS,
        "submitted_at": INSTANTS,
        "time": INSTANTS,
        "state": st.sampled_from(["accepted", "enroute", "delivered", "failed", "expired", "unknown", "lost"]),
        "code_system": st.sampled_from(["gsm_map", "sip", "platform", None, "morse"]),
        "code": st.sampled_from(["x", "404", "27", "", None]),
        "template": st.sampled_from([True, False, None, 1]),
        "resolution_ms": COUNTS,
        "hd_ms": COUNTS,
    },
    "probes": {
        "probe_id": IDS,
        "time": INSTANTS,
        "ok": st.sampled_from([True, False, "yes"]),
        "status": st.sampled_from([None, 0, 5, 100, 599]),
        "revision": REVISIONS,
    },
}


def dated_tables() -> CodeTables:
    base = code_tables()
    rows = {
        "x": ((EDGE_MS, Responsible.OPERATOR), (-1, Responsible.CUSTOMER)),
        "internal_validation_bug": ((-1, Responsible.PLATFORM),),
        "operator_unavailable": ((-1, Responsible.OPERATOR),),
    }
    return assemble_tables({**base.tables, "platform_error": CodeTable(name="platform_error", rows=rows)})


TABLES = dated_tables()


@st.composite
def values(draw: st.DrawFn, topic: str) -> bytes | None:
    kind = draw(st.integers(0, 19))
    if kind == 0:
        return draw(st.sampled_from([None, b"", b"{", b"null", b"[]", b'{"a":"\xff"}', b" " * 65_537]))
    changes = draw(st.fixed_dictionaries({}, optional=OPTIONAL[topic]))
    text = json.dumps(VALID[topic] | changes, ensure_ascii=draw(st.booleans()))
    if kind == 1:
        text = text[:-1] + ',"unknown":{"deep":[[]]}}'
    return text.encode() + (b"\xff" if kind == 2 else b"")


def plainly(topic: str, value: bytes | None) -> tuple[Any, ...] | None:
    """What the ledger must hold of one record, worked out alone; None: it is a dead letter."""
    found = decode(topic, value)
    assert value is not None or isinstance(found, InvalidRecord)
    rest: tuple[object, ...]
    match found:
        case ApiRequest():
            time_ms = parse_instant(found.time)
            verdict = classify_request(found.status, found.error or "", time_ms, TABLES)
            kept = "" if verdict.outcome is Outcome.OK else found.request_id
            rest = (verdict.outcome, verdict.reason, found.status, found.revision or 0, found.duration_ms, kept)
            return (SERVICES[found.service], time_ms, identity_key(found.request_id), content_hash(value or b""), *rest)
        case CarrierReceipt():
            time_ms = parse_instant(found.submitted_at)
            verdict = classify_receipt(found.state, found.code_system, found.code or "", time_ms, TABLES)
            kept = "" if verdict.outcome is Outcome.OK else found.message_id
            resolution = 1 if found.resolution_ms is None else found.resolution_ms
            rest = (verdict.outcome, verdict.reason, found.template, resolution, found.hd_ms, kept)
            return (SERVICES[found.service], time_ms, identity_key(found.message_id), content_hash(value or b""), *rest)
        case Probe():
            time_ms = parse_instant(found.time)
            rest = (found.ok, found.status, found.revision or 0, found.duration_ms, found.probe_id)
            return (SERVICES[found.service], time_ms, identity_key(found.probe_id), content_hash(value or b""), *rest)
        case _:
            return None


COLUMNS = {
    "api.requests": (
        "ledger_requests",
        "minute_ms",
        ("outcome", "reason", "status", "revision", "duration_ms", "request_id"),
    ),
    "carrier.receipts": (
        "ledger_receipts",
        "submitted_ms",
        ("outcome", "reason", "template", "resolution_ms", "hd_ms", "message_id"),
    ),
    "probes": ("ledger_probes", "minute_ms", ("ok", "status", "revision", "duration_ms", "probe_id")),
}


@given(data=st.data(), topic=st.sampled_from(sorted(COLUMNS)))
def test_a_block_becomes_what_its_records_are_one_by_one(data: st.DataObject, topic: str) -> None:
    drawn = data.draw(st.lists(values(topic), max_size=12))
    made = encode_block(block(topic, drawn), TABLES)

    expected = {position: plainly(topic, value) for position, value in enumerate(drawn)}
    table, part, rest = COLUMNS[topic]
    rows = made.tables[table].to_pylist() if table in made.tables else []
    found = {
        row["offset"]: (
            row["service"],
            row["minute"] * 1000 + row[part],
            row["identity"],
            row["content"],
            *(row[name] for name in rest),
        )
        for row in rows
    }
    assert found == {position: row for position, row in expected.items() if row is not None}
    assert len(rows) == len(found)
    assert [dead_letter.offset for dead_letter in made.dead_letters] == [
        at for at, row in expected.items() if row is None
    ]
    touched = set(zip(made.row.touched.services.tolist(), made.row.touched.minutes.tolist(), strict=True))
    assert touched == {(row[0], row[1] // MINUTE_MS * 60) for row in expected.values() if row is not None}
    assert made.row.digest == sum(content_hash(value or b"") for value in drawn) % 2**64


NOT_SAID = object()
DECIDING: dict[str, dict[str, list[object]]] = {
    "api.requests": {"status": [0, 200, 404, 500, 503], "error": [NOT_SAID, None, "", "operator_unavailable", "x"]},
    "carrier.receipts": {
        "state": ["accepted", "delivered", "failed", "expired", "rejected", "deleted", "unknown"],
        "code_system": [NOT_SAID, None, "gsm_map", "sip", "smpp_status", "platform", "vendor"],
        "code": [NOT_SAID, None, "", "404", "map:1", "x"],
    },
}


@pytest.mark.parametrize("topic", DECIDING)
def test_c4_whatever_is_left_out_a_record_is_classified(topic: str) -> None:
    # all of them, where examples that are drawn may leave one out: a code of no system once ended a worker
    drawn: list[bytes | None] = []
    for choice in itertools.product(*DECIDING[topic].values()):
        said = {name: value for name, value in zip(DECIDING[topic], choice, strict=True) if value is not NOT_SAID}
        drawn.append(json.dumps({**_unclassified(topic), **said}).encode())
    table, _, rest = COLUMNS[topic]
    rows = encode_block(block(topic, drawn), TABLES).tables[table].to_pylist()
    expected = [plainly(topic, value) for value in drawn]
    assert [tuple(row[name] for name in rest[:2]) for row in rows] == [row and row[4:6] for row in expected]


def _unclassified(topic: str) -> dict[str, object]:
    return {name: value for name, value in VALID[topic].items() if name not in DECIDING[topic]}
