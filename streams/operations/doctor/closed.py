"""Whether what was closed is kept as it was made."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from streams.operations.doctor.findings import Finding, fault, named, ok

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
    """Statements and amendments: one document under each number, its bytes those that its hash tells of."""
    wrong = [row for row in rows if row["documents"] > 1 or row["broken"]]
    if wrong:
        said = f"not as it was made: {named([_name(row) for row in wrong])}"
        to_do = f"zecto-sla close {wrong[0]['month']} tells which document stands; find out who wrote the other"
        return fault("closed months", said, to_do, wrong)
    statements = sum(row["number"] == 0 for row in rows)
    if not statements:
        return ok("closed months", "no month is closed")
    line = f"{statements:,} statements and {len(rows) - statements:,} amendments are kept as they were made"
    return ok("closed months", line, rows)


def _name(row: Row) -> str:
    return f"amendment {row['number']} of {row['month']}" if row["number"] else f"the statement of {row['month']}"
