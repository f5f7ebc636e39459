"""`encode_block` works over whole blocks; here it is held to a plain reading of one record at a time."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.api_request import ApiRequest
from schemas.carrier_receipt import CarrierReceipt, code_text, state_of
from schemas.codes import CodeTable, CodeTables, Responsible, assemble_tables
from schemas.decoding import understand
from schemas.ids import ACCOUNT_CHARACTERS, ID_CHARACTERS, names_nothing
from schemas.instants import MINUTE_MS, parse_instant
from schemas.numbers import microseconds
from schemas.probe import Probe
from schemas.reference import code_tables
from schemas.violations import InvalidRecord
from streams.ingest.encode import encode_block
from streams.rules.classify import AnswerTimes, Outcome, OutcomeRules, classify_receipt, classify_request
from streams.rules.identity import content_hash, identity_key, kept_id, unnamed_key
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
IDS = st.sampled_from(["a", "b", "ü", "x" * 128, "x" * 129, "", " \t", "-", "NULL", " -", "undefinedx", 7, None])
TEXTS = st.sampled_from(
    ["", "x", "operator_unavailable", "internal_validation_bug", "client_closed", "y" * 64, "y" * 65, None, 3]
)
REVISIONS = st.sampled_from([0, 1, 2.0, 65_535, 65_536, -1, None, "x"])
NUMBERS = st.sampled_from(
    [0, 1, 0.0009, 1.5, 29_999.9999, 30_000, 60_000, 60_000.5, 2**53 - 1, 2**53, -1, -0.0, 1e300, None, "1", True, [1]]
)

OPTIONAL: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "api.requests": {
        "request_id": IDS,
        "time": INSTANTS,
        "service": st.sampled_from([*SERVICES, "fax"]),
        "status": st.sampled_from([0, 1, 99, 100, 101, 200, 200.0, 200.5, 399, 400, 404, 418, 499, 500, 503, 599, 600]),
        "error": TEXTS,
        "route": TEXTS,
        "source": TEXTS,
        "duration_ms": NUMBERS,
        "total_ms": NUMBERS,
        "account_id": st.sampled_from(["a", "a" * 64, "a" * 65, ""]),
        "stage": st.sampled_from(["ga", "beta", None, "gone"]),
        "plan": st.sampled_from(["paid", "trial", None]),
        "revision": REVISIONS,
    },
    "carrier.receipts": {
        "message_id": IDS,
        "submitted_at": INSTANTS,
        "time": INSTANTS,
        "state": st.sampled_from(
            ["accepted", "ENROUTE", "delivered", "Read", "failed", "expired", "unknown", "lost", ""]
        ),
        "code_system": st.sampled_from(["gsm_map", "sip", "smpp_status", "platform", None, "morse"]),
        "code": st.sampled_from(["x", "404", "MAP:027", "0xB", 11, 11.0, 11.5, 404, -1, 2**53, "", None, "9" * 65]),
        "part": st.sampled_from([1, 2, 2.0, 255, 256, 0, None, "1"]),
        "template": st.sampled_from([True, False, None, 1]),
        "resolution_ms": NUMBERS,
        "hd_ms": NUMBERS,
    },
    "probes": {
        "probe_id": IDS,
        "time": INSTANTS,
        "ok": st.sampled_from([True, False, "yes"]),
        "status": st.sampled_from([None, 0, 5, 100, 599, "x"]),
        "duration_ms": NUMBERS,
        "vantage": st.sampled_from(["khi-1", "v" * 64, "v" * 65, ""]),
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


RULES = OutcomeRules(tables=dated_tables(), answer_within_us=30_000_000)


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
    found = understand(topic, value)
    if isinstance(found, InvalidRecord):
        return None
    assert value is not None
    rest: tuple[object, ...]
    match record := found.record:
        case ApiRequest():
            time_ms, took = parse_instant(record.time), AnswerTimes(us(record.duration_ms), us(record.total_ms))
            verdict = classify_request(record.status, record.error or "", took, time_ms, RULES)
            rest = (record.status, record.revision or 0, *took, kept_id(record.account_id, ACCOUNT_CHARACTERS))
            shared = named(record.request_id, 1, value, ended=verdict.outcome)
            rest = (verdict.outcome, verdict.reason, *rest)
        case CarrierReceipt():
            time_ms, part = parse_instant(record.submitted_at), record.part or 1
            state, code = state_of(record.state), code_text(record.code_system, record.code)
            assert state is not None
            verdict = classify_receipt(state, record.code_system, code, time_ms, RULES)
            resolution = 1_000 if record.resolution_ms is None else microseconds(record.resolution_ms)
            rest = (verdict.outcome, verdict.reason, record.template, resolution, us(record.hd_ms), code, part)
            shared = named(record.message_id, part, value, ended=verdict.outcome)
        case Probe():
            time_ms = parse_instant(record.time)
            rest = (record.ok, record.status, record.revision or 0, us(record.duration_ms), record.vantage)
            shared = named(record.probe_id, 1, value, ended=None)
        case _:
            return None
    assert not isinstance(record, InvalidRecord)
    return (SERVICES[record.service], time_ms, ",".join(found.mended), *shared, content_hash(value), *rest)


def us(milliseconds: object) -> int | None:
    return None if milliseconds is None else microseconds(milliseconds)


def named(record_id: str, part: int, value: bytes, *, ended: Outcome | None) -> tuple[bool, bytes, str]:
    """Whether an id names nothing, the identity, and the id as it is kept (I1)."""
    key = unnamed_key(value) if names_nothing(record_id) else identity_key(record_id, part)
    kept = key.hex() if names_nothing(record_id) else kept_id(record_id, ID_CHARACTERS)
    return names_nothing(record_id), key, "" if ended is Outcome.OK else kept


COLUMNS = {
    "api.requests": (
        "ledger_requests",
        ("minute_ms", "request_id"),
        ("outcome", "reason", "status", "revision", "duration_us", "total_us", "account_id"),
    ),
    "carrier.receipts": (
        "ledger_receipts",
        ("submitted_ms", "message_id"),
        ("outcome", "reason", "template", "resolution_us", "hd_us", "code", "part"),
    ),
    "probes": ("ledger_probes", ("minute_ms", "probe_id"), ("ok", "status", "revision", "duration_us", "vantage")),
}


@given(data=st.data(), topic=st.sampled_from(sorted(COLUMNS)))
def test_a_block_becomes_what_its_records_are_one_by_one(data: st.DataObject, topic: str) -> None:
    drawn = data.draw(st.lists(values(topic), max_size=12))
    made = encode_block(block(topic, drawn), RULES)

    expected = {position: plainly(topic, value) for position, value in enumerate(drawn)}
    table, (in_minute, record_id), rest = COLUMNS[topic]
    rows = made.tables[table].to_pylist() if table in made.tables else []
    found = {
        row["offset"]: (
            row["service"],
            row["minute"] * 1000 + row[in_minute],
            row["mended"],
            row["unnamed"],
            row["identity"],
            row[record_id],
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
    "api.requests": {
        "status": [0, 200, 404, 499, 500, 503],
        "error": [NOT_SAID, None, "", "operator_unavailable", "client_closed", "x"],
        "duration_ms": [NOT_SAID, None, 29_999.999, 30_000],
        "total_ms": [NOT_SAID, 29_999.999, 30_000],
    },
    "carrier.receipts": {
        "state": ["accepted", "delivered", "failed", "expired", "rejected", "deleted", "unknown"],
        "code_system": [NOT_SAID, None, "gsm_map", "sip", "smpp_status", "platform", "vendor"],
        "code": [NOT_SAID, None, "", "404", 404, "map:1", "x"],
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
    rows = encode_block(block(topic, drawn), RULES).tables[table].to_pylist()
    expected = [plainly(topic, value) for value in drawn]
    assert [tuple(row[name] for name in rest[:2]) for row in rows] == [row and row[7:9] for row in expected]


def _unclassified(topic: str) -> dict[str, object]:
    return {name: value for name, value in VALID[topic].items() if name not in DECIDING[topic]}
