"""Derived files are what the records and topics say, and mean what their formats say."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

import schemas
from schemas import generate
from schemas.reference import topics

HERE = Path(schemas.__file__).parent
# The published JSON Schema of AsyncAPI 3.1.0, from @asyncapi/specs 6.11.1 (Apache-2.0), byte for byte.
ASYNCAPI_SCHEMA = Path(__file__).parent / "data" / "asyncapi-3.1.0.schema.json.gz"


def test_no_derived_file_is_stale_or_left_over() -> None:
    rendered = generate.rendered()
    for path, text in rendered.items():
        assert (HERE / path).read_text("utf-8") == text, f"schemas/{path}: run python -m schemas.generate"
    assert {f"json/{path.name}" for path in (HERE / "json").iterdir()} == set(rendered) - {
        "asyncapi.yaml",
        generate.RECORDS_PAGE,
    }


def test_the_check_names_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "__file__", str(tmp_path / "schemas" / "generate.py"))
    assert generate.main(["--check"]) == 1
    assert "schemas/asyncapi.yaml is stale" in capsys.readouterr().err
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize("name", sorted(generate.record_types()))
def test_each_json_schema_is_a_schema_by_its_own_dialect(name: str) -> None:
    schema = json.loads((HERE / "json" / f"{name}.schema.json").read_text("utf-8"))
    assert schema["$schema"] == generate.DIALECT
    jsonschema.Draft202012Validator.check_schema(schema)


def asyncapi_errors(document: object) -> list[jsonschema.ValidationError]:
    schema = json.loads(gzip.decompress(ASYNCAPI_SCHEMA.read_bytes()))
    return list(jsonschema.Draft7Validator(schema).iter_errors(document))


def test_the_asyncapi_document_satisfies_the_published_schema() -> None:
    document = yaml.safe_load((HERE / "asyncapi.yaml").read_text("utf-8"))
    assert document["asyncapi"] == "3.1.0"
    assert not asyncapi_errors(document)
    document["channels"]["api_requests"]["bindings"]["kafka"]["partitions"] = 0
    assert asyncapi_errors(document), "the check must be able to fail"


def test_every_topic_is_a_channel_and_every_reference_leads_somewhere() -> None:
    document = yaml.safe_load((HERE / "asyncapi.yaml").read_text("utf-8"))
    assert {channel["address"] for channel in document["channels"].values()} == {topic.name for topic in topics()}
    for reference in references(document):
        if reference.startswith("#/"):
            node = document
            for step in reference[2:].split("/"):
                node = node[step]
        else:
            assert (HERE / reference).is_file()


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key == "$ref" else references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
