"""What of the records themselves a person should know: lost, refused, ahead of the clock, contradictory, expired."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from schemas.instants import MINUTE_MS, format_instant, parse_instant_of_month
from streams.judge.accounts import MislabelledPlan
from streams.months.ledger_minutes import is_unknown_code, table_of
from streams.months.refused import RefusedLetter
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Finding, found
from streams.rules.calendar import months_between

Row = Mapping[str, Any]

LOST: Final = """
SELECT topic, partition, cause, first, next,
    toUnixTimestamp64Milli(from_at) AS from_ms, toUnixTimestamp64Milli(to_at) AS to_ms
FROM lost_spans ORDER BY to_ms, topic, partition
"""
DEAD_LETTERS_CHECK: Final = """
SELECT topic, reason, count() AS letters, countIf(recorded_at >= fromUnixTimestamp64Milli({since:Int64})) AS lately
FROM dead_letters FINAL GROUP BY topic, reason ORDER BY topic, reason
"""
AHEAD: Final = """
SELECT topic, sum(ahead_of_clock) AS records,
    sumIf(ahead_of_clock, last_recorded_at >= fromUnixTimestamp64Milli({since:Int64})) AS lately
FROM blocks FINAL GROUP BY topic HAVING records > 0 ORDER BY topic
"""
CONFLICTS: Final = """
SELECT formatDateTime(minute, '%Y-%m', {zone:String}) AS month, sum(conflicts) AS identities
FROM minutes FINAL WHERE conflicts > 0 GROUP BY month ORDER BY month
"""
# Of the records from one instant the one that counts (I2), as long as it is in force or will be.
POLICIES: Final = """
SELECT account_id, policy, count() OVER () AS accounts
FROM
(
    SELECT account_id, argMax(stands, effective_from) AS policy
    FROM
    (
        SELECT account_id, effective_from, argMax(policy, (revision, content)) AS stands
        FROM accounts FINAL GROUP BY account_id, effective_from
    )
    GROUP BY account_id
)
WHERE policy != '' AND policy NOT IN {known:Array(String)}
ORDER BY account_id LIMIT 3
"""
EXPIRED: Final = """
SELECT formatDateTime(assumeNotNull(minute), '%Y-%m') AS month, count() AS letters
FROM dead_letters FINAL WHERE reason = 'expired_minute' GROUP BY month ORDER BY month
"""
EXPIRATIONS: Final = """
SELECT e.month AS month, e.dropped AS dropped, l.records AS records
FROM (SELECT month, dropped FROM expirations FINAL) AS e
LEFT JOIN
(
    SELECT month, sum(found) AS records
    FROM
    (
        SELECT toYYYYMM(minute) AS month, count() AS found FROM ledger_requests GROUP BY month
        UNION ALL SELECT toYYYYMM(minute) AS month, count() AS found FROM ledger_receipts GROUP BY month
        UNION ALL SELECT toYYYYMM(minute) AS month, count() AS found FROM ledger_probes GROUP BY month
    )
    GROUP BY month
) AS l ON l.month = e.month
ORDER BY month
"""

# What is lost from these blinds minutes (B3); declarations and the like are only listed.
_BLINDING: Final = frozenset({"api.requests", "carrier.receipts", "probes", "telemetry.manifests"})


def judge_lost(spans: Sequence[Row], *, zone: str, lead_ms: int) -> Finding:
    """What was lost unread, with the minutes that it blinds and the months concerned (B3).

    `since` and `until` of a detail are what `zecto-sla audit --lost TOPIC@SINCE/UNTIL` asks for.
    """
    if not spans:
        return found(FindingCode.NOTHING_LOST)
    details = [_lost(row, zone, lead_ms) for row in spans]
    return found(
        FindingCode.RECORDS_LOST,
        details,
        times=len(spans),
        blind_minutes=_length(_blinded(row) for row in details if row["blind_minutes"]),
        months=sorted({month for row in details for month in row["months"]}),
        recreated=sorted({row["topic"] for row in spans if row["cause"] == "recreated"}),
    )


def _lost(row: Row, zone: str, lead_ms: int) -> dict[str, Any]:
    first_ms = max(0, row["from_ms"] - lead_ms) // MINUTE_MS * MINUTE_MS
    end_ms = row["to_ms"] // MINUTE_MS * MINUTE_MS + MINUTE_MS
    blinds = row["topic"] in _BLINDING
    return {
        **{name: row[name] for name in ("topic", "partition", "cause", "first", "next")},
        "since": format_instant(row["from_ms"]),
        "until": format_instant(row["to_ms"]),
        "blind_from": format_instant(first_ms),
        "blind_to": format_instant(end_ms),
        "blind_minutes": (end_ms - first_ms) // MINUTE_MS if blinds else 0,
        "months": list(months_between(first_ms, end_ms - 1, zone)) if blinds else [],
    }


def _blinded(detail: Mapping[str, Any]) -> range:
    """The minutes of a detail, since the epoch."""
    first_ms, end_ms = (parse_instant_of_month(detail[name]) for name in ("blind_from", "blind_to"))
    return range(first_ms // MINUTE_MS, end_ms // MINUTE_MS)


def _length(runs: Iterable[range]) -> int:
    """How many minutes runs hold together: holes of several partitions blind the same ones, and may be years long."""
    total, reached = 0, 0
    for run in sorted(runs, key=lambda run: run.start):
        total += max(0, run.stop - max(run.start, reached))
        reached = max(reached, run.stop)
    return total


def judge_dead_letters(rows: Sequence[Row]) -> Finding:
    """Dead letters by reason, in the last 24 hours and in all."""
    if not rows:
        return found(FindingCode.NO_DEAD_LETTERS)
    total, lately = sum(row["letters"] for row in rows), sum(row["lately"] for row in rows)
    if not lately:
        return found(FindingCode.DEAD_LETTERS_OLD, rows, records=total)
    return found(FindingCode.DEAD_LETTERS, rows, records=total, records_24h=lately)


def judge_ahead(rows: Sequence[Row]) -> Finding:
    """Records more than 5 minutes ahead of their broker timestamp: somebody's clock is wrong, ours or a producer's."""
    total, lately = sum(row["records"] for row in rows), sum(row["lately"] for row in rows)
    if not total:
        return found(FindingCode.NOTHING_AHEAD)
    if not lately:
        return found(FindingCode.AHEAD_OLD, rows, records=total, records_24h=lately)
    topics = [row["topic"] for row in rows if row["lately"]]
    return found(FindingCode.AHEAD, rows, records=total, records_24h=lately, topics=topics)


def judge_conflicts(rows: Sequence[Row]) -> Finding:
    """Identities with records of one revision that contradict each other (I3), the latest month first."""
    return found(FindingCode.CONFLICTS, [*reversed(rows)]) if rows else found(FindingCode.NO_CONFLICTS)


def judge_refused(letters: Sequence[RefusedLetter]) -> Finding:
    """Declarations, accounts and claims that could not be read (X4, K2), the latest first."""
    details = [
        {
            **{name: getattr(letter, name) for name in ("topic", "record_id", "reason", "path", "partition", "offset")},
            "name": letter.record_id or "without a readable id",
            "recorded_at": format_instant(letter.recorded_ms),
        }
        for letter in reversed(letters)
    ]
    return (
        found(FindingCode.RECORDS_REFUSED, details, records=len(letters))
        if letters
        else found(FindingCode.NONE_REFUSED)
    )


def judge_codes(carried: Iterable[Row], days: int) -> Finding:
    """Codes that stand in no table (C4): what carries them is attributed by its state or status alone.

    `carried` are those of the records that the broker had in so many days, whatever time they are of.
    """
    details = [
        {"table": table_of(row["system"]) or row["system"], "code": row["code"], "records": row["records"]}
        for row in carried
        if is_unknown_code(row["system"], row["code"], row["latest_ms"])
    ]
    if not details:
        return found(FindingCode.CODES_KNOWN, days=days)
    records = sum(row["records"] for row in details)
    return found(FindingCode.CODES_UNKNOWN, details, days=days, codes=len(details), records=records)


def judge_mismatches(mismatches: Sequence[MislabelledPlan], month: str) -> Finding:
    """Records of the month whose plan contradicts the account's own record (C5)."""
    details = [asdict(one) for one in mismatches]
    return found(FindingCode.PLANS_DIFFER if details else FindingCode.PLANS_AGREE, details, month=month)


