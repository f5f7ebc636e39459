"""A minute as an evidence file has it, recomputed from the raw records: everything but what is for people only."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streams.audit.codes import PLATFORM
from streams.audit.collecting import AuditProbe, AuditReceipt, AuditRecords, AuditRequest
from streams.audit.counting import message_ending, probe_ending, request_ending, valid_of
from streams.audit.instants import MINUTE_MS, instant_text
from streams.audit.month import describe_verdict
from streams.audit.policy import AuditPolicy
from streams.audit.records import PROBES, RECEIPTS, REQUESTS
from streams.audit.verdicts import EXCLUDED, AuditVerdict, Judged
from streams.audit.windows import THIRD_PARTIES, Ruling

_CLAUSES: Final = {
    "platform": "§2.3",
    "operator": "§2.4, §9",
    "customer": "§2.4",
    "content": "§2.4",
    "recipient": "§3.1",
    "out_of_scope": "§8.1, §8.2",
}
_RULES: Final = {"scheduled_maintenance": "X1", "emergency_maintenance": "X2"}
_OF: Final = {REQUESTS: "requests", RECEIPTS: "messages", PROBES: "probes"}

Records = Sequence[Sequence[AuditRequest | AuditReceipt | AuditProbe]]
"""The records of each identity of one minute and topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteExplainer:
    """A month judged, and the records of one service by minute and topic."""

    service: str
    judged: Judged
    receipts_seen_ms: int
    records: Mapping[int, Mapping[str, Records]]

    def contents(self, minute: int) -> dict[str, list[int]]:
        """The contents of the distinct records of a minute, by topic."""
        found = self.records.get(minute, {})
        return {
            topic: [content for same in identities for content in {record.content for record in same}]
            for topic, identities in found.items()
        }

    def state(self, minute: int) -> tuple[str, str | None]:
        """State and kind of a minute."""
        verdict = self.judged.verdicts[self.service, minute]
        return verdict.state, verdict.kind or None

    def describe(self, minute: int) -> dict[str, Any]:
        """A minute with all that decides it, but for its records and samples."""
        verdict, policy = self.judged.verdicts[self.service, minute], self.judged.span.policy
        return {
            **describe_verdict(minute, verdict),
            "down_at_best": verdict.down_low,
            "down_at_worst": verdict.down_high,
            "rule": _rule(verdict),
            "clauses": ["§2.3", "§2.4"] if verdict.state == EXCLUDED else ["§2.3"],
            "arithmetic": _arithmetic(verdict, policy),
            "reasons": dict(self._reasons(minute, policy)),
            "windows": {
                ruling.window.declaration_id: _window(ruling, minute, verdict)
                for ruling in self.judged.rulings
                if self.service in ruling.window.services and _touches(ruling, minute)
            },
        }

    def _reasons(self, minute: int, policy: AuditPolicy) -> Iterator[tuple[str, dict[str, Any]]]:
        waited = self.receipts_seen_ms >= (minute + 1) * MINUTE_MS + policy.receipt_wait_ms
        for topic, identities in self.records.get(minute, {}).items():
            endings = Counter(_ending(topic, records, waited=waited) for records in identities)
            for (outcome, reason), number in endings.items():
                yield name_reason(_OF[topic], outcome, reason), {"identities": number, "clause": _CLAUSES.get(outcome)}


def explainer_of(
    service: str, judged: Judged, records_of_month: AuditRecords, *, receipts_seen_ms: int
) -> MinuteExplainer:
    """The minutes of one service, ready to be explained."""
    records: defaultdict[int, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    kinds: Sequence[tuple[str, Mapping[Any, Any]]] = (
        (REQUESTS, records_of_month.requests),
        (RECEIPTS, records_of_month.receipts),
        (PROBES, records_of_month.probes),
    )
    for topic, by_identity in kinds:
        for (of, minute, _), same in by_identity.items():
            if of == service:
                records[minute][topic].append(same)
    return MinuteExplainer(service=service, judged=judged, receipts_seen_ms=receipts_seen_ms, records=records)


def name_reason(of: str, outcome: str, reason: str) -> str:
    """A reason of a minute, by name."""
    return f"{of} {outcome} {reason}"


def _ending(topic: str, records: Any, *, waited: bool) -> tuple[str, str]:  # noqa: ANN401  of the topic's kind
    match topic:
        case "api.requests":
            return request_ending(records)
        case "carrier.receipts":
            return message_ending(records, waited=waited)
        case _:
            return probe_ending(records)


def _rule(verdict: AuditVerdict) -> str:
    bad = "V1" if verdict.counts.valid else "V2"
    return f"{bad}, {_RULES.get(verdict.kind, 'X3')}" if verdict.kind else bad


def _arithmetic(verdict: AuditVerdict, policy: AuditPolicy) -> dict[str, Any]:
    ratio, counts = policy.failure_ratio, verdict.counts
    return {
        "numerator": ratio.numerator,
        "denominator": ratio.denominator,
        "failures_at_least": policy.failures_at_least,
        "requests": _counts_of(counts.requests, policy),
        "messages": _counts_of(counts.messages, policy),
        "probes_decide": counts.valid == 0,
    }


def _counts_of(side: Counter[str], policy: AuditPolicy) -> dict[str, Any]:
    failed, valid = side.get(PLATFORM, 0), valid_of(side)
    left, right = failed * policy.failure_ratio.denominator, valid * policy.failure_ratio.numerator
    bad = failed >= policy.failures_at_least and left > right
    return {"failed": failed, "valid": valid, "left": left, "right": right, "bad": bad}


def _touches(ruling: Ruling, minute: int) -> bool:
    window = ruling.window
    return window.start_ms < (minute + 1) * MINUTE_MS and window.end_ms > minute * MINUTE_MS


def _window(ruling: Ruling, minute: int, verdict: AuditVerdict) -> dict[str, Any]:
    window = ruling.window
    return {
        "revision": window.revision,
        "kind": window.kind,
        "rule": _RULES.get(window.kind, "X3"),
        "effect": _effect(ruling, minute, valid=verdict.counts.valid),
        "start": instant_text(window.start_ms),
        "end": instant_text(window.end_ms),
        "announced_at": instant_text(window.announced_at_ms),
        "known_at": instant_text(window.recorded_at_ms),
        "evidence": window.evidence,
        "content": f"{window.content:016x}",
    }


def _effect(ruling: Ruling, minute: int, *, valid: int) -> str:
    """Whether the window covers the minute, or why it does not excuse it (X1-X4)."""
    window = ruling.window
    if ruling.void and ruling.void[0] != "emergency_budget_spent":
        return ruling.void[0]
    if window.start_ms > minute * MINUTE_MS or window.end_ms < (minute + 1) * MINUTE_MS:
        return "covers_part_of_the_minute"
    if minute not in ruling.excuses:
        return "emergency_budget_spent"
    return "excuses_no_failure_of_ours" if window.kind in THIRD_PARTIES and valid else "covers"
