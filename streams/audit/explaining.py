"""A minute as an evidence file has it, recomputed from the raw records: everything but what is for people only."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streams.audit.choosing import PENDING_OUTCOMES, choose_probe, choose_receipt, count_message, is_held, request_order
from streams.audit.codes import Ending
from streams.audit.failing import AuditTally, fails
from streams.audit.instants import MINUTE_MS, instant_text
from streams.audit.judging import Judged
from streams.audit.kept import AuditProbe, AuditReceipt, AuditRecords, AuditRequest
from streams.audit.known import ACCEPTED, ENROUTE, OK, PLATFORM, UNKNOWN, AuditWindow
from streams.audit.month import describe_verdict
from streams.audit.policy import AuditPolicy
from streams.audit.records import GAP, PROBES, RECEIPTS, REQUESTS
from streams.audit.verdicts import DOWN, EXCLUDED, GOOD, IDLE, PENDING, AuditVerdict
from streams.audit.windows import THIRD_PARTIES, Ruling, by_declaration, covers, current_of

_CLAUSES: Final = {
    "platform": "§2.3",
    "operator": "§2.4, §9",
    "customer": "§2.4",
    "content": "§2.4",
    "recipient": "§3.1",
    "out_of_scope": "§8.1, §8.2",
}
_STATE_CLAUSES: Final = {DOWN: ["§2.3"], EXCLUDED: ["§2.3", "§2.4"]}
_RULES: Final = {"scheduled_maintenance": "X1", "emergency_maintenance": "X2", GAP: "B1"}
_OF: Final = {REQUESTS: "requests", RECEIPTS: "messages", PROBES: "probes"}
_OUT_OF_SCOPE: Final = "out_of_scope"
_HELD: Final = "rule:held"

Records = Sequence[Sequence[AuditRequest | AuditReceipt | AuditProbe]]
"""The records of each identity of one minute and topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteExplainer:
    """A month judged, and the records of one service by minute and topic."""

    service: str
    judged: Judged
    windows: Sequence[AuditWindow]
    """The current revision of every declaration that names the service."""
    rulings: Mapping[str, Ruling]
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
        verdict = self._verdict(minute)
        return verdict.state, verdict.kind or None

    def describe(self, minute: int) -> dict[str, Any]:
        """A minute with all that decides it, but for its records and samples."""
        verdict = self._verdict(minute)
        gaps = list(self.judged.gaps.names(self.service, minute, valid=_valid(verdict)))
        arithmetic = self._arithmetic(minute)
        return {
            **describe_verdict(minute, verdict),
            "down_at_best": verdict.down_low,
            "down_at_worst": verdict.down_high,
            "rule": _rule(verdict, arithmetic, gaps),
            "clauses": _STATE_CLAUSES.get(verdict.state, []),
            "arithmetic": arithmetic,
            "gaps": gaps,
            "reasons": dict(self._reasons(minute)),
            "windows": {
                window.declaration_id: _window(window, self._effect(window, minute, verdict))
                for window in self.windows
                if _touches(window, minute)
            },
        }

    def _verdict(self, minute: int) -> AuditVerdict:
        return self.judged.verdicts[self.service][minute - self.judged.first]

    def _arithmetic(self, minute: int) -> dict[str, Any]:
        policy = self.judged.policy
        requests, messages = zip(*self._lately(minute), strict=True)
        return {
            "numerator": policy.failure_ratio.numerator,
            "denominator": policy.failure_ratio.denominator,
            "failures_at_least": policy.failures_at_least,
            "window_minutes": policy.failures_window,
            "requests": _side(requests, policy),
            "messages": _side(messages, policy),
            "vantages_decide": requests[-1].valid + messages[-1].valid == 0,
        }

    def _lately(self, minute: int) -> list[tuple[AuditTally, AuditTally]]:
        """Requests and messages of the minutes that V1 sums over, the minute itself last."""
        at = minute - self.judged.first
        verdicts = self.judged.verdicts[self.service][max(0, at - self.judged.policy.failures_window + 1) : at + 1]
        here = [(one.requests.as_received(), one.messages.as_received()) for one in verdicts]
        return [*self.judged.before[self.service][at:], *here]

    def _reasons(self, minute: int) -> Iterator[tuple[str, dict[str, Any]]]:
        policy = self.judged.policy
        waited = self.judged.known.receipts_frontier_ms >= (minute + 1) * MINUTE_MS + policy.pending_for_ms
        turned = {ACCEPTED: PLATFORM, ENROUTE: UNKNOWN} if waited else {}
        for topic, identities in self.records.get(minute, {}).items():
            endings = Counter(_ending(topic, records, self.service, policy) for records in identities)
            for (outcome, reason), number in endings.items():
                ended = turned.get(outcome, outcome)
                yield name_reason(_OF[topic], ended, reason), {"identities": number, "clause": _CLAUSES.get(ended)}

    def _effect(self, window: AuditWindow, minute: int, verdict: AuditVerdict) -> str:
        """What a declaration that touches the minute does there, or why it does nothing (X1-X4, B1)."""
        if window.retracted:
            return "retracted"
        if window.kind == GAP:
            return "blinds"
        if not covers(window, minute):
            return "covers_part_of_the_minute"
        void = self.rulings[window.declaration_id].void[self.service].get(minute)
        if void:
            return void
        is_ours = _valid(verdict) + verdict.requests.missing + verdict.messages.missing > 0
        return "excuses_no_failure_of_ours" if window.kind in THIRD_PARTIES and is_ours else "covers"


