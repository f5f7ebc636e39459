"""Records that cannot count: a row that says so in the bounds (B3), and their bytes for `sla.dead-letters`."""

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from schemas.ids import ACCOUNT_CHARACTERS, ID_CHARACTERS
from schemas.instants import MINUTE_MS
from schemas.violations import InvalidRecord
from streams.ingest.encode.arrays import RECORDED_AT
from streams.ingest.ports import RejectedRecord
from streams.kafka.block import Block
from streams.rules.identity import dead_letter_hash, identity_key, kept_id

TABLE: Final = "dead_letters"
_EXCERPT_BYTES: Final = 1_024
_SCHEMA: Final = pa.schema(
    {
        "topic": pa.string(),
        "content": pa.binary(16),
        "is_null": pa.bool_(),
        "element": pa.uint32(),
        "service": pa.string(),
        "minute": pa.uint32(),
        "source": pa.string(),
        "identity": pa.binary(16),
        "record_id": pa.string(),
        "account_id": pa.string(),
        "reason": pa.string(),
        "path": pa.string(),
        "bytes": pa.uint64(),
        "excerpt": pa.binary(),
        "partition": pa.uint16(),
        "offset": pa.uint64(),
        "recorded_at": RECORDED_AT,
    }
)


def describe_dead_letters(
    block: Block, invalid_records: Mapping[int, InvalidRecord]
) -> tuple[pa.Table, list[RejectedRecord]]:
    """Rows of `dead_letters` and the letters for the invalid records of a block, by their positions in it.

    A value that is an array has a row for each of its elements, and is one letter.
    """
    columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA.names}
    dead_letters: list[RejectedRecord] = []
    for position, invalid in sorted(invalid_records.items()):
        for name, values in _rows(block, position, invalid).items():
            columns[name].extend(values)
        dead_letters.append(_dead_letter(block, position, invalid))
    return pa.table(columns, schema=_SCHEMA), dead_letters


def _rows(block: Block, position: int, invalid: InvalidRecord) -> dict[str, list[Any]]:
    shared, size = _shared(block, position, invalid), len(invalid.elements)
    elements = invalid.elements
    # The excerpt is of the whole value: it stands once.
    excerpt = (block.values[position] or b"")[:_EXCERPT_BYTES]
    return {
        **{name: [value] * size for name, value in shared.items()},
        "element": list(range(size)),
        "service": [element.service or "" for element in elements],
        "minute": [_minute(element.time_ms) for element in elements],
        "source": [element.source or "" for element in elements],
        "identity": [None if element.identity is None else identity_key(*element.identity) for element in elements],
        "record_id": [kept_id(element.record_id or "", ID_CHARACTERS) for element in elements],
        "account_id": [kept_id(element.account_id or "", ACCOUNT_CHARACTERS) for element in elements],
        "excerpt": [excerpt, *[b""] * (size - 1)],
    }


def _shared(block: Block, position: int, invalid: InvalidRecord) -> dict[str, Any]:
    """What all elements of a value have in common."""
    value, large = block.values[position], block.large.get(block.offsets[position])
    return {
        "topic": block.topic,
        "content": large.dead_letter if large else dead_letter_hash(value),
        "is_null": value is None,
        "reason": str(invalid.reason),
        "path": invalid.path,
        "bytes": large.size if large else len(value or b""),
        "partition": block.partition,
        "offset": block.offsets[position],
        "recorded_at": block.timestamps_ms[position],
    }


def _minute(time_ms: int | None) -> int | None:
    return None if time_ms is None else time_ms // MINUTE_MS * (MINUTE_MS // 1000)


def _dead_letter(block: Block, position: int, invalid: InvalidRecord) -> RejectedRecord:
    return RejectedRecord(
        value=block.values[position],
        topic=block.topic,
        partition=block.partition,
        offset=block.offsets[position],
        timestamp_ms=block.timestamps_ms[position],
        reason=str(invalid.reason),
        path=invalid.path,
        large=block.large.get(block.offsets[position]),
    )
