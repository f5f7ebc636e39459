"""Whatever a topic holds, a block of it is encoded: each record is a row or a dead letter, and none ends a worker."""

from collections import Counter
from typing import Any

import pytest

from schemas.reference import code_tables
from streams.audit.codes import read_codes
from streams.audit.records import RECEIPTS, REQUESTS, understand
from streams.ingest.encode import encode_block
from streams.kafka.block import Block
from tests.fuzz.mutating import mutated
from tests.hostile.keeping import TABLES

_RECORDS = 2_000
_RECORDED_AT_MS = 1_788_000_000_000


def _block(topic: str, seed: int) -> Block:
    values = [*mutated(topic, seed, _RECORDS)]
    return Block(
        topic=topic,
        topic_id="t",
        partition=0,
        first=0,
        next=_RECORDS,
        offsets=range(_RECORDS),
        timestamps_ms=[_RECORDED_AT_MS] * _RECORDS,
        values=values,
    )


@pytest.mark.parametrize("topic", TABLES)
def test_i2_every_record_is_a_row_or_a_dead_letter(topic: str) -> None:
    for seed in (16, 17):
        row = encode_block(_block(topic, seed), code_tables()).row
        assert row.records == _RECORDS
        assert 0 < row.dead_letters < _RECORDS


@pytest.mark.parametrize("topic", [REQUESTS, RECEIPTS])
def test_c4_mutated_records_are_classified_as_the_auditor_does(topic: str) -> None:
    block, codes, expected = _block(topic, 18), read_codes(), Counter[str]()
    for value in block.values:
        fields: dict[str, Any] | None = understand(topic, value)
        if fields is None:
            continue
        if topic == REQUESTS:
            ending = codes.request_ending(fields["status"], fields.get("error") or "", fields["time"])
        else:
            of_receipt = (fields["state"], fields.get("code_system"), fields.get("code") or "", fields["submitted_at"])
            ending = codes.receipt_ending(*of_receipt)
        expected[ending.reason] += 1
    rows = encode_block(block, code_tables()).tables[TABLES[topic]]
    assert Counter(rows.column("reason").to_pylist()) == expected