def judge_policies(rows: Sequence[Row]) -> Finding:
    """Accounts with a record that names a policy which nobody here has (M4, M5); the first of them are named."""
    accounts = rows[0]["accounts"] if rows else 0
    details = [{name: row[name] for name in ("account_id", "policy")} for row in rows]
    return (
        found(FindingCode.POLICIES_UNKNOWN, details, accounts=accounts) if rows else found(FindingCode.POLICIES_KNOWN)
    )


def judge_expired(dead_letters: Sequence[Row], expirations: Sequence[Row]) -> Finding:
    """Months whose rows are gone: records that came too late for them, and rows that came back or never went."""
    left = [row for row in expirations if row["records"] or not row["dropped"]]
    details = [*({"month": row["month"], "letters": row["letters"]} for row in dead_letters), *left]
    if left:
        months = [f"{row['month'] // 100}-{row['month'] % 100:02}" for row in left]
        rows = sum(row["records"] for row in left)
        return found(FindingCode.EXPIRED_ROWS_LEFT, details, rows=rows, months=months, first_month=months[0])
    if dead_letters:
        return found(FindingCode.EXPIRED_RECORDS_LATE, details)
    if expirations:
        return found(FindingCode.MONTHS_EXPIRED, months=len(expirations))
    return found(FindingCode.NOTHING_EXPIRED)


def judge_unclosed(months: Sequence[str]) -> Finding:
    """Months in force that are over and complete, and have no statement; the latest first."""
    if not months:
        return found(FindingCode.MONTHS_CLOSED)
    details = [{"month": month} for month in months]
    return found(FindingCode.MONTHS_OPEN, details, months=sorted(months, reverse=True), first_month=min(months))
