"""A block of raw records to columns: decoded, checked, classified, hashed. Pure; the processor's time goes here.

Which records are valid is defined by `schemas.decoding`; a property test holds this to it record by record.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from streams.ingest.encode import dead_letters, probes, receipts, requests
from streams.ingest.encode.arrays import big_endian_integers
from streams.ingest.encode.encoded_block import EncodedBlock, encoded_block
from streams.ingest.encode.expired import expired_record, late_positions, without_late
from streams.ingest.encode.facts import facts_of
from streams.ingest.encode.ledger_columns import LedgerColumns, LedgerRows
from streams.kafka.block import Block
from streams.rules.classify import OutcomeRules

_AHEAD_MS: Final = 300_000

_LEDGERS: Final[Mapping[str, Callable[[Block, OutcomeRules], LedgerRows]]] = {
    requests.SHAPE.topic: requests.request_rows,
    receipts.SHAPE.topic: receipts.receipt_rows,
    probes.SHAPE.topic: probes.probe_rows,
}


def encode_block(block: Block, rules: OutcomeRules, expired: Collection[int] = ()) -> EncodedBlock:
    """The rows that a block becomes, its dead letters, and its row of `blocks`.

    Requests, receipts and probes of an `expired` UTC month (YYYYMM) are dead letters: see `zecto-sla expire`.

    `records` and `digest` speak of all records of the block, dead letters too (a null one hashes like an empty one),
    so that an archive of the topic can be held against them.
    """
    rows_of = _LEDGERS.get(block.topic)
    if rows_of is None:
        return _facts(block)
    ledger = rows_of(block, rules)
    columns = ledger.columns
    if late := late_positions(columns, expired):
        return _without_late(block, late, rules)
    return encoded_block(
        block,
        {ledger.table: ledger.rows},
        columns.refused,
        ahead_of_clock=_ahead(columns.instants_ms, columns.recorded_at_ms),
        digest=_digest_of(block, columns),
        touched=ledger.touched,
    )


def _facts(block: Block) -> EncodedBlock:
    facts = facts_of(block)
    return encoded_block(
        block,
        {facts.name: facts.table},
        facts.refused,
        ahead_of_clock=_ahead([np.array(facts.observed_ms, np.int64)], np.array(facts.recorded_at_ms, np.int64)),
        digest=_digest(block, range(len(block.values))),
    )


def _without_late(block: Block, late: Sequence[int], rules: OutcomeRules) -> EncodedBlock:
    """The block with the records at these positions set aside; its row still speaks of all of them."""
    rest = encode_block(without_late(block, late), rules)
    invalid_records = {position: expired_record(block.topic, block.values[position]) for position in late}
    table, late_rejected = dead_letters.describe_dead_letters(block, invalid_records)
    others = [rest.tables[dead_letters.TABLE]] if dead_letters.TABLE in rest.tables else []
    row = replace(
        rest.row,
        records=len(block.values),
        dead_letters=rest.row.dead_letters + len(late_rejected),
        digest=_digest(block, range(len(block.values))),
        first_recorded_at_ms=block.timestamps_ms[0],
        last_recorded_at_ms=block.timestamps_ms[-1],
    )
    tables = {**rest.tables, dead_letters.TABLE: pa.concat_tables([*others, table])}
    return EncodedBlock(row=row, tables=tables, dead_letters=[*rest.dead_letters, *late_rejected])


def _ahead(instants_ms: Sequence[npt.NDArray[np.int64]], recorded_at_ms: npt.NDArray[np.int64]) -> int:
    return int(np.count_nonzero(np.maximum.reduce(list(instants_ms)) > recorded_at_ms + _AHEAD_MS))


def _digest_of(block: Block, columns: LedgerColumns) -> int:
    """The same as `_digest` of all values, of which the rows' are hashed already."""
    rows = int(columns.content.sum(dtype=np.uint64))
    return (rows + _digest(block, columns.refused)) % 2**64


def _digest(block: Block, positions: Collection[int]) -> int:
    large = [block.large[offset] for position in positions if (offset := block.offsets[position]) in block.large]
    values = [block.values[position] for position in positions if block.offsets[position] not in block.large]
    hashes = big_endian_integers(b"".join([xxhash.xxh3_64_digest(value or b"") for value in values]))
    whole = int(hashes.sum(dtype=np.uint64)) if len(hashes) else 0
    return (whole + sum(value.content for value in large)) % 2**64
