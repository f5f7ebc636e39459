"""What a reader of a month should know beside its numbers: unusual windows (X1), labels that contradict (C5)."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

import sql
from schemas.policies import Policy
from streams.reporting.engine import Row, rows
from streams.sla.policy import PolicyChoice

_MAINTENANCE_SQL: Final = """
SELECT declaration_id, toUnixTimestamp64Milli(start) AS start_ms, toUnixTimestamp64Milli(`end`) AS end_ms
FROM windows(month = {month:String}, policy = {policy:String})
WHERE kind = 'scheduled_maintenance' AND void_reason = ''
ORDER BY declaration_id
"""
_DAY_MINUTES: Final = 1440


def month_notes(client: Client, choice: PolicyChoice) -> list[str]:
    """Sentences for people; none of them changes a number."""
    asked = {"month": choice.span.month, "policy": choice.policy.policy_id}
    maintenance = rows(client, _MAINTENANCE_SQL, asked)
    span = {"from": choice.span.start_ms // 1000, "to": choice.span.end_ms // 1000}
    mismatches = rows(client, sql.query("plan_mismatches"), span)
    return [
        *(_unusual(row, choice.policy) for row in maintenance if not _usual(row, choice.policy)),
        *(
            f"{row['service']}: plan_mismatch: {row['plan_mismatch']:,} records are labelled {row['label']}, "
            f"the account's own record says {row['plan']} (C5)"
            for row in mismatches
        ),
    ]


def _usual(row: Row, policy: Policy) -> bool:
    """Whether the window lies within the usual hours of one local day (§2.4, "typically")."""
    first, last = policy.usual_hours
    start = _local(row["start_ms"], policy.zone)
    begins = start.hour * 60 + start.minute
    length = -(-(row["end_ms"] - row["start_ms"]) // 60_000)
    return length < _DAY_MINUTES and first <= begins and begins + length <= last


def _unusual(row: Row, policy: Policy) -> str:
    start = _local(row["start_ms"], policy.zone)
    return (
        f"declaration {row['declaration_id']}: maintenance outside the usual hours "
        f"(from {start:%Y-%m-%d %H:%M} {policy.zone}); it excludes all the same (X1)"
    )


def _local(instant_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant_ms // 1000, tz=UTC).astimezone(ZoneInfo(zone))
