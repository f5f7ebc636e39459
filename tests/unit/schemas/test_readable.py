"""B3: where a record that cannot count is missing, as far as it can be read."""

import json

import pytest

from schemas.decoding import decode
from schemas.instants import parse_instant
from schemas.readable import readable_elements
from schemas.violations import InvalidRecord, Readable, Reason

REQUESTS, RECEIPTS = "api.requests", "carrier.receipts"
TIME = "2026-09-01T12:00:30.250Z"
TIME_MS = parse_instant(TIME)
REQUEST = {"request_id": "r", "time": TIME, "service": "sms", "account_id": "a", "source": "edge-1"}
RECEIPT = {"message_id": "m", "submitted_at": TIME, "time": "2026-09-01T12:59:00Z", "service": "email"}
THE_REQUEST = Readable(
    service="sms", time_ms=TIME_MS, source="edge-1", record_id="r", account_id="a", identity=("r", 1)
)


def readable(fields: object, topic: str = REQUESTS) -> Readable:
    (element,) = readable_elements(topic, fields if isinstance(fields, bytes) else json.dumps(fields).encode())
    return element


def test_b3_everything_that_is_readable_is_read() -> None:
    assert readable(REQUEST) == THE_REQUEST


@pytest.mark.parametrize(
    ("time", "read_ms"),
    [
        ("2026-09-01T17:00:30.25+0500", TIME_MS),
        ("2026-09-01T17:00:30.25+05:00", TIME_MS),
        ("2026-09-01T12:00:30.25-0000", TIME_MS),
        ("2026-09-01T17:00:30.25+05", None),
        ("2026-09-01T17:00:30.25+05000", None),
        ("2026-09-01T12:00:30.25", None),
        ("2026-09-01T12:00:30.25+2400", None),
        ("1999-12-31T23:59:59+0000", None),
        ("2026-02-30T00:00:00+0500", None),
        (7, None),
        (None, None),
    ],
)
def test_b3_an_offset_may_lack_its_colon(time: object, read_ms: int | None) -> None:
    found = readable({**REQUEST, "time": time})
    assert found.time_ms == read_ms
    assert (found.identity is None) == (read_ms is None)
    assert isinstance(decode(REQUESTS, json.dumps({**REQUEST, "time": time, "status": "x"}).encode()), InvalidRecord)


@pytest.mark.parametrize("service", ["fax", "SMS", 7, ["sms"], None, ""])
def test_b3_a_service_that_is_none_is_not_readable(service: object) -> None:
    found = readable({**REQUEST, "service": service})
    assert (found.service, found.time_ms, found.identity) == (None, TIME_MS, None)


@pytest.mark.parametrize(("source", "read"), [("s" * 65, "s" * 64), ("", None), (1, None)])
def test_b3_a_source_is_cut_like_that_of_a_record(source: object, read: str | None) -> None:
    assert readable({**REQUEST, "source": source}).source == read


def test_b3_a_receipt_lies_in_the_minute_of_its_submission() -> None:
    assert readable(RECEIPT, RECEIPTS).time_ms == TIME_MS
    assert readable(RECEIPT, RECEIPTS).identity == ("m", 1)


def test_b3_a_receipts_time_places_but_identifies_nothing() -> None:
    found = readable({**RECEIPT, "submitted_at": "yesterday"}, RECEIPTS)
    assert found.time_ms == parse_instant("2026-09-01T12:59:00Z")
    assert (found.record_id, found.identity) == ("m", None)


@pytest.mark.parametrize(("part", "read"), [(2, 2), (2.0, 2), (255, 255), (256, 1), (0, 1), ("2", 1), (True, 1)])
def test_i1_a_part_that_is_readable_belongs_to_the_identity(part: object, read: int) -> None:
    assert readable({**RECEIPT, "part": part}, RECEIPTS).identity == ("m", read)
    assert readable({**REQUEST, "part": part}).identity == ("r", 1)


@pytest.mark.parametrize("record_id", ["-", "NULL", "", " "])
def test_i1_an_id_that_names_nothing_names_no_record(record_id: str) -> None:
    found = readable({**REQUEST, "request_id": record_id})
    assert (found.record_id, found.identity) == (record_id, None)


