"""A block of raw records to columns: decoded, checked, classified, hashed. Pure; the processor's time goes here.

Which records are valid is defined by `schemas.decoding`; a property test holds this to it record by record.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from schemas.codes import CodeTables
from streams.ingest.blocks import NOTHING_TOUCHED, BlockRow, EncodedBlock, Touched
from streams.ingest.encode import dead_letters, probes, receipts, requests
from streams.ingest.encode.arrays import big_endian_integers
from streams.ingest.encode.decoded_rows import DecodedRows, Shape, decode_rows
from streams.ingest.encode.expired import expired_record, late_positions, without_late
from streams.ingest.encode.facts import facts_of
from streams.ingest.encode.ledger_columns import LedgerColumns, ledger_columns
from streams.kafka.block import Block

_AHEAD_MS: Final = 300_000


class _Ledger(NamedTuple):
    """How the records of a topic become rows of a ledger table."""

    shape: Shape
    table: str
    rows: Callable[[LedgerColumns, DecodedRows, CodeTables], tuple[pa.Table, Touched]]


_LEDGERS: Final[Mapping[str, _Ledger]] = {
    ledger.shape.topic: ledger
    for ledger in (
        _Ledger(requests.SHAPE, requests.TABLE, requests.requests_table),
        _Ledger(receipts.SHAPE, receipts.TABLE, receipts.receipts_table),
        _Ledger(probes.SHAPE, probes.TABLE, probes.probes_table),
    )
}


def encode_block(block: Block, reference: CodeTables, expired: Collection[int] = ()) -> EncodedBlock:
    """The rows that a block becomes, its dead letters, and its row of `blocks`.

    Requests, receipts and probes of an `expired` UTC month (YYYYMM) are dead letters: see `zecto-sla expire`.

    `records` and `digest` speak of all records of the block, dead letters too (a null one hashes like an empty one),
    so that an archive of the topic can be held against them.
    """
    ledger = _LEDGERS.get(block.topic)
    if ledger is None:
        return _facts(block)
    decoded = decode_rows(block, ledger.shape)
    if late := late_positions(decoded, expired):
        return _without_late(block, late, reference)
    columns = ledger_columns(block, decoded)
    rows, touched = ledger.rows(columns, decoded, reference)
    row = _row(
        block,
        dead_letters=len(decoded.refused),
        ahead_of_clock=_ahead(columns.instants_ms, columns.recorded_at_ms),
        digest=_digest_of(block, decoded),
        touched=touched,
    )
    return _stored(block, {ledger.table: rows}, decoded.refused, row)


def _facts(block: Block) -> EncodedBlock:
    facts = facts_of(block)
    row = _row(
        block,
        dead_letters=len(facts.refused),
        ahead_of_clock=_ahead([np.array(facts.observed_ms, np.int64)], np.array(facts.recorded_at_ms, np.int64)),
        digest=_digest(block.values),
        touched=NOTHING_TOUCHED,
    )
    return _stored(block, {facts.name: facts.table}, facts.refused, row)


def _without_late(block: Block, late: Sequence[int], reference: CodeTables) -> EncodedBlock:
    """The block with the records at these positions set aside; its row still speaks of all of them."""
    rest = encode_block(without_late(block, late), reference)
    invalid_records = {position: expired_record(block.topic, block.values[position]) for position in late}
    table, late_rejected = dead_letters.describe_dead_letters(block, invalid_records)
    others = [rest.tables[dead_letters.TABLE]] if dead_letters.TABLE in rest.tables else []
    row = replace(
        rest.row,
        records=len(block.values),
        dead_letters=rest.row.dead_letters + len(late_rejected),
        digest=_digest(block.values),
        first_recorded_at_ms=block.timestamps_ms[0],
        last_recorded_at_ms=block.timestamps_ms[-1],
    )
    tables = {**rest.tables, dead_letters.TABLE: pa.concat_tables([*others, table])}
    return EncodedBlock(row=row, tables=tables, dead_letters=[*rest.dead_letters, *late_rejected])


def _ahead(instants_ms: Sequence[npt.NDArray[np.int64]], recorded_at_ms: npt.NDArray[np.int64]) -> int:
    return int(np.count_nonzero(np.maximum.reduce(list(instants_ms)) > recorded_at_ms + _AHEAD_MS))


def _stored(block: Block, tables: dict[str, pa.Table], refused: Sequence[int], row: BlockRow) -> EncodedBlock:
    dead_letters_table, rejected = dead_letters.dead_letters_of(block, refused)
    tables = tables | {dead_letters.TABLE: dead_letters_table}
    return EncodedBlock(
        row=row, tables={name: table for name, table in tables.items() if len(table)}, dead_letters=rejected
    )


def _row(block: Block, *, dead_letters: int, ahead_of_clock: int, digest: int, touched: Touched) -> BlockRow:
    return BlockRow(
        partition=block.source,
        first=block.first,
        next=block.next,
        records=len(block.values),
        dead_letters=dead_letters,
        ahead_of_clock=ahead_of_clock,
        digest=digest,
        first_recorded_at_ms=block.timestamps_ms[0] if block.timestamps_ms else 0,
        last_recorded_at_ms=block.timestamps_ms[-1] if block.timestamps_ms else 0,
        touched=touched,
    )


def _digest_of(block: Block, decoded: DecodedRows) -> int:
    """The same as `_digest` of all values, of which the rows' are hashed already."""
    rows = int(big_endian_integers(b"".join(decoded.contents)).sum(dtype=np.uint64))
    return (rows + _digest([block.values[position] for position in decoded.refused])) % 2**64


def _digest(values: Sequence[bytes | None]) -> int:
    hashes = big_endian_integers(b"".join([xxhash.xxh3_64_digest(value or b"") for value in values]))
    return int(hashes.sum(dtype=np.uint64)) if len(hashes) else 0
