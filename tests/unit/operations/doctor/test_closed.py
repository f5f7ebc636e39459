"""What doctor says of closed months."""

from streams.operations.doctor.closed import judge_documents
from streams.operations.doctor.findings import Level

KEPT = {"month": "2026-09", "policy": "zecto-1.0", "number": 0, "documents": 1, "broken": 0}


def test_documents_kept_as_they_were_made_are_counted() -> None:
    assert judge_documents([]).said == "no month is closed"
    found = judge_documents([KEPT, {**KEPT, "number": 1}])
    assert (found.level, found.said) == (Level.OK, "1 statements and 1 amendments are kept as they were made")


def test_two_documents_of_one_number_and_wrong_hashes_are_faults() -> None:
    for wrong in ({"documents": 2}, {"broken": 1}):
        found = judge_documents([KEPT, {**KEPT, "number": 1, **wrong}])
        assert (found.level, found.said) == (Level.FAULT, "not as it was made: amendment 1 of 2026-09")
        assert found.to_do.startswith("zecto-sla close 2026-09")
