"""A block of raw records to columns: decoded, checked, classified, hashed. Pure; the processor's time goes here.

Which records are valid is defined by `schemas.decoding`; a property test holds this to it record by record.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from schemas.codes import CodeTables
from streams.kafka.block import Block
from streams.ledger.blocks import NOTHING_TOUCHED, BlockRow, StoredBlock, Touched
from streams.ledger.columns import dead_letters, probes, receipts, requests
from streams.ledger.columns.arrays import big_endian_integers
from streams.ledger.columns.draft import Draft, draft_of
from streams.ledger.columns.expiry import expired_defect, late_positions, without_late
from streams.ledger.columns.facts import facts_of
from streams.ledger.ports import Partition

_AHEAD_MS: Final = 300_000


def columns_of(block: Block, reference: CodeTables, expired: Collection[int] = ()) -> StoredBlock:
    """The rows that a block becomes, its dead letters, and its row of `blocks`.

    Requests, receipts and probes of an `expired` UTC month (YYYYMM) are dead letters: see `zecto-sla expire`.

    `records` and `digest` speak of all records of the block, dead letters too (a null one hashes like an empty one),
    so that an archive of the topic can be held against them.
    """
    match block.topic:
        case "api.requests":
            draft = draft_of(block, requests.SHAPE)
            if late := late_positions(draft, expired):
                return _without_late(block, late, reference)
            table, touched = requests.requests_table(block, draft, reference)
            return _stored(block, {requests.TABLE: table}, touched, draft.refused, _ahead_in(block, draft))
        case "carrier.receipts":
            draft = draft_of(block, receipts.SHAPE)
            if late := late_positions(draft, expired):
                return _without_late(block, late, reference)
            table, touched = receipts.receipts_table(block, draft, reference)
            return _stored(block, {receipts.TABLE: table}, touched, draft.refused, _ahead_in(block, draft))
        case "probes":
            draft = draft_of(block, probes.SHAPE)
            if late := late_positions(draft, expired):
                return _without_late(block, late, reference)
            table, touched = probes.probes_table(block, draft)
            return _stored(block, {probes.TABLE: table}, touched, draft.refused, _ahead_in(block, draft))
        case _:
            facts = facts_of(block)
            ahead = _ahead([np.array(facts.observed_ms, np.int64)], np.array(facts.known_at_ms, np.int64))
            return _stored(block, {facts.name: facts.table}, NOTHING_TOUCHED, facts.refused, ahead)


def _without_late(block: Block, late: Sequence[int], reference: CodeTables) -> StoredBlock:
    """The block with the records at these positions set aside; its row still speaks of all of them."""
    rest = columns_of(without_late(block, late), reference)
    defects = {position: expired_defect(block.topic, block.values[position]) for position in late}
    table, letters = dead_letters.letters_of(block, defects)
    others = [rest.tables[dead_letters.TABLE]] if dead_letters.TABLE in rest.tables else []
    row = replace(
        rest.row,
        records=len(block.values),
        dead_letters=rest.row.dead_letters + len(letters),
        digest=_digest(block.values),
        first_known_at_ms=block.timestamps_ms[0],
        last_known_at_ms=block.timestamps_ms[-1],
    )
    tables = {**rest.tables, dead_letters.TABLE: pa.concat_tables([*others, table])}
    return StoredBlock(row=row, tables=tables, dead_letters=[*rest.dead_letters, *letters])


def _ahead_in(block: Block, draft: Draft) -> int:
    known_at_ms = np.asarray(block.timestamps_ms, np.int64)[np.array(draft.rows, np.int64)]
    return _ahead([np.array(instants_ms, np.int64) for instants_ms in draft.instants_ms], known_at_ms)


def _ahead(instants_ms: Sequence[npt.NDArray[np.int64]], known_at_ms: npt.NDArray[np.int64]) -> int:
    return int(np.count_nonzero(np.maximum.reduce(list(instants_ms)) > known_at_ms + _AHEAD_MS))


def _stored(
    block: Block, tables: dict[str, pa.Table], touched: Touched, refused: Sequence[int], ahead: int
) -> StoredBlock:
    letters_table, letters = dead_letters.dead_letters_of(block, refused)
    tables = tables | {dead_letters.TABLE: letters_table}
    return StoredBlock(
        row=BlockRow(
            partition=Partition(topic=block.topic, topic_id=block.topic_id, number=block.partition),
            first=block.first,
            next=block.next,
            records=len(block.values),
            dead_letters=len(letters),
            ahead_of_clock=ahead,
            digest=_digest(block.values),
            first_known_at_ms=block.timestamps_ms[0] if block.timestamps_ms else 0,
            last_known_at_ms=block.timestamps_ms[-1] if block.timestamps_ms else 0,
            touched=touched,
        ),
        tables={name: table for name, table in tables.items() if len(table)},
        dead_letters=letters,
    )


def _digest(values: Sequence[bytes | None]) -> int:
    hashes = big_endian_integers(b"".join([xxhash.xxh3_64_digest(value or b"") for value in values]))
    return int(hashes.sum(dtype=np.uint64)) if len(hashes) else 0
