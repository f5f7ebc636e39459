"""Whether what was closed is kept as it was made."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Finding, found

Row = Mapping[str, Any]

DOCUMENTS: Final = """
SELECT month, policy, number, uniqExact(sha256) AS documents, countIf(lower(hex(SHA256(document))) != sha256) AS broken
FROM
(
    SELECT month, policy, toUInt32(0) AS number, sha256, document FROM statements
    UNION ALL
    SELECT month, policy, number, sha256, document FROM amendments
)
GROUP BY month, policy, number
ORDER BY month, policy, number
"""


def judge_documents(rows: Sequence[Row]) -> Finding:
    """Statements and amendments: one document under each number, and its bytes those of its hash."""
    altered = [{"document": _document(row), **row} for row in rows if row["documents"] > 1 or row["broken"]]
    if altered:
        return found(FindingCode.DOCUMENTS_ALTERED, altered, first_month=altered[0]["month"])
    statements = sum(row["number"] == 0 for row in rows)
    if not statements:
        return found(FindingCode.NO_DOCUMENTS)
    return found(FindingCode.DOCUMENTS_KEPT, rows, statements=statements, amendments=len(rows) - statements)


def _document(row: Row) -> str:
    return "amendment" if row["number"] else "statement"
