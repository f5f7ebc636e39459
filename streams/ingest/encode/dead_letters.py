"""Records that cannot count: a row that says so in the bounds (B3), and their bytes for `sla.dead-letters`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from schemas.decoding import decode
from schemas.instants import MINUTE_MS
from schemas.violations import InvalidRecord, Reason
from streams.ingest.encode.arrays import RECORDED_AT
from streams.ingest.ports import RejectedRecord
from streams.kafka.block import Block
from streams.rules.identity import dead_letter_hash

TABLE: Final = "dead_letters"
_EXCERPT_BYTES: Final = 1_024
_SCHEMA: Final = pa.schema(
    {
        "topic": pa.string(),
        "content": pa.binary(16),
        "is_null": pa.bool_(),
        "service": pa.string(),
        "minute": pa.uint32(),
        "source": pa.string(),
        "reason": pa.string(),
        "path": pa.string(),
        "bytes": pa.uint64(),
        "excerpt": pa.binary(),
        "partition": pa.uint16(),
        "offset": pa.uint64(),
        "recorded_at": RECORDED_AT,
    }
)


def dead_letters_of(block: Block, refused: Sequence[int]) -> tuple[pa.Table, list[RejectedRecord]]:
    """Rows of `dead_letters` and the letters for the records at the refused positions of a block."""
    return describe_dead_letters(block, {position: _invalid_record(block, position) for position in refused})


def describe_dead_letters(
    block: Block, invalid_records: Mapping[int, InvalidRecord]
) -> tuple[pa.Table, list[RejectedRecord]]:
    """The same for records that are known to be invalid, by their positions in the block."""
    rows: list[dict[str, Any]] = []
    dead_letters: list[RejectedRecord] = []
    for position, invalid in sorted(invalid_records.items()):
        rows.append(_row(block, position, invalid))
        dead_letters.append(_dead_letter(block, position, invalid))
    return pa.Table.from_pylist(rows, schema=_SCHEMA), dead_letters


def _invalid_record(block: Block, position: int) -> InvalidRecord:
    if block.offsets[position] in block.large:
        return InvalidRecord(reason=Reason.TOO_LARGE, path="$", service=None, time_ms=None, source=None)
    found = decode(block.topic, block.values[position])
    if isinstance(found, InvalidRecord):
        return found
    # Both decoders agree, by test. Should they ever not, it is a dead letter all the same; its reason is a placeholder.
    return InvalidRecord(reason=Reason.TOO_DEEP, path="$", service=None, time_ms=None, source=None)


def _row(block: Block, position: int, invalid: InvalidRecord) -> dict[str, Any]:
    value, large = block.values[position], block.large.get(block.offsets[position])
    return {
        "topic": block.topic,
        "content": large.dead_letter if large else dead_letter_hash(value),
        "is_null": value is None,
        "service": invalid.service or "",
        "minute": None if invalid.time_ms is None else invalid.time_ms // MINUTE_MS * (MINUTE_MS // 1000),
        "source": invalid.source or "",
        "reason": str(invalid.reason),
        "path": invalid.path,
        "bytes": large.size if large else len(value or b""),
        "excerpt": (value or b"")[:_EXCERPT_BYTES],
        "partition": block.partition,
        "offset": block.offsets[position],
        "recorded_at": block.timestamps_ms[position],
    }


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
