"""The rule and the clauses that settled a state, with the numbers that were compared (V1-V3, X1-X4, B1-B5)."""

from collections.abc import Sequence
from typing import Final

from schemas.policies import Policy
from streams.clickhouse.session import Row
from streams.months.explanation import Arithmetic, MeasureSide

CLAUSES: Final = {
    "platform": "§2.3",
    "operator": "§2.4, §9",
    "customer": "§2.4",
    "content": "§2.4",
    "recipient": "§3.1",
    "out_of_scope": "§8.1, §8.2",
}
"""The clause of an outcome (C4, C5); ok, unknown and what is still pending have none."""

THIRD_PARTIES: Final = frozenset({"operator_outage", "internet_backbone", "dns"})
"""Kinds that excuse what is bad by its probes, never a failure of ours (X3)."""

_RULES: Final = {"scheduled_maintenance": "X1", "emergency_maintenance": "X2"}


def window_rule(kind: str) -> str:
    """The rule by which a window of this kind excludes."""
    return _RULES.get(kind, "X3")


def decided_by(row: Row, gaps: Sequence[str]) -> tuple[str, str]:
    """The rule that settled the state of a row of `verdicts`, and the same in a sentence."""
    match row["state"]:
        case "pending":
            return "B5", "records of this minute may still be unread"
        case "excluded":
            rule, decided = _bad_by(row)
            return f"{rule}, {window_rule(row['kind'])}", f"{decided}, excused by {row['kind']}"
        case "down":
            return _bad_by(row)
        case "blind" if gaps:
            rule = "B1" if list(gaps) == ["telemetry_gap"] else "B3"
            return rule, f"records are known to be lost ({', '.join(gaps)})"
        case "blind":
            return "B2", "nothing was recorded where traffic was to be expected"
        case "good":
            return "V3", "valid traffic was answered" if valid(row) else "a probe succeeded"
        case _:
            return "V3", "nothing was asked of the service"


def clauses_of(state: str) -> list[str]:
    """The clauses that a state follows from: §2.3 makes a minute down, §2.4 takes it out."""
    return {"down": ["§2.3"], "excluded": ["§2.3", "§2.4"]}.get(state, [])


def arithmetic(row: Row, policy: Policy) -> Arithmetic:
    """What was compared, by cross-multiplying (V1), and whether the probes decided instead (V2)."""
    return Arithmetic(
        numerator=policy.failure_ratio.numerator,
        denominator=policy.failure_ratio.denominator,
        failures_at_least=policy.failures_at_least,
        requests=_measure_side(row, "requests", policy),
        messages=_measure_side(row, "messages", policy),
        probes_decide=valid(row) == 0,
    )


def valid(row: Row) -> int:
    """V of requests and messages together (C6)."""
    return int(row["requests_ok"] + row["requests_platform"] + row["messages_ok"] + row["messages_platform"])


def _measure_side(row: Row, of: str, policy: Policy) -> MeasureSide:
    failed, of_valid = int(row[f"{of}_platform"]), int(row[f"{of}_ok"] + row[f"{of}_platform"])
    left, right = failed * policy.failure_ratio.denominator, of_valid * policy.failure_ratio.numerator
    bad = failed >= policy.failures_at_least and left > right
    return MeasureSide(failed=failed, valid=of_valid, left=left, right=right, bad=bad)


def _bad_by(row: Row) -> tuple[str, str]:
    if not valid(row):
        return "V2", f"nothing valid was counted and all {row['probes_failed']} probes failed"
    parts = [
        f"{row[f'{of}_platform']} of {row[f'{of}_platform'] + row[f'{of}_ok']} valid {of} failed by our fault"
        for of in ("requests", "messages")
        if row[f"{of}_platform"]
    ]
    return "V1", " and ".join(parts)
