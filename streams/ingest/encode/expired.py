"""Records of months whose rows have expired: set aside, for nothing is left to tell a duplicate from a new record."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from schemas.readable import readable_elements
from schemas.violations import InvalidRecord, Reason
from streams.ingest.encode.ledger_columns import LedgerColumns
from streams.ingest.encode.survivors import without
from streams.kafka.block import Block

_FIRST_YEAR: Final = 1970
_MONTHS: Final = 12


def late_positions(columns: LedgerColumns, expired: Collection[int]) -> list[int]:
    """Positions in the block of the valid records whose minute lies in one of these UTC months (YYYYMM)."""
    if not expired:
        return []
    months = columns.time_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    numbers = (_FIRST_YEAR + months // _MONTHS) * 100 + months % _MONTHS + 1
    late: list[int] = columns.rows[np.isin(numbers, list(expired))].tolist()
    return late


def without_late(block: Block, late: Sequence[int]) -> Block:
    """The same span without the records at these positions."""
    return replace(
        block,
        offsets=without(block.offsets, late),
        timestamps_ms=without(block.timestamps_ms, late),
        values=without(block.values, late),
    )


def expired_record(topic: str, value: bytes | None) -> InvalidRecord:
    """Why a valid record of a ledger's topic cannot count any more, with what B3 needs to know of it."""
    field = "submitted_at" if topic == "carrier.receipts" else "time"
    return InvalidRecord(reason=Reason.EXPIRED_MINUTE, path=f"$.{field}", elements=readable_elements(topic, value))
