"""What doctor says of closed months."""

from streams.operations.doctor.closed import judge_documents
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.describe import describe

KEPT = {"month": "2026-09", "policy": "zecto-1.0", "number": 0, "documents": 1, "broken": 0}


def test_documents_kept_as_they_were_made_are_counted() -> None:
    assert describe(judge_documents([])).said == "no month is closed"
    found = judge_documents([KEPT, {**KEPT, "number": 1}])
    assert (found.code, found.fields) == (FindingCode.DOCUMENTS_KEPT, {"statements": 1, "amendments": 1})
    assert describe(found).said == "1 statements and 1 amendments are kept as they were made"


def test_two_documents_of_one_number_and_wrong_hashes_are_faults() -> None:
    for wrong in ({"documents": 2}, {"broken": 1}):
        found = judge_documents([KEPT, {**KEPT, "number": 1, **wrong}])
        assert (found.code, found.fields) == (FindingCode.DOCUMENTS_ALTERED, {"first_month": "2026-09"})
        assert describe(found).said == "not as it was made: amendment 1 of 2026-09"
        assert describe(found).to_do.startswith("zecto-sla close 2026-09")
    altered = judge_documents([{**KEPT, "broken": 1}])
    assert describe(altered).said == "not as it was made: statement of 2026-09"