def explainer_of(service: str, judged: Judged, records_of_month: AuditRecords) -> MinuteExplainer:
    """The minutes of one service, ready to be explained."""
    records: defaultdict[int, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    kinds: Sequence[tuple[str, Mapping[Any, Any]]] = (
        (REQUESTS, records_of_month.requests),
        (RECEIPTS, records_of_month.receipts),
        (PROBES, records_of_month.probes),
    )
    for topic, by_identity in kinds:
        for identity, same in by_identity.items():
            if identity[0] == service:
                records[identity[1]][topic].append(same)
    currents = [current_of(of_one) for of_one in by_declaration(judged.known.windows)]
    return MinuteExplainer(
        service=service,
        judged=judged,
        windows=[window for window in currents if service in window.services],
        rulings={ruling.window.declaration_id: ruling for ruling in judged.rulings},
        records=records,
    )


def name_reason(of: str, outcome: str, reason: str) -> str:
    """A reason of a minute, by name."""
    return f"{of} {outcome} {reason}"


def _ending(topic: str, records: Any, service: str, policy: AuditPolicy) -> Ending:  # noqa: ANN401  of the topic's kind
    match topic:
        case "api.requests":
            chosen = max(records, key=request_order)
            return Ending(chosen.outcome if chosen.in_scope else _OUT_OF_SCOPE, chosen.reason)
        case "carrier.receipts":
            return _message_ending(records, service, policy)
        case _:
            return Ending(OK if choose_probe(records).ok else "failed", "probe")


def _message_ending(receipts: Sequence[AuditReceipt], service: str, policy: AuditPolicy) -> Ending:
    chosen, counted = choose_receipt(receipts, service), count_message(receipts, service, policy.handover_within_ms)
    reason = _HELD if is_held(receipts, policy.handover_within_ms) else chosen.reason
    outcome = chosen.outcome if counted.outcome in PENDING_OUTCOMES else counted.outcome
    outcome = ENROUTE if counted.outcome == ENROUTE else outcome
    return Ending(outcome if counted.in_scope else _OUT_OF_SCOPE, reason)


def _rule(verdict: AuditVerdict, arithmetic: Mapping[str, Any], gaps: Sequence[str]) -> str:
    """The rule that settled the state."""
    if verdict.state == PENDING:
        return "B5"
    if verdict.state in (GOOD, IDLE):
        return "V3"
    rule = _bad_by(arithmetic) if verdict.bad else _unknown_by(verdict, gaps)
    return f"{rule}, {_RULES.get(verdict.kind, 'X3')}" if verdict.kind else rule


def _bad_by(arithmetic: Mapping[str, Any]) -> str:
    return "V1" if arithmetic["requests"]["bad"] or arithmetic["messages"]["bad"] else "V2"


def _unknown_by(verdict: AuditVerdict, gaps: Sequence[str]) -> str:
    if gaps:
        return "B1" if GAP in gaps else "B3"
    return "B3" if verdict.bad_with_missing else "B2"


def _side(tallies: Sequence[AuditTally], policy: AuditPolicy) -> dict[str, Any]:
    here = tallies[-1]
    lately = AuditTally(sum(tally.failed for tally in tallies), sum(tally.valid for tally in tallies))
    return {
        "failed": here.failed,
        "valid": here.valid,
        "failed_lately": lately.failed,
        "valid_lately": lately.valid,
        "bad": fails(here, lately, policy),
    }


def _valid(verdict: AuditVerdict) -> int:
    return verdict.requests.valid + verdict.messages.valid


def _touches(window: AuditWindow, minute: int) -> bool:
    return window.start_ms < (minute + 1) * MINUTE_MS and window.end_ms > minute * MINUTE_MS


def _window(window: AuditWindow, effect: str) -> dict[str, Any]:
    return {
        "revision": window.revision,
        "kind": window.kind,
        "rule": _RULES.get(window.kind, "X3"),
        "effect": effect,
        "start": instant_text(window.start_ms),
        "end": instant_text(window.end_ms),
        "announced_at": instant_text(window.announced_at_ms),
        "known_at": instant_text(window.recorded_at_ms),
        "evidence": window.evidence,
        "content": f"{window.content:016x}",
    }
