"""Whether ClickHouse set parts of tables aside as broken, and whether a record or a count went with them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from clickhouse_connect.driver.client import Client

import sql
from streams.clickhouse.session import rows
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Finding, found

Row = Mapping[str, Any]

SET_ASIDE: Final = """
SELECT table, assumeNotNull(partition_id) AS partition, name
FROM system.detached_parts
WHERE database = currentDatabase() AND startsWith(reason, 'broken')
ORDER BY table, name
"""
_BY_MONTH: Final = frozenset({"ledger_requests", "ledger_receipts", "ledger_probes", "minutes"})


def look_at_broken(client: Client) -> Finding:
    """Broken parts; those of a month are followed up in the month's minutes."""
    parts = rows(client, SET_ASIDE, {})
    spans = [_month(part["partition"]) for part in parts if part["table"] in _BY_MONTH]
    unheld = [row for span in spans for row in rows(client, sql.query("unheld_minutes"), span)]
    uncounted = [row for span in spans for row in rows(client, sql.query("uncounted_minutes"), span | {"since": 0})]
    return judge_broken(parts, unheld=unheld, uncounted=uncounted)


def judge_broken(parts: Sequence[Row], *, unheld: Sequence[Row], uncounted: Sequence[Row]) -> Finding:
    """Parts set aside; minutes that count more records than the ledger holds, and minutes that count fewer (I2)."""
    if not parts:
        return found(FindingCode.PARTS_WHOLE)
    if unheld:
        return found(FindingCode.RECORDS_MISSING, parts, minutes=_distinct(unheld))
    if uncounted:
        return found(FindingCode.COUNTS_MISSING, parts, minutes=_distinct(uncounted))
    return found(FindingCode.PARTS_BROKEN, parts)


def _distinct(minutes: Sequence[Row]) -> int:
    return len({(row["service"], row["minute"]) for row in minutes})


def _month(partition: str) -> dict[str, datetime]:
    """The UTC month of a partition, `YYYYMM`."""
    year, month = int(partition[:4]), int(partition[4:])
    first = datetime(year, month, 1, tzinfo=UTC)
    return {"from": first, "to": datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)}
