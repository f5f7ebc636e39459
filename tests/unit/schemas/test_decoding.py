import json
from collections.abc import Mapping

import pytest

from schemas.api_request import ApiRequest
from schemas.decoding import RECORDS, decode
from schemas.instants import parse_instant
from schemas.manifest import Manifest
from schemas.raw_value import MAX_BYTES, is_shallow, is_utf8
from schemas.reference import input_topics
from schemas.violations import InvalidRecord, Readable, Reason

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


THE_REQUEST = Readable(
    service="sms",
    time_ms=parse_instant(TIME),
    source="edge-1",
    record_id="r",
    account_id="a",
    identity=("r", 1),
)


def encoded(record: Mapping[str, object]) -> bytes:
    return json.dumps(record).encode()


def invalid_record_of(value: bytes | None, topic: str = "api.requests") -> InvalidRecord:
    found = decode(topic, value)
    assert isinstance(found, InvalidRecord)
    return found


def test_every_topic_read_has_a_record() -> None:
    assert set(RECORDS) == {topic.name for topic in input_topics()}


def readable_of(value: bytes | None, topic: str = "api.requests") -> Readable:
    (element,) = invalid_record_of(value, topic).elements
    return element


def test_of_a_null_value_nothing_is_readable() -> None:
    assert invalid_record_of(None) == InvalidRecord(reason=Reason.NULL_VALUE, path="$", elements=(Readable(),))


def test_64_kib_are_a_record_one_byte_more_not() -> None:
    filler = MAX_BYTES - len(encoded({**REQUEST, "note": ""}))
    assert isinstance(decode("api.requests", encoded({**REQUEST, "note": "x" * filler})), ApiRequest)
    too_long = invalid_record_of(encoded({**REQUEST, "note": "x" * (filler + 1)}))
    assert (too_long.reason, too_long.path) == (Reason.TOO_LONG, "$")
    assert too_long.elements == (THE_REQUEST,)


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
    assert readable_of(twice.replace(b"200", b"99")).service == "voice"


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


def test_a_count_is_at_most_what_readers_hold_exactly() -> None:
    manifest = {"source": "edge-1", "service": "sms", "minute": TIME, "topic": "api.requests", "count": 2**53 - 1}
    assert isinstance(decode("telemetry.manifests", encoded(manifest)), Manifest)
    too_many = invalid_record_of(encoded({**manifest, "count": 2**53}), "telemetry.manifests")
    assert (too_many.reason, too_many.path) == (Reason.OUT_OF_BOUNDS, "$.count")
