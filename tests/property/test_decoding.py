"""No bytes make the decoder raise, and what it says of valid records is what was written."""

import json

import jsonschema
import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.any_json import read_json
from schemas.api_request import ApiRequest
from schemas.decoding import RECORDS, Understood, decode, understand
from schemas.fields import SERVICES
from schemas.generate import json_schema
from schemas.numbers import read_number, whole
from schemas.raw_value import MAX_BYTES, is_utf8
from schemas.violations import InvalidRecord
from tests.unit.ingest.making import VALID

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
            assert all(element.service in (None, *SERVICES) for element in found.elements)
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
    duration_ms=st.none() | st.integers(min_value=0, max_value=2**53 - 1),
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


SCHEMAS = {topic: jsonschema.Draft202012Validator(json_schema(record)) for topic, record in RECORDS.items()}
WRITTEN_NUMBERS = ["0", "-0.0", "1", "1.5", "200", "200.0", "2e2", "2E-1", "60000", "65535.0", "65536", "1e999", "-1"]
WRITTEN_NUMBERS += ["9007199254740991", "9007199254740991.0", "9007199254740992.0", "9007199254740992", "255.0", "256"]
WRITTEN = st.sampled_from(WRITTEN_NUMBERS) | st.sampled_from(
    [json.dumps(value) for value in ["", "-", "x" * 64, "x" * 65, "x" * 200, "x" * 201, "READ", "Delivered", "ga", "*"]]
    + [json.dumps(value) for value in [None, True, [], ["x"], ["*"], ["sms", "*"], {}, {"sms": "1"}, {"sms": 1}]]
)


@given(topics, st.data())
def test_a_schema_accepts_exactly_what_is_taken_whole(topic: str, data: st.DataObject) -> None:
    names = st.sampled_from([*RECORDS[topic].__struct_encode_fields__, "unknown"])
    written = {name: json.dumps(value) for name, value in VALID[topic].items()}
    written |= data.draw(st.dictionaries(names, WRITTEN, max_size=3))
    for name in data.draw(st.lists(names, max_size=1)):
        written.pop(name, None)
    value = ("{" + ", ".join(f'"{name}": {text}' for name, text in written.items()) + "}").encode()
    found = understand(topic, value)
    plain = json.loads(value, parse_float=lambda text: whole(read_number(text)))
    is_whole = isinstance(found, Understood) and not found.mended
    assert SCHEMAS[topic].is_valid(plain) == is_whole, found


@given(topics, st.data())
def test_b3_mending_changes_no_other_field(topic: str, data: st.DataObject) -> None:
    names = st.sampled_from([*RECORDS[topic].__struct_encode_fields__])
    changed = data.draw(st.dictionaries(names, WRITTEN, max_size=3))
    written = {name: json.dumps(value) for name, value in VALID[topic].items()} | changed
    found = understand(topic, ("{" + ", ".join(f'"{name}": {text}' for name, text in written.items()) + "}").encode())
    if isinstance(found, InvalidRecord):
        return
    assert set(found.mended) <= set(changed)
    for field, name in zip(found.record.__struct_fields__, found.record.__struct_encode_fields__, strict=True):
        if name in written and name not in found.mended:
            read = whole(read_json(written[name].encode()))
            assert whole(getattr(found.record, field)) == read
