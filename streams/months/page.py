"""A month for people: its table, and what a reader should know beside its numbers, drawn by rich.

Unusual windows (X1), labels that contradict (C5), records lost unread (B3), ahead of the clock, or gone by decision.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client
from rich.table import Table

import sql
from schemas.instants import format_instant
from schemas.policies import Policy
from streams.clickhouse.session import Row, rows
from streams.core.console import Piece, TextConsole, styled
from streams.core.tables import count_or_blank, table_of
from streams.months.as_of import check_cut
from streams.months.incomplete import describe_reasons
from streams.months.month import MonthSummary, ServiceSummary, read_month, read_month_as_of
from streams.rules.months import guaranteed_uptime
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


def show_month(
    console: TextConsole, client: Client, choice: PolicyChoice, *, as_of: str | None, cut_ms: int | None
) -> None:
    """Print the month as the ledger has it now, or as it was known at a cut: `as_of` is the cut as it was written.

    Raises:
        ZectoError: nothing certain can be said of the cut.
    """
    month = read_month_at(client, choice, cut_ms)
    if cut_ms is None:
        notes = month_notes(client, choice)
    else:
        notes = [f"as of {as_of}: what the broker stamped at that instant or later is not counted"]
    print_month(console, month, choice.policy, notes)


def read_month_at(client: Client, choice: PolicyChoice, cut_ms: int | None) -> MonthSummary:
    """The month as the ledger has it now, or as it was known at a cut.

    Raises:
        ZectoError: not everything before the cut has been read, or rows of the month have expired.
    """
    (policy, in_force, span), month = choice, choice.span.month
    if cut_ms is None:
        return read_month(client, month=month, policy_id=policy.policy_id, zone=policy.zone, in_force=in_force)
    check_cut(client, cut_ms, span)
    return read_month_as_of(
        client, month=month, policy_id=policy.policy_id, zone=policy.zone, in_force=in_force, cut_ms=cut_ms
    )


def print_month(console: TextConsole, month: MonthSummary, policy: Policy, notes: Iterable[str]) -> None:
    """The month as a table, then what a reader must know beside it; its policy says which uptime is guaranteed."""
    console.say(*_heading(month))
    console.print(_month_table(month, guaranteed_uptime(policy)))
    for service, found in month.services.items():
        for line in _remarks(service, found):
            console.say(f"  {line}")
    for note in (*_unproven(month), *notes):
        console.say(f"  {note}")
    _print_listed(console, month)
    _print_incomplete(console, month)


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


def _heading(month: MonthSummary) -> list[Piece]:
    total = next(iter(month.services.values())).total_minutes
    pieces: list[Piece] = [
        styled(month.month, "bold"),
        f" · {total:,} minutes · policy {month.policy} · {month.zone} · ",
    ]
    pieces.append("complete" if month.complete else styled("provisional", "cyan"))
    if not month.in_force:
        pieces += [" · ", styled("before the policy was in force: no credits", "yellow")]
    return pieces


def _month_table(month: MonthSummary, guaranteed: Fraction) -> Table:
    figures = (">uptime %", ">low", ">high", ">down", ">excl.", ">blind", ">idle", ">pend.", ">credit")
    table = table_of("service", *figures)
    for service, found in month.services.items():
        met = Fraction(found.uptime) / 100 >= guaranteed
        certain = found.uptime_low == found.uptime_high
        table.add_row(
            service,
            styled(found.uptime, "green" if met else "bold red"),
            "" if certain else found.uptime_low,
            "" if certain else found.uptime_high,
            count_or_blank(found.down_minutes),
            count_or_blank(sum(found.excluded_minutes.values())),
            count_or_blank(found.blind_minutes),
            count_or_blank(found.idle_minutes),
            count_or_blank(found.pending_minutes),
            f"{found.credit_percent} %",
        )
    return table


def _remarks(service: str, found: ServiceSummary) -> list[str]:
    lines = []
    if found.excluded_minutes:
        kinds = ", ".join(f"{kind.replace('_', ' ')} {minutes}" for kind, minutes in found.excluded_minutes.items())
        lines.append(f"{service}: excluded minutes by kind: {kinds}")
    if found.missing_records or found.unknown_records:
        lines.append(
            f"{service}: {found.missing_records:,} records missing, {found.unknown_records:,} of unknown outcome; "
            f"down between {found.down_minutes_low:,} and {found.down_minutes_high:,} minutes"
        )
    if found.credit_uptime != found.uptime:
        lines.append(f"{service}: so much is blind that the tier is that of {found.credit_uptime} % (M2)")
    if found.conflicts:
        lines.append(f"{service}: {found.conflicts:,} identities were reported in contradicting ways (I3)")
    return lines


def _unproven(month: MonthSummary) -> list[str]:
    """One line for all services whose sources do not say how much they sent."""
    services = [
        service
        for service, found in month.services.items()
        if found.source_completeness != "proven" and found.total_minutes > found.idle_minutes + found.pending_minutes
    ]
    if not services:
        return []
    return [f"{', '.join(services)}: completeness at the source is unproven: no manifest for every minute (B3)"]


def _print_listed(console: TextConsole, month: MonthSummary) -> None:
    for listed in month.listed_declarations:
        console.say(
            f"  declaration {listed.declaration_id} ({listed.kind.replace('_', ' ')}): "
            f"{listed.reason.replace('_', ' ')}, {_minutes(listed.minutes)}"
        )


def _print_incomplete(console: TextConsole, month: MonthSummary) -> None:
    """Why the month is provisional; partitions with one reason share a line."""
    if month.complete:
        return
    console.say("not complete, because", style="cyan")
    for line in describe_reasons(month.incomplete_because):
        console.say(f"  {line}")


def _minutes(number: int) -> str:
    return f"{number:,} minute{'' if number == 1 else 's'}"
