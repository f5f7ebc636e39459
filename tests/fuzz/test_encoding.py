"""Whatever a topic holds, a block of it is encoded: each record is a row or a dead letter, and none ends a worker."""

from collections import Counter
from typing import Any

import pytest

from streams.audit.codes import Codes, Ending, RequestFacts, read_codes
from streams.audit.records import RECEIPTS, REQUESTS, understand
from streams.ingest.encode import encode_block
from streams.ingest.outcome_rules import outcome_rules
from streams.kafka.block import Block
from streams.rules.classify import Outcome
from tests.fuzz.mutating import mutated
from tests.hostile.keeping import TABLES

_RECORDS = 2_000
_ANSWER_WITHIN_US = 30_000_000
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
        row = encode_block(_block(topic, seed), outcome_rules()).row
        assert row.records == _RECORDS
        assert 0 < row.dead_letters < _RECORDS


@pytest.mark.parametrize("topic", [REQUESTS, RECEIPTS])
def test_c4_mutated_records_are_classified_as_the_auditor_does(topic: str) -> None:
    block, codes, expected = _block(topic, 18), read_codes(), Counter[Ending]()
    for value in block.values:
        understood = understand(topic, value)
        if understood is not None:
            of = _request_ending if topic == REQUESTS else _receipt_ending
            expected[of(understood.fields, codes)] += 1
    rows = encode_block(block, outcome_rules()).tables[TABLES[topic]]
    found = zip(rows.column("outcome").to_pylist(), rows.column("reason").to_pylist(), strict=True)
    assert Counter((Outcome(outcome).name.lower(), reason) for outcome, reason in found) == expected


def _request_ending(fields: dict[str, Any], codes: Codes) -> Ending:
    facts = RequestFacts(
        status=fields["status"],
        error=fields.get("error", ""),
        time_ms=fields["time"],
        duration_us=fields.get("duration_ms"),
        total_us=fields.get("total_ms"),
    )
    return codes.request_ending(facts, _ANSWER_WITHIN_US)


def _receipt_ending(fields: dict[str, Any], codes: Codes) -> Ending:
    code_system, code = fields.get("code_system", ""), fields.get("code", "")
    return codes.receipt_ending(fields["state"], code_system, code, fields["submitted_at"])
