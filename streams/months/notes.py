"""What a reader of a month should know beside its numbers.

Unusual windows (X1), labels that contradict (C5), records lost unread (B3), ahead of the clock, or gone by decision.
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import format_instant
from schemas.policies import Policy
from streams.clickhouse.session import Row, rows
from streams.rules.policy import PolicyChoice

_MAINTENANCE_SQL: Final = """
SELECT declaration_id, toUnixTimestamp64Milli(start) AS start_ms, toUnixTimestamp64Milli(`end`) AS end_ms
FROM windows(month = {month:String}, policy = {policy:String})
WHERE kind = 'scheduled_maintenance' AND void_reason = ''
ORDER BY declaration_id
"""
_LOST_SQL: Final = """
SELECT topic, partition, cause, toUnixTimestamp64Milli(from_at) AS from_ms, toUnixTimestamp64Milli(to_at) AS to_ms
FROM lost_spans
WHERE from_at < fromUnixTimestamp64Milli({end_ms:Int64} + {lead_ms:Int64})
    AND to_at >= fromUnixTimestamp64Milli({start_ms:Int64})
    AND topic IN ('api.requests', 'carrier.receipts', 'probes', 'telemetry.manifests')
ORDER BY from_at, topic, partition
"""
_GAPS_SQL: Final = """
SELECT topic, partition, length(gaps) AS gap_count
FROM coverage
WHERE notEmpty(gaps) AND (topic, topic_id) IN (SELECT topic, topic_id FROM listings FINAL)
ORDER BY topic, partition
"""
_AHEAD_SQL: Final = """
SELECT topic, sum(ahead_of_clock) AS records
FROM blocks FINAL
WHERE ahead_of_clock > 0
    AND first_recorded_at < fromUnixTimestamp64Milli({end_ms:Int64})
    AND last_recorded_at >= fromUnixTimestamp64Milli({start_ms:Int64})
GROUP BY topic ORDER BY topic
"""
_EXPIRED_SQL: Final = """
SELECT
    (SELECT arraySort(groupUniqArray(month)) FROM expirations
        WHERE month >= toYYYYMM(toDateTime({from:UInt32}, 'UTC'))
            AND month <= toYYYYMM(toDateTime({to:UInt32} - 1, 'UTC'))) AS months,
    (SELECT count() FROM dead_letters FINAL WHERE reason = 'expired_minute'
        AND minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')) AS letters
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
        *_reading_notes(client, choice),
        *_expiry_notes(client, span),
    ]


def _reading_notes(client: Client, choice: PolicyChoice) -> list[str]:
    """What of the reading itself touches the month: holes in the log, holes in what was stored, clocks ahead."""
    asked = {"start_ms": choice.span.start_ms, "end_ms": choice.span.end_ms, "lead_ms": choice.policy.lost_lead_ms}
    return [
        *(
            f"{_place(row)}: records were lost unread between {format_instant(row['from_ms'])} and "
            f"{format_instant(row['to_ms'])}; their minutes are blind (B3)"
            for row in rows(client, _LOST_SQL, asked)
        ),
        *(
            f"{row['topic']}/{row['partition']}: {row['gap_count']:,} gaps in what was stored, in flight or a fault: "
            "zecto-sla doctor"
            for row in rows(client, _GAPS_SQL, {})
        ),
        *(
            f"{row['topic']}: {row['records']:,} records were more than 5 minutes ahead of the broker's clock "
            "(ahead_of_clock); they count"
            for row in rows(client, _AHEAD_SQL, asked)
        ),
    ]


def _place(row: Row) -> str:
    return f"{row['topic']}, created anew" if row["cause"] == "recreated" else f"{row['topic']}/{row['partition']}"


def _expiry_notes(client: Client, span: dict[str, int]) -> list[str]:
    (found,) = rows(client, _EXPIRED_SQL, span)
    if not found["months"]:
        return []
    months = ", ".join(f"{number // 100}-{number % 100:02}" for number in found["months"])
    late = f"; {found['letters']:,} records came too late to count (expired_minute)" if found["letters"] else ""
    return [f"single records of {months} (UTC) have expired: the minutes and the statement stand{late}"]


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
