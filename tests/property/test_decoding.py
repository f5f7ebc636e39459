"""No bytes make the decoder raise, and what it says of valid records is what was written."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.api_request import ApiRequest
from schemas.decoding import MAX_BYTES, RECORDS, decode, is_utf8
from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS
from schemas.violations import InvalidRecord
from streams.audit.records import salvage, understand

topics = st.sampled_from(sorted(RECORDS))
FIELDS = sorted({name for record in RECORDS.values() for name in record.__struct_encode_fields__})

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=20)
    | st.sampled_from(["sms", "*", "ga", "paid", "2026-09-01T00:00:00Z", "delivered", "", "1" * 70])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
near_records = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), values, max_size=12)


@given(topics, st.none() | st.binary(max_size=200))
def test_no_bytes_make_the_decoder_raise(topic: str, value: bytes | None) -> None:
    assert isinstance(decode(topic, value), InvalidRecord | RECORDS[topic])


@given(topics, near_records, st.booleans(), st.data())
def test_nothing_near_a_record_makes_the_decoder_raise(
    topic: str, fields: dict[str, object], escaped: bool, data: st.DataObject
) -> None:
    value = json.dumps(fields, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    cut = data.draw(st.integers(min_value=0, max_value=len(value)))
    for text in (value, value[:cut], value[:cut] + b"\xff" + value[cut:]):
        found = decode(topic, text)
        if isinstance(found, InvalidRecord):
            assert found.path.startswith("$")
            assert found.service in (None, *SERVICES)
        else:
            assert found.violation() is None
            assert is_utf8(text)
            assert len(text) <= MAX_BYTES


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
requests = st.builds(
    ApiRequest,
    request_id=names,
    time=st.just("2026-09-01T00:00:00.999999999+05:00"),
    service=st.sampled_from(SERVICES),
    account_id=names,
    status=st.just(0) | st.integers(min_value=100, max_value=599),
    duration_ms=st.none() | st.integers(min_value=0, max_value=2**32 - 1),
    route=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    revision=st.integers(min_value=0, max_value=65_535),
)


@given(requests)
def test_every_valid_request_decodes_to_itself(request: ApiRequest) -> None:
    assert decode("api.requests", msgspec.json.encode(request)) == request


@given(requests, st.integers(min_value=1, max_value=99) | st.integers(min_value=600))
def test_a_status_that_is_none_never_passes(request: ApiRequest, status: int) -> None:
    value = msgspec.json.encode({**msgspec.to_builtins(request), "status": min(status, 2**63)})
    assert isinstance(decode("api.requests", value), InvalidRecord)


numbers = st.from_regex(r"-{0,2}[0-9]{1,4}(\.[0-9]{0,3})?([eE][-+]?[0-9]{1,4})?", fullmatch=True)
places = st.sampled_from(["duration_ms", "status", "service", "time", "revision", "x", "source"])


@given(places, numbers, st.sampled_from(["", " ", "x", ",", '"']))
def test_b3_readers_agree_what_any_number_leaves_readable(field: str, number: str, after: str) -> None:
    known = '{"request_id": "r", "time": "2026-09-01T00:00:00Z", "service": "sms", "account_id": "a", "status": 200'
    value = f'{known}, "{field}": {number}{after}}}'.encode()
    found, again = decode("api.requests", value), understand("api.requests", value)
    assert isinstance(found, InvalidRecord) == (again is None)
    if isinstance(found, InvalidRecord):
        salvaged = salvage("api.requests", value)
        minute_ms = None if found.time_ms is None else found.time_ms // MINUTE_MS
        assert (found.service, minute_ms) == (salvaged.service, salvaged.minute)
