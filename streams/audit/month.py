"""The auditor's own `month --json` and `minutes --json`: the same keys in the same order, the same bytes (M1, M2)."""

import json
from collections import Counter
from fractions import Fraction
from typing import Any, Final

from streams.audit.blindness import is_proven
from streams.audit.collecting import AuditRecords
from streams.audit.counting import PENDING, AuditCounts
from streams.audit.instants import minute_text
from streams.audit.policy import AuditSpan
from streams.audit.records import KINDS, SERVICES
from streams.audit.seen import Seen, incomplete_because
from streams.audit.verdicts import BLIND, DOWN, EXCLUDED, GOOD, IDLE, AuditVerdict, Judged
from streams.audit.windows import listed

_OUTCOMES: Final = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown")


def describe_month(judged: Judged, records_of_month: AuditRecords, seen: Seen) -> dict[str, Any]:
    """The month as `month --json` has it."""
    span = judged.span
    excluded = {at: verdict.kind for at, verdict in judged.verdicts.items() if verdict.state == EXCLUDED}
    reasons = list(incomplete_because(span, seen))
    return {
        "month": span.month,
        "policy": span.policy.policy_id,
        "in_force": span.in_force,
        "zone": span.policy.zone,
        "complete": not reasons,
        "incomplete_because": reasons,
        "services": {service: _service(judged, records_of_month, service) for service in SERVICES},
        "listed_declarations": listed(judged.rulings, excluded),
    }


def as_bytes(content: object) -> bytes:
    """The bytes that `--json` prints."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def describe_verdict(minute: int, verdict: AuditVerdict) -> dict[str, Any]:
    """One minute as `minutes --json` has it."""
    requests, messages = verdict.counts.requests, verdict.counts.messages
    return {
        "minute": minute_text(minute),
        "state": verdict.state,
        "kind": verdict.kind or None,
        "requests": {
            **{outcome: requests.get(outcome, 0) for outcome in _OUTCOMES},
            "missing": verdict.requests_missing,
            "out_of_scope": requests["out_of_scope"],
        },
        "messages": {
            **{outcome: messages.get(outcome, 0) for outcome in _OUTCOMES},
            "missing": verdict.messages_missing,
            "out_of_scope": messages["out_of_scope"],
            "pending": messages[PENDING],
        },
        "probes": {"ok": verdict.counts.probes_ok, "failed": verdict.counts.probes_failed},
    }


def _service(judged: Judged, records_of_month: AuditRecords, service: str) -> dict[str, Any]:
    span, policy = judged.span, judged.span.policy
    verdicts = [judged.verdicts[service, minute] for minute in range(span.first, span.end)]
    states = Counter(verdict.state for verdict in verdicts)
    kinds = Counter(verdict.kind for verdict in verdicts if verdict.state == EXCLUDED)
    total, down, blind = len(verdicts), states[DOWN], states[BLIND]
    low, high = sum(verdict.down_low for verdict in verdicts), sum(verdict.down_high for verdict in verdicts)
    base = total - states[EXCLUDED] if policy.excluded_removed else total
    blinded = Fraction(blind, total) > policy.blind_tolerance
    credited = _up(base, down + blind) if blinded else _up(base, down)
    return {
        "total_minutes": total,
        "good_minutes": states[GOOD],
        "down_minutes": down,
        "down_minutes_low": low,
        "down_minutes_high": high,
        "excluded_minutes": {kind: kinds[kind] for kind in KINDS if kinds[kind]},
        "idle_minutes": states[IDLE],
        "blind_minutes": blind,
        "pending_minutes": states[PENDING],
        "uptime": percent(_up(base, down)),
        "uptime_low": percent(_up(base, high)),
        "uptime_high": percent(_up(base, low)),
        "credit_uptime": percent(credited),
        "credit_percent": _credit_percent(credited, span),
        "conflicts": sum(verdict.counts.conflicts for verdict in verdicts),
        "missing_records": sum(verdict.requests_missing + verdict.messages_missing for verdict in verdicts),
        "unknown_records": sum(_unknown(verdict.counts) for verdict in verdicts),
        "source_completeness": "proven" if is_proven(records_of_month, judged.counts, span, service) else "unproven",
    }


def _unknown(counts: AuditCounts) -> int:
    return counts.requests["unknown"] + counts.messages["unknown"] + counts.messages[PENDING]


def _up(base: int, down: int) -> Fraction:
    return Fraction(base - down, base) if base else Fraction(1)


def percent(share: Fraction) -> str:
    """Percent with four decimals, rounded down (M1)."""
    shown = share.numerator * 1_000_000 // share.denominator
    return f"{shown // 10_000}.{shown % 10_000:04d}"


def _credit_percent(credited: Fraction, span: AuditSpan) -> int:
    """M2, M5."""
    if not span.in_force:
        return 0
    return next(percent for uptime, percent in span.policy.tiers if credited >= uptime)
