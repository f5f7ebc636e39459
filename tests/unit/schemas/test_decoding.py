import json
from collections.abc import Mapping

import pytest

from schemas.api_request import ApiRequest
from schemas.carrier_receipt import CarrierReceipt
from schemas.decoding import MAX_BYTES, RECORDS, decode, is_shallow, is_utf8
from schemas.instants import parse_instant
from schemas.manifest import Manifest
from schemas.reference import input_topics
from schemas.violations import InvalidRecord, Reason

TIME = "2026-09-01T00:00:00.123Z"
REQUEST = {
    "request_id": "r",
    "time": TIME,
    "service": "sms",
    "account_id": "a",
    "status": 200,
    "source": "edge-1",
}
RECEIPT = {
    "message_id": "m",
    "service": "email",
    "account_id": "a",
    "submitted_at": TIME,
    "time": "2026-09-01T00:01:00Z",
    "state": "delivered",
}


def encoded(record: Mapping[str, object]) -> bytes:
    return json.dumps(record).encode()


def invalid_record_of(value: bytes | None, topic: str = "api.requests") -> InvalidRecord:
    found = decode(topic, value)
    assert isinstance(found, InvalidRecord)
    return found


def test_every_topic_read_has_a_record() -> None:
    assert set(RECORDS) == {topic.name for topic in input_topics()}


def test_of_a_null_value_nothing_is_readable() -> None:
    assert invalid_record_of(None) == InvalidRecord(
        reason=Reason.NULL_VALUE, path="$", service=None, time_ms=None, source=None
    )


def test_64_kib_are_a_record_one_byte_more_not() -> None:
    filler = MAX_BYTES - len(encoded({**REQUEST, "note": ""}))
    assert isinstance(decode("api.requests", encoded({**REQUEST, "note": "x" * filler})), ApiRequest)
    too_long = invalid_record_of(encoded({**REQUEST, "note": "x" * (filler + 1)}))
    assert (too_long.reason, too_long.path) == (Reason.TOO_LONG, "$")
    assert (too_long.service, too_long.time_ms, too_long.source) == ("sms", parse_instant(TIME), "edge-1")


def test_absent_and_null_read_as_the_default() -> None:
    absent = decode("api.requests", encoded(REQUEST))
    assert isinstance(absent, ApiRequest)
    assert (absent.stage, absent.plan, absent.revision, absent.region) == ("ga", "paid", 0, "")
    null = decode("api.requests", encoded({**REQUEST, "stage": None, "plan": None, "revision": None}))
    assert isinstance(null, ApiRequest)
    assert (null.stage or "ga", null.plan or "paid", null.revision or 0) == ("ga", "paid", 0)


def test_of_duplicate_keys_the_last_counts() -> None:
    twice = encoded(REQUEST)[:-1] + b', "service": "voice"}'
    record = decode("api.requests", twice)
    assert isinstance(record, ApiRequest)
    assert record.service == "voice"
    assert invalid_record_of(twice.replace(b"200", b"99")).service == "voice"


def test_b3_a_receipts_violation_lies_in_its_submissions_minute() -> None:
    invalid = invalid_record_of(encoded({**RECEIPT, "time": "broken"}), "carrier.receipts")
    assert (invalid.reason, invalid.path) == (Reason.BAD_INSTANT, "$.time")
    assert invalid.time_ms == parse_instant(TIME)
    assert isinstance(decode("carrier.receipts", encoded(RECEIPT)), CarrierReceipt)


@pytest.mark.parametrize("time", ["1600-01-01T00:00:00Z", "2026-09-01T00:00:00", 7, None, ["x"]])
def test_b3_a_time_that_is_none_leaves_the_minute_unreadable(time: object) -> None:
    assert invalid_record_of(encoded({**REQUEST, "time": time})).time_ms is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("service", "fax"), ("service", 7), ("service", ["sms"]), ("source", "x" * 65), ("source", ""), ("source", 1)],
)
def test_b3_what_is_not_itself_valid_is_not_salvaged(field: str, value: object) -> None:
    invalid = invalid_record_of(encoded({**REQUEST, "status": 99, field: value}))
    assert getattr(invalid, field) is None


