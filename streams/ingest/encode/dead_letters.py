"""Records that cannot count: a row that says so in the bounds (B3), and their bytes for `sla.dead-letters`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from schemas.decoding import decode
from schemas.defects import Defect, Reason
from schemas.instants import MINUTE_MS
from streams.ingest.encode.arrays import KNOWN_AT
from streams.ingest.ports import DeadLetter
from streams.kafka.block import Block
from streams.rules.identity import letter_hash

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
        "known_at": KNOWN_AT,
    }
)


def dead_letters_of(block: Block, refused: Sequence[int]) -> tuple[pa.Table, list[DeadLetter]]:
    """Rows of `dead_letters` and the letters for the records at the refused positions of a block."""
    return letters_of(block, {position: _defect(block.topic, block.values[position]) for position in refused})


def letters_of(block: Block, defects: Mapping[int, Defect]) -> tuple[pa.Table, list[DeadLetter]]:
    """The same for records whose defects are known, by their positions in the block."""
    rows: list[dict[str, Any]] = []
    letters: list[DeadLetter] = []
    for position, defect in sorted(defects.items()):
        rows.append(_row(block, position, defect))
        letters.append(_letter(block, position, defect))
    return pa.Table.from_pylist(rows, schema=_SCHEMA), letters


def _defect(topic: str, value: bytes | None) -> Defect:
    found = decode(topic, value)
    if isinstance(found, Defect):
        return found
    # The two readings agree by test. Should they ever not, the record is kept as unknown, and the worker goes on.
    return Defect(reason=Reason.TOO_DEEP, path="$", service=None, time_ms=None, source=None)


def _row(block: Block, position: int, defect: Defect) -> dict[str, Any]:
    value = block.values[position]
    return {
        "topic": block.topic,
        "content": letter_hash(value),
        "is_null": value is None,
        "service": defect.service or "",
        "minute": None if defect.time_ms is None else defect.time_ms // MINUTE_MS * (MINUTE_MS // 1000),
        "source": defect.source or "",
        "reason": str(defect.reason),
        "path": defect.path,
        "bytes": len(value or b""),
        "excerpt": (value or b"")[:_EXCERPT_BYTES],
        "partition": block.partition,
        "offset": block.offsets[position],
        "known_at": block.timestamps_ms[position],
    }


def _letter(block: Block, position: int, defect: Defect) -> DeadLetter:
    return DeadLetter(
        value=block.values[position],
        topic=block.topic,
        partition=block.partition,
        offset=block.offsets[position],
        timestamp_ms=block.timestamps_ms[position],
        reason=str(defect.reason),
        path=defect.path,
    )
