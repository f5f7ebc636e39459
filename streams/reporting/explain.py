"""Why a service-minute is what it is: the rule, its counts by reason, the windows, a few records and where they are."""

from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

import sql
from streams.reporting.engine import Row, rows
from streams.reporting.minutes import MessageCounts, ProbeCounts, RequestCounts, minute_verdict

_SAMPLES: Final = 5
_VERDICT_SQL: Final = """
SELECT *, toUInt32(minute) AS at_s
FROM verdicts(month = {month:String}, policy = {policy:String})
WHERE service = {service:String} AND minute = toDateTime({minute:UInt32}, 'UTC')
"""
_GAPS_SQL: Final = """
SELECT cause FROM gaps(month = {month:String}, policy = {policy:String})
WHERE service = {service:String} AND minute = toDateTime({minute:UInt32}, 'UTC') ORDER BY cause
"""
_EXPIRED_SQL: Final = """
SELECT month FROM expirations WHERE month = toYYYYMM(toDateTime({minute:UInt32}, 'UTC')) LIMIT 1
"""
_GONE: Final = "; its single records have expired: the counts and the statement stand"
_CLAUSES: Final = {
    "platform": "§2.3",
    "operator": "§2.4, §9",
    "customer": "§2.4",
    "content": "§2.4",
    "recipient": "§3.1",
    "out_of_scope": "§8.1, §8.2",
}


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One record as evidence; `id` is a hash (32 hex digits) where the outcome is ok."""

    id: str
    topic: str
    partition: int
    offset: int


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """How many identities ended so, and why: `reason` is the `table:code` that decided (C4)."""

    of: str
    outcome: str
    reason: str
    clause: str | None
    identities: int
    samples: list[Sample]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration that touches the minute; `effect` is `covers`, or why it does not."""

    declaration_id: str
    revision: int
    kind: str
    effect: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A service-minute with everything that decided it."""

    service: str
    minute: str
    month: str
    policy: str
    state: str
    kind: str | None
    rule: str
    because: str
    down_at_best: bool
    down_at_worst: bool
    requests: RequestCounts
    messages: MessageCounts
    probes: ProbeCounts
    reasons: list[Reason]
    windows: list[Window]
    gaps: list[str]


def read_explanation(client: Client, *, service: str, month: str, policy_id: str, minute_s: int) -> Explanation:
    """Why the service-minute that begins at `minute_s` (seconds since the epoch) has its state."""
    asked = {"service": service, "month": month, "policy": policy_id, "minute": minute_s}
    (row,) = rows(client, _VERDICT_SQL, asked)
    verdict = minute_verdict(row)
    gaps = [str(gap["cause"]) for gap in rows(client, _GAPS_SQL, asked)]
    rule, because = _decided_by(row, gaps)
    if rows(client, _EXPIRED_SQL, asked):
        because += _GONE
    return Explanation(
        service=service,
        minute=verdict.minute,
        month=month,
        policy=policy_id,
        state=verdict.state,
        kind=verdict.kind,
        rule=rule,
        because=because,
        down_at_best=bool(row["down_low"]),
        down_at_worst=bool(row["down_high"]),
        requests=verdict.requests,
        messages=verdict.messages,
        probes=verdict.probes,
        reasons=[
            _reason(found) for found in rows(client, sql.query("explain_reasons"), {**asked, "samples": _SAMPLES})
        ],
        windows=[
            msgspec.convert({name: found[name] for name in Window.__struct_fields__}, Window)
            for found in rows(client, sql.query("explain_windows"), asked)
        ],
        gaps=gaps,
    )


def _reason(row: Row) -> Reason:
    return Reason(
        of=row["of"],
        outcome=row["outcome"],
        reason=row["reason"],
        clause=_CLAUSES.get(row["outcome"]),
        identities=row["identities"],
        samples=[Sample(id=found[0], topic=found[1], partition=found[2], offset=found[3]) for found in row["samples"]],
    )


def _decided_by(row: Row, gaps: list[str]) -> tuple[str, str]:
    """The rule that settled the state, and the same in a sentence."""
    match row["state"]:
        case "pending":
            return "B5", "records of this minute may still be unread"
        case "excluded":
            return f"{_bad_rule(row)[0]}, {_window_rule(row['kind'])}", f"{_bad_rule(row)[1]}, excused by {row['kind']}"
        case "down":
            return _bad_rule(row)
        case "blind" if gaps:
            return "B1" if gaps == ["telemetry_gap"] else "B3", f"records are known to be lost ({', '.join(gaps)})"
        case "blind":
            return "B2", "nothing was recorded where traffic was to be expected"
        case "good":
            return "V3", "valid traffic was answered" if _valid(row) else "a probe succeeded"
        case _:
            return "V3", "nothing was asked of the service"


def _bad_rule(row: Row) -> tuple[str, str]:
    if not _valid(row):
        return "V2", f"nothing valid was counted and all {row['probes_failed']} probes failed"
    parts = [
        f"{row[f'{of}_platform']} of {row[f'{of}_platform'] + row[f'{of}_ok']} valid {of} failed by our fault"
        for of in ("requests", "messages")
        if row[f"{of}_platform"]
    ]
    return "V1", " and ".join(parts)


def _window_rule(kind: str) -> str:
    return {"scheduled_maintenance": "X1", "emergency_maintenance": "X2"}.get(kind, "X3")


def _valid(row: Row) -> int:
    return int(row["requests_ok"] + row["requests_platform"] + row["messages_ok"] + row["messages_platform"])