@pytest.mark.parametrize(
    "value",
    [
        encoded(REQUEST)[:-1] + b', "note": "caf\xe9"}',
        b"\xef\xbb\xbf" + encoded(REQUEST),
    ],
    ids=["latin-1", "byte order mark"],
)
def test_b3_service_and_time_are_read_through_stray_bytes(value: bytes) -> None:
    invalid = invalid_record_of(value)
    assert (invalid.service, invalid.time_ms, invalid.source) == ("sms", parse_instant(TIME), "edge-1")


@pytest.mark.parametrize("value", [b"{", b"[]", b"7", b"null", b'"sms"', b"", b"\xff\xfe", b"[" * 70_000])
def test_nothing_is_salvaged_where_there_is_no_object(value: bytes) -> None:
    invalid = invalid_record_of(value)
    assert (invalid.service, invalid.time_ms, invalid.source) == (None, None, None)


def test_a_topic_that_is_not_read_is_the_callers_error() -> None:
    with pytest.raises(KeyError):
        decode("sla.minutes", b"{}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"", True), (b"abc", True), ("سلام 😀".encode(), True), (b"\xff", False), (b"\xed\xa0\x80", False)],
)
def test_utf8_is_told_from_other_bytes(value: bytes, expected: bool) -> None:
    assert is_utf8(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"[" * 512 + b"]" * 512, True),
        (b"[" * 513 + b"]" * 513, False),
        (b'{"a":' * 513 + b"1" + b"}" * 513, False),
        (b"[[]," * 512 + b"1" + b"]" * 512, False),
        (b"[" + b"[]," * 2000 + b"1]", True),
        (b'["' + b"[" * 2000 + b'"]', True),
        (b'["' + b'\\"[' * 2000 + b'"]', True),
        (b"[" * 600 + b'"' + b'\\"' * 30_000, False),
    ],
    ids=["512", "513", "objects", "513 with siblings", "side by side", "in a string", "escaped", "never ending"],
)
def test_levels_are_counted_outside_of_strings(value: bytes, expected: bool) -> None:
    assert is_shallow(value) is expected


def test_too_deep_does_not_depend_on_the_callers_stack() -> None:
    def from_below(frames: int, value: bytes) -> object:
        return from_below(frames - 1, value) if frames else decode("api.requests", value)

    for levels, accepted in ((511, True), (512, False)):
        value = encoded(REQUEST)[:-1] + b', "deep": ' + b"[" * levels + b"]" * levels + b"}"
        for frames in (0, 200):
            assert isinstance(from_below(frames, value), ApiRequest) is accepted


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e999999999999", "9" * 5_000, "0.1e+400"])
def test_b3_a_number_beyond_any_double_leaves_the_rest_readable(number: str) -> None:
    invalid = invalid_record_of(encoded(REQUEST)[:-1] + f', "duration_ms": {number}}}'.encode())
    assert invalid.reason in (Reason.OUT_OF_BOUNDS, Reason.WRONG_TYPE)
    assert (invalid.path, invalid.service, invalid.time_ms) == ("$.duration_ms", "sms", parse_instant(TIME))


@pytest.mark.parametrize("number", ["--1e400", "01e400", "1.e400", "1e400x", "1e", "+1e400", "1e400 2"])
def test_b3_what_is_no_json_number_leaves_nothing_readable(number: str) -> None:
    invalid = invalid_record_of(encoded(REQUEST)[:-1] + f', "duration_ms": {number}}}'.encode())
    assert (invalid.service, invalid.time_ms) == (None, None)


def test_a_count_is_at_most_what_readers_hold_exactly() -> None:
    manifest = {"source": "edge-1", "service": "sms", "minute": TIME, "topic": "api.requests", "count": 2**53 - 1}
    assert isinstance(decode("telemetry.manifests", encoded(manifest)), Manifest)
    too_many = invalid_record_of(encoded({**manifest, "count": 2**53}), "telemetry.manifests")
    assert (too_many.reason, too_many.path) == (Reason.OUT_OF_BOUNDS, "$.count")
