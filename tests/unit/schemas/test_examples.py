"""Every file below schemas/examples is a test: by its place (valid, mended or invalid) and its name.

An invalid one is called `reason@field~what.json`: the reason, the path without `$.` (none: the record as a whole), and
what is special about it; a mended one `field,field~what.json`.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import schemas
from schemas.decoding import Understood, decode, understand
from schemas.generate import json_schema, record_types
from schemas.numbers import read_number, whole
from schemas.reference import input_topics
from schemas.violations import InvalidRecord, Reason

EXAMPLES = Path(schemas.__file__).parent / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.json"))
MENDED = sorted(EXAMPLES.glob("*/mended/*.json"))
INVALID = sorted(EXAMPLES.glob("*/invalid/*.json"))
TOPIC_OF_RECORD = {topic.record: topic.name for topic in input_topics() if topic.record}

BEYOND_JSON_SCHEMA = {
    Reason.BAD_ORDER: "a schema compares no two fields",
    Reason.NOT_JSON: "no JSON to look at",
    Reason.NOT_UTF8: "no text to look at",
    Reason.TOO_DEEP: "unknown fields may be anything",
}
SEEN_ONLY_BY_US = {
    "bad_instant@time~30_february": "a pattern knows no calendar",
    "bad_instant@time~year_2100": "a pattern adds no offset, and 2100-01-01T00:30+01:00 is still within",
    "out_of_bounds@fees.sms~newline": "Python's $ stops before a last line feed, that of JSON Schema does not",
}


def name_of(path: Path) -> str:
    return f"{path.parts[-3]}/{path.stem}"


def plain(value: bytes) -> Any:  # noqa: ANN401
    """JSON as a validator that loses no digit would see it: what is whole is an integer."""
    return json.loads(value, parse_float=lambda text: whole(read_number(text)))


def schema_of(path: Path) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema(record_types()[path.parts[-3]]))


def told_by(path: Path) -> tuple[Reason, str]:
    reason, _, where = path.stem.partition("~")[0].partition("@")
    return Reason(reason), f"$.{where}" if where else "$"


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_every_valid_example_decodes_and_satisfies_its_schema(path: Path) -> None:
    value = path.read_bytes()
    schema_of(path).validate(plain(value))
    if topic := TOPIC_OF_RECORD.get(path.parts[-3]):
        found = understand(topic, value)
        assert isinstance(found, Understood)
        assert not found.mended
    else:
        msgspec.json.decode(value, type=record_types()[path.parts[-3]])


@pytest.mark.parametrize("path", MENDED, ids=name_of)
def test_b3_an_optional_field_with_a_violation_costs_itself_alone(path: Path) -> None:
    found = understand(TOPIC_OF_RECORD[path.parts[-3]], path.read_bytes())
    assert isinstance(found, Understood)
    assert ",".join(found.mended) == path.stem.partition("~")[0]
    assert not schema_of(path).is_valid(plain(path.read_bytes()))


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_every_invalid_example_is_refused_for_its_named_reason(path: Path) -> None:
    invalid = decode(TOPIC_OF_RECORD[path.parts[-3]], path.read_bytes())
    assert isinstance(invalid, InvalidRecord)
    assert (invalid.reason, invalid.path) == told_by(path)


@pytest.mark.parametrize(
    "path",
    [path for path in INVALID if told_by(path)[0] not in BEYOND_JSON_SCHEMA and path.stem not in SEEN_ONLY_BY_US],
    ids=name_of,
)
def test_every_invalid_example_fails_its_json_schema_too(path: Path) -> None:
    value: Any = plain(path.read_bytes())
    assert not schema_of(path).is_valid(value)


def test_every_record_has_examples() -> None:
    assert {path.parts[-3] for path in VALID} == set(record_types())
    assert {path.parts[-3] for path in INVALID} == set(TOPIC_OF_RECORD)
    assert {path.parts[-3] for path in MENDED} == set(TOPIC_OF_RECORD) - {"template_event"}  # it has no optional field


def test_every_reason_that_a_file_can_have_has_an_example() -> None:
    without = {Reason.NULL_VALUE, Reason.TOO_LONG, Reason.TOO_LARGE, Reason.EXPIRED_MINUTE}
    assert {told_by(path)[0] for path in INVALID} == set(Reason) - without
