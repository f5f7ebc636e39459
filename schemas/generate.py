"""Write what is derived from records and topics: JSON Schemas, AsyncAPI document, the reference page of the records.

    python -m schemas.generate            write them
    python -m schemas.generate --check    exit 1 if one is not as it should be, naming it

A test holds the files to `rendered()`, so a record cannot change without its schema.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas.asyncapi import asyncapi_yaml
from schemas.closing import Closing
from schemas.credit_decision import CreditDecision
from schemas.dead_letter import DeadLetter
from schemas.decoding import RECORDS
from schemas.minute_counts import MinuteCounts
from schemas.records_page import records_page
from schemas.reference import topics

RECORDS_PAGE: Final = "../docs/reference/records.md"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_WRITTEN: Final[Mapping[str, type[msgspec.Struct]]] = {
    "sla.minutes": MinuteCounts,
    "sla.credits": CreditDecision,
    "sla.statements": Closing,
    "sla.dead-letters": DeadLetter,
}


def record_types() -> dict[str, type[msgspec.Struct]]:
    """The struct behind each `record` of topics.toml."""
    known = {**RECORDS, **_WRITTEN}
    return {topic.record: known[topic.name] for topic in topics() if topic.record is not None}


def json_schema(record: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record, self-contained."""
    (reference,), components = msgspec.json.schema_components([record], ref_template="#/$defs/{name}")
    schema = components.pop(reference["$ref"].rpartition("/")[2])
    return {"$schema": DIALECT, **schema, **({"$defs": components} if components else {})}


def rendered() -> dict[str, str]:
    """The text of every derived file, by its path below `schemas/`."""
    schemas = {name: json_schema(record) for name, record in record_types().items()}
    documents = {f"json/{name}.schema.json": _json_text(schema) for name, schema in schemas.items()}
    return {
        **documents,
        "asyncapi.yaml": asyncapi_yaml(topics(), {name: _summary(name) for name in schemas}),
        RECORDS_PAGE: records_page(topics(), schemas),
    }


def main(arguments: list[str]) -> int:
    """Write or check the derived files beside this module."""
    here = Path(__file__).parent
    stale = [path for path, text in rendered().items() if not _is_current(here / path, text)]
    if "--check" in arguments:
        sys.stderr.writelines(f"schemas/{path} is stale: run python -m schemas.generate\n" for path in stale)
        return bool(stale)
    for path in stale:
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_text(rendered()[path], "utf-8")
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8") == text


def _json_text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _summary(record: str) -> str:
    return (record_types()[record].__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
