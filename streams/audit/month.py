"""The auditor's own `month --json` and `minutes --json`: the same keys in the same order, the same bytes (M1, M2)."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from streams.audit.accounts import backdated_accounts, plan_mismatches
from streams.audit.figures import figures
from streams.audit.instants import minute_text
from streams.audit.judging import Judged
from streams.audit.kept import AuditRecords
from streams.audit.known import OUTCOMES, PLATFORM, UNKNOWN, AuditTraffic
from streams.audit.listing import listed
from streams.audit.missing import holes_of
from streams.audit.observing import corrected_manifests, is_proven, is_unobserved, late_manifests
from streams.audit.platform import Standing, platform_standing, standing_of
from streams.audit.policy import AuditSpan
from streams.audit.records import RECEIPTS, REQUESTS, SERVICES
from streams.audit.seen import Seen, incomplete_because
from streams.audit.settling import SettledSide
from streams.audit.verdicts import AuditVerdict

THE_PLATFORM: Final = "platform"


def describe_month(judged: Judged, span: AuditSpan, seen: Seen, records: AuditRecords) -> dict[str, Any]:
    """The month as `month --json` has it."""
    reasons = list(incomplete_because(span, seen))
    return {
        "month": span.month,
        "policy": span.policy.policy_id,
        "in_force": span.in_force,
        "zone": span.policy.zone,
        "complete": not reasons,
        "incomplete_because": reasons,
        **describe_span(judged, in_force=span.in_force),
        "plan_mismatch": plan_mismatches(records, span),
        "account_backdated": backdated_accounts(records, span),
    }


def describe_span(judged: Judged, *, in_force: bool) -> dict[str, Any]:
    """What is described of any span of minutes: services, platform, listings and holes."""
    standings = {service: [standing_of(one) for one in judged.verdicts[service]] for service in SERVICES}
    unobserved = {service for service in SERVICES if is_unobserved(judged, service)}
    observed = [standings[service] for service in SERVICES if service not in unobserved]
    together = [platform_standing(minute) for minute in zip(*(observed or standings.values()), strict=True)]

    def described(minutes: list[Standing], *, seen: bool) -> dict[str, Any]:
        return figures(minutes, judged.policy, in_force=in_force, unobserved=not seen)

    return {
        "services": {
            service: {**described(standings[service], seen=service not in unobserved), **numbers(judged, service)}
            for service in SERVICES
        },
        THE_PLATFORM: described(together, seen=bool(observed)),
        "listed_declarations": [row._asdict() for row in listed(judged)],
        "manifest_holes": [
            {"topic": topic, "source": source, "service": service, "minutes": minutes}
            for (topic, source, service), minutes in holes_of(judged.missing, judged.first, judged.end).items()
        ],
    }


def numbers(judged: Judged, service: str) -> dict[str, Any]:
    """What is counted beside the minutes of a service."""
    verdicts = judged.verdicts[service]
    sides = [side for verdict in verdicts for side in (verdict.requests, verdict.messages)]
    traffic = [side for verdict in verdicts for side in (verdict.counts.requests, verdict.counts.messages)]
    mended = Counter[str]()
    for verdict in verdicts:
        mended.update(verdict.counts.mended)
    corrected = _sum(side.corrected for side in traffic) + _sum(one.counts.probes_corrected for one in verdicts)
    return {
        "conflicts": _sum(verdict.counts.conflicts for verdict in verdicts),
        "collisions": _sum(side.collisions for side in traffic),
        "missing_records": _known_missing(judged, service),
        "unknown_records": _sum(side.unknown + side.pending for side in sides),
        "corrected_in_our_favour": corrected + corrected_manifests(judged, service),
        "unnamed_records": _sum(verdict.counts.unnamed for verdict in verdicts),
        "mended_records": dict(sorted(mended.items())),
        "out_of_scope": {
            "ok": _sum(side.outside_ok for side in sides),
            "failed": _sum(side.outside_failed + side.outside_doubtful for side in sides),
        },
        "out_of_scope_down_minutes": _sum(verdict.bad_outside for verdict in verdicts),
        "late_manifests": late_manifests(judged, service),
        "source_completeness": "proven" if is_proven(judged, service) else "unproven",
    }


def _known_missing(judged: Judged, service: str) -> int:
    """Without the estimate in holes."""
    return _sum(
        judged.missing.standing[topic, service, minute]
        for topic in (REQUESTS, RECEIPTS)
        for minute in range(judged.first, judged.end)
    )


def _sum(numbers_of: Iterable[int]) -> int:
    return sum(numbers_of)


def as_bytes(content: object) -> bytes:
    """The bytes that `--json` prints."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def describe_verdict(minute: int, verdict: AuditVerdict) -> dict[str, Any]:
    """One minute as `minutes --json` has it."""
    counts = verdict.counts
    return {
        "minute": minute_text(minute),
        "state": verdict.state,
        "kind": verdict.kind or None,
        "requests": _side(counts.requests, verdict.requests),
        "messages": {**_side(counts.messages, verdict.messages), "pending": verdict.messages.pending},
        "vantages": {"ok": counts.vantages_ok, "failed": counts.vantages_failed},
    }


def _side(traffic: AuditTraffic, settled: SettledSide) -> dict[str, int]:
    turned = {PLATFORM: settled.never_handed, UNKNOWN: settled.unheard}
    return {
        **{outcome: traffic.inside.get(outcome, 0) + turned.get(outcome, 0) for outcome in OUTCOMES},
        "missing": settled.missing,
        "corrected": traffic.corrected,
        "out_of_scope": sum(traffic.outside.values()),
    }