def test_b3_a_number_as_id_is_readable_but_no_identity() -> None:
    found = readable({**REQUEST, "request_id": 17, "account_id": 4.0})
    assert (found.record_id, found.account_id, found.identity) == ("17", "4", None)


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("sla.claims", "claim_id"),
        ("sla.declarations", "declaration_id"),
        ("probes", "probe_id"),
        ("support.tickets", "ticket_id"),
        ("whatsapp.templates", "template_id"),
    ],
)
def test_every_topics_own_id_is_read(topic: str, name: str) -> None:
    found = readable({name: "x-1", "account_id": "a"}, topic)
    assert (found.record_id, found.account_id) == ("x-1", "a")


def test_b3_each_element_of_an_array_is_read_alone() -> None:
    other = {**REQUEST, "request_id": "q", "service": "voice"}
    value = json.dumps([REQUEST, other, 7, [REQUEST], {}, REQUEST]).encode()
    found = decode(REQUESTS, value)
    assert isinstance(found, InvalidRecord)
    assert (found.reason, found.path) == (Reason.NOT_AN_OBJECT, "$")
    first, second, *rest, last = found.elements
    assert (first, second.service, second.identity, last) == (THE_REQUEST, "voice", ("q", 1), THE_REQUEST)
    assert rest == [Readable()] * 3


@pytest.mark.parametrize("value", [b"[]", b"{", b"7", b"null", b'"sms"', b"", b"\xff\xfe", b"[" * 70_000])
def test_b3_where_nothing_is_said_nothing_is_read(value: bytes) -> None:
    assert readable_elements(REQUESTS, value) == (Readable(),)
    assert readable_elements(REQUESTS, None) == (Readable(),)


@pytest.mark.parametrize(
    "value",
    [
        json.dumps(REQUEST).encode()[:-1] + rb', "route": "\x22GET\x22"}',
        json.dumps(REQUEST).encode()[:-1] + b', "note": "caf\xe9"}',
        b"\xef\xbb\xbf" + json.dumps(REQUEST).encode(),
        json.dumps(REQUEST).encode()[:-1] + b', "status": 2',
        json.dumps(REQUEST).encode()[:-1] + b', "status": NaN, "note": "never ends',
        json.dumps(REQUEST).encode() + b"}",
        json.dumps(REQUEST).encode()[:-1] + b', "deep": ' + b"[" * 600 + b"]" * 600 + b"}",
        json.dumps(REQUEST).encode()[:-1] + rb', "route": "\ud800"}',
    ],
    ids=["bad escape", "latin-1", "byte order mark", "cut off", "not a number", "trailing text", "deep", "surrogate"],
)
def test_b3_fields_are_read_through_what_is_no_json(value: bytes) -> None:
    assert isinstance(decode(REQUESTS, value), InvalidRecord)
    assert readable(value) == THE_REQUEST


def test_b3_unreadable_json_counts_by_each_fields_last_text() -> None:
    broken = rb'{"service": "voice", "time": 7, "service" : "sms", "x": "\x", "nested": {"source": "inner"}}'
    found = readable(broken)
    assert (found.service, found.time_ms, found.source) == ("sms", None, "inner")


def test_b3_only_the_number_of_a_part_is_read() -> None:
    broken = json.dumps({**RECEIPT, "part": 3}).encode()[:-1] + rb', "service": 5, "x": "\x"}'
    found = readable(broken, RECEIPTS)
    assert (found.service, found.identity) == ("email", ("m", 3))


@pytest.mark.parametrize(("written", "read"), [(r"\u00e9", "é"), (r"\ud800", None), (r"\x", None), (r"a\"b", 'a"b')])
def test_b3_an_id_is_read_through_a_good_escape(written: str, read: str | None) -> None:
    broken = json.dumps(REQUEST).replace('"r"', f'"{written}"') + "}"
    assert readable(broken.encode()).record_id == read


def test_b3_numbers_of_any_size_leave_the_rest_readable() -> None:
    for number in ("1e400", "1e999999999999999999999", "9" * 5_000):
        assert readable(json.dumps(REQUEST).encode()[:-1] + f', "status": {number}}}'.encode()) == THE_REQUEST
