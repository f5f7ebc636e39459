"""What doctor finds of dead letters, clocks, conflicts, labels, expired and open months."""

from dataclasses import replace
from typing import Any

import pytest

from streams.judge.accounts import MislabelledPlan
from streams.months.refused import RefusedLetter
from streams.operations.doctor import records
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.describe import describe
from streams.operations.doctor.findings import Finding


def refused(reason: str, *, letters: int, lately: int) -> dict[str, Any]:
    return {"topic": "api.requests", "reason": reason, "letters": letters, "lately": lately}


def test_dead_letters_of_the_last_day_are_named() -> None:
    rows = [refused("bad_json", letters=2_000, lately=0), refused("bad_time", letters=1, lately=1)]
    found = records.judge_dead_letters(rows)
    assert (found.code, found.fields) == (FindingCode.DEAD_LETTERS, {"records": 2_001, "records_24h": 1})
    assert describe(found).said == "1 in the last 24 h (1 bad_time in api.requests), 2,001 in all"
    assert records.judge_dead_letters(rows[:1]).code is FindingCode.DEAD_LETTERS_OLD
    assert records.judge_dead_letters([]).code is FindingCode.NO_DEAD_LETTERS


def test_only_producers_ahead_lately_are_to_be_asked() -> None:
    rows = [{"topic": "probes", "records": 3, "lately": 0}, {"topic": "api.requests", "records": 2, "lately": 1}]
    found = records.judge_ahead(rows)
    assert (found.code, found.fields["topics"]) == (FindingCode.AHEAD, ["api.requests"])
    assert "the producers of api.requests with" in describe(found).to_do
    assert records.judge_ahead(rows[:1]).code is FindingCode.AHEAD_OLD
    assert records.judge_ahead([]).code is FindingCode.NOTHING_AHEAD


def test_i3_conflicts_are_named_from_the_latest_month() -> None:
    rows = [{"month": "2026-08", "identities": 2}, {"month": "2026-09", "identities": 1}]
    found = records.judge_conflicts(rows)
    assert describe(found).said == "identities with contradicting records: 1 in 2026-09, 2 in 2026-08"
    assert records.judge_conflicts([]).code is FindingCode.NO_CONFLICTS


def test_c5_contradicted_labels_are_counted() -> None:
    found = records.judge_mismatches([MislabelledPlan(service="sms", label="paid", plan="trial", records=7)], "2026-09")
    assert describe(found).said == "in 2026-09 7 of sms say paid, not trial"
    assert records.judge_mismatches([], "2026-09").code is FindingCode.PLANS_AGREE


def test_c4_codes_in_no_table_are_named_with_their_table() -> None:
    carried = [
        {"system": "gsm_map", "code": "999", "records": 3, "latest_ms": 0},
        {"system": "error", "code": "no_such_error", "records": 1200, "latest_ms": 0},
        {"system": "error", "code": "operator_unavailable", "records": 5, "latest_ms": 1_800_000_000_000},
    ]
    found = records.judge_codes(carried, 7)
    assert describe(found).said == (
        "2 codes of 1,203 records read in the last 7 days are in no table: 999 of 3 in gsm_map_error, "
        "no_such_error of 1,200 in platform_error"
    )
    assert records.judge_codes(carried[2:], 7).code is FindingCode.CODES_KNOWN


def test_x4_k2_refused_records_are_named_with_reason_and_path() -> None:
    letter = RefusedLetter(
        topic="sla.claims",
        record_id="c-1",
        reason="missing_field",
        path="$.from",
        partition=0,
        offset=17,
        recorded_ms=1_800_000_000_000,
    )
    found = records.judge_refused([replace(letter, record_id="", offset=16), letter])
    assert [row["offset"] for row in found.details] == [17, 16]
    assert describe(found).said.endswith(
        "were refused as unreadable: sla.claims c-1: missing_field at $.from (sla.claims/0, offset 17), "
        "sla.claims without a readable id: missing_field at $.from (sla.claims/0, offset 16)"
    )
    assert letter.sentence().startswith("sla.claims: 'c-1' was refused: missing_field at $.from (sla.claims/0@17, ")
    assert records.judge_refused([]).code is FindingCode.NONE_REFUSED


LATE = [{"month": "2023-05", "letters": 4}]
GONE = {"month": 202305, "dropped": True, "records": 0}


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (records.judge_expired([], []), FindingCode.NOTHING_EXPIRED, "no month has expired"),
        (records.judge_expired([], [GONE]), FindingCode.MONTHS_EXPIRED, "1 expired, and no record came late for any"),
        (
            records.judge_expired(LATE, [GONE]),
            FindingCode.EXPIRED_RECORDS_LATE,
            "records came too late to count: 4 for 2023-05 (UTC)",
        ),
        (
            records.judge_expired(LATE, [{**GONE, "records": 1}]),
            FindingCode.EXPIRED_ROWS_LEFT,
            "expired, and yet 1 rows are there: 2023-05",
        ),
        (
            records.judge_expired([], [{**GONE, "dropped": False}]),
            FindingCode.EXPIRED_ROWS_LEFT,
            "expired, and yet 0 rows are there: 2023-05",
        ),
    ],
)
def test_an_expired_month_has_neither_rows_nor_late_records(found: Finding, code: FindingCode, said: str) -> None:
    assert (found.code, describe(found).said) == (code, said)


def test_complete_months_are_to_be_closed_in_order() -> None:
    found = records.judge_unclosed(["2026-06", "2026-07", "2026-08", "2026-09"])
    assert describe(found).said == "complete and not closed: 2026-09, 2026-08, 2026-07 and 1 more"
    assert describe(found).to_do == "zecto-sla close 2026-06"
    assert records.judge_unclosed([]).code is FindingCode.MONTHS_CLOSED
