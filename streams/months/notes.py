"""What a reader of a month should know beside its numbers, a sentence each; none of it changes a number.

Records that were lost unread (B3), ahead of the clock, refused, or gone by decision; maintenance outside the usual
hours where the policy lets it excuse (X1).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from schemas.instants import MINUTE_MS, format_instant
from streams.clickhouse.session import Row, rows
from streams.judge import JudgedMonth, judge_month
from streams.months.context import context_of
from streams.months.refused import read_refused
from streams.rules.month.span import local_minutes
from streams.rules.policy import PolicyChoice

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


def month_notes(client: Client, choice: PolicyChoice) -> list[str]:
    """Sentences for people on the month as it is now."""
    span = {"from": choice.span.start_ms // 1000, "to": choice.span.end_ms // 1000}
    return [
        *_unusual_notes(client, choice),
        *_reading_notes(client, choice),
        *(one.sentence() for one in read_refused(client, choice.span.start_ms, choice.span.end_ms)),
        *_expiry_notes(client, span),
    ]


def unusual_windows(judged: JudgedMonth) -> Iterator[str]:
    """Scheduled maintenance that may excuse minutes outside the usual hours of the policy's zone (X1)."""
    context = context_of(judged)
    policy = context.policy
    opens, closes = policy.usual_hours
    for window in context.windows.windows:
        if window.current.kind != "scheduled_maintenance":
            continue
        outside = 0
        for granted in window.granted.values():
            at = local_minutes(window.first, window.first + granted.size, policy.zone)
            outside = max(outside, int((granted & ((at < opens) | (at >= closes))).sum()))
        if outside:
            start = datetime.fromtimestamp(window.first * MINUTE_MS // 1000, tz=UTC).astimezone(ZoneInfo(policy.zone))
            yield (
                f"declaration {window.current.declaration_id}: {outside:,} minutes of maintenance outside the usual "
                f"hours (from {start:%Y-%m-%d %H:%M} {policy.zone}); it excludes all the same (X1)"
            )


def _unusual_notes(client: Client, choice: PolicyChoice) -> list[str]:
    """Under most policies such maintenance is void and listed (X4): there is nothing more to say."""
    if choice.policy.outside_usual_hours == "void":
        return []
    return list(unusual_windows(judge_month(client, choice)))


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
