"""What doctor says of parts that ClickHouse set aside as broken."""

from streams.operations.doctor.broken import judge_broken
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.describe import describe

PART = {"table": "ledger_requests", "partition": "202609", "name": "broken-on-start_202609_1_9_2"}
MINUTE = {"service": 1, "minute": 1_788_220_800}


def test_nothing_set_aside_is_in_order() -> None:
    assert judge_broken([], unheld=[], uncounted=[]).code is FindingCode.PARTS_WHOLE


def test_a_part_replaced_by_its_merge_is_only_remembered() -> None:
    found = judge_broken([PART], unheld=[], uncounted=[])
    assert found.code is FindingCode.PARTS_BROKEN
    assert "nothing counted is missing: ledger_requests/broken-on-start_202609_1_9_2" in describe(found).said


def test_i2_minutes_counting_more_than_the_ledger_are_one_fault() -> None:
    found = judge_broken([PART, PART], unheld=[MINUTE, MINUTE], uncounted=[])
    assert (found.code, found.fields) == (FindingCode.RECORDS_MISSING, {"minutes": 1})
    assert describe(found).to_do == "rebuild the ledger from archives (zecto-sla restore)"
    assert describe(found).said.startswith("1 minutes count more records than the ledger holds")


def test_minutes_that_count_fewer_are_a_fault_that_closing_mends() -> None:
    found = judge_broken([{**PART, "table": "minutes"}], unheld=[], uncounted=[MINUTE])
    assert (found.code, found.fields) == (FindingCode.COUNTS_MISSING, {"minutes": 1})
    assert describe(found).to_do.startswith("zecto-sla close")
