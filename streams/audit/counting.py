"""Which record counts for an identity, whose failure it is, and the counts of each service-minute (I2, I3, C1-C6)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from streams.audit.codes import ACCEPTED, ENROUTE, OK, PLATFORM, UNKNOWN, Ending
from streams.audit.collecting import AuditProbe, AuditReceipt, AuditRecords, AuditRequest, Minute
from streams.audit.records import RECEIPTS, REQUESTS

OUT_OF_SCOPE: Final = "out_of_scope"
PENDING: Final = "pending"
_DOUBT: Final = {OK: 0, UNKNOWN: 2, PLATFORM: 3}
_FIRST_DELIVERY, _FAILED, _ON_THE_WAY = 2, 1, 0


@dataclass(slots=True)
class AuditCounts:
    """What a service-minute holds, by outcome; `missing` comes with what manifests and dead letters show (B3)."""

    requests: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    probes_ok: int = 0
    probes_failed: int = 0
    conflicts: int = 0
    unsourced: bool = False
    sourced: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By topic and source, the identities that have a record which carries the source."""

    @property
    def is_active(self) -> bool:
        """Whether it has a request or a message, in scope or not (B2)."""
        return bool(self.requests or self.messages)

    @property
    def valid(self) -> int:
        """V of requests and messages together (C6)."""
        return valid_of(self.requests) + valid_of(self.messages)


def valid_of(side: Counter[str]) -> int:
    """V (C6)."""
    return side.get(OK, 0) + side.get(PLATFORM, 0)


def count(records_of_month: AuditRecords, *, receipts_seen_ms: int, wait_ms: int) -> dict[Minute, AuditCounts]:
    """The counts of every service-minute that has a request, a message or a probe.

    Messages without a final receipt stay pending until `receipts_seen_ms` has passed their minute by `wait_ms` (C3).
    """
    counts: defaultdict[Minute, AuditCounts] = defaultdict(AuditCounts)
    for (service, minute, _), requests in records_of_month.requests.items():
        at = counts[service, minute]
        at.requests[_request_outcome(max(requests, key=_request_order))] += 1
        at.conflicts += _disagree((request.revision, request[1:5]) for request in requests)
        _note_sources(at, REQUESTS, {request.source for request in requests})
    for (service, minute, _), receipts in records_of_month.receipts.items():
        at = counts[service, minute]
        waited = receipts_seen_ms >= (minute + 1) * 60_000 + wait_ms
        at.messages[_message_outcome(max(receipts, key=_receipt_order), waited=waited)] += 1
        at.conflicts += _disagree(
            (receipt.time_ms, (receipt.code_system, receipt.code))
            for receipt in receipts
            if _rank(receipt) == _FAILED and receipt.code
        )
        _note_sources(at, RECEIPTS, {receipt.source for receipt in receipts})
    for (service, minute, _), probes in records_of_month.probes.items():
        at = counts[service, minute]
        at.probes_ok += (ok := max(probes, key=_probe_order).ok)
        at.probes_failed += not ok
        at.conflicts += _disagree((probe.revision, (probe.ok, probe.status)) for probe in probes)
    return dict(counts)


def request_ending(requests: Iterable[AuditRequest]) -> Ending:
    """How a request ended, by the record that counts, and why."""
    chosen = max(requests, key=_request_order)
    return Ending(_request_outcome(chosen), chosen.reason)


def message_ending(receipts: Iterable[AuditReceipt], *, waited: bool) -> Ending:
    """How a message ended; one that is still pending, its last state."""
    chosen = max(receipts, key=_receipt_order)
    outcome = _message_outcome(chosen, waited=waited)
    return Ending(chosen.outcome if outcome == PENDING else outcome, chosen.reason)


def probe_ending(probes: Iterable[AuditProbe]) -> Ending:
    """Whether a probe succeeded."""
    return Ending(OK if max(probes, key=_probe_order).ok else "failed", "probe")


def _request_order(request: AuditRequest) -> tuple[int, ...]:
    return (request.revision, _in_scope(request), _DOUBT.get(request.outcome, 1), request.content)


def _in_scope(request: AuditRequest) -> bool:
    return request.stage == "ga" and request.plan == "paid"


def _request_outcome(request: AuditRequest) -> str:
    return request.outcome if _in_scope(request) else OUT_OF_SCOPE


def _rank(receipt: AuditReceipt) -> int:
    if receipt.state == "delivered":
        return _FIRST_DELIVERY
    return _ON_THE_WAY if receipt.state in (ACCEPTED, ENROUTE) else _FAILED


def _receipt_order(receipt: AuditReceipt) -> tuple[int, ...]:
    rank = _rank(receipt)
    if rank == _FIRST_DELIVERY:
        return (rank, 0, -receipt.time_ms, receipt.content)
    return (rank, rank == _FAILED and receipt.code != "", receipt.time_ms, receipt.content)


def _message_outcome(receipt: AuditReceipt, *, waited: bool) -> str:
    if not receipt.in_scope:
        return OUT_OF_SCOPE
    if receipt.outcome == ACCEPTED:
        return PLATFORM if waited else PENDING
    if receipt.outcome == ENROUTE:
        return UNKNOWN if waited else PENDING
    return receipt.outcome


def _probe_order(probe: AuditProbe) -> tuple[int, ...]:
    return (probe.revision, not probe.ok, probe.content)


def _disagree(claims: Iterable[tuple[object, object]]) -> bool:
    """Whether two claims about the same thing differ (I3)."""
    seen: dict[object, object] = {}
    return any(seen.setdefault(subject, claim) != claim for subject, claim in claims)


def _note_sources(at: AuditCounts, topic: str, sources: set[str]) -> None:
    for source in sources:
        if source:
            at.sourced[topic, source] += 1
        else:
            at.unsourced = True
