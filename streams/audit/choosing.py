"""Which record counts for an identity, and what became of it in our favour since (C3, I2-I4)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from streams.audit.kept import AuditManifest, AuditProbe, AuditReceipt, AuditRequest
from streams.audit.known import ACCEPTED, CLAIMED, ENROUTE, OK, PLATFORM, UNKNOWN

_DOUBT: Final = {OK: 1, CLAIMED: 3, UNKNOWN: 4, PLATFORM: 5}
"""The order of I2 and I4: in doubt against us; any other failure is 2, out of scope 0."""
_OTHER: Final = 2
_FIRST_DELIVERY, _FAILED, _ON_THE_WAY = 2, 1, 0
PENDING_OUTCOMES: Final = (ACCEPTED, ENROUTE)


class AuditedIdentity(NamedTuple):
    """How an identity counts, and what I4 says of it."""

    outcome: str
    in_scope: bool
    heard: bool
    """Whether any record of it, in scope, is valid."""
    corrected: bool = False
    only_newly_in_scope: bool = False


def request_order(request: AuditRequest) -> tuple[int, ...]:
    """I2."""
    return request.revision, request.in_scope, _DOUBT.get(request.outcome, _OTHER), request.content


def count_request(requests: Collection[AuditRequest]) -> AuditedIdentity:
    """How a request counts."""
    chosen = max(requests, key=request_order)
    earlier = [request for request in requests if request.revision < chosen.revision]
    lowered, newly = _favour(chosen, earlier, earlier)
    return AuditedIdentity(
        outcome=chosen.outcome,
        in_scope=chosen.in_scope,
        heard=any(_is_valid(request) for request in requests),
        corrected=lowered or newly,
        only_newly_in_scope=newly and not lowered,
    )


def _favour(
    chosen: AuditRequest | AuditReceipt,
    compared: Iterable[AuditRequest | AuditReceipt],
    others: Iterable[AuditRequest | AuditReceipt],
) -> tuple[bool, bool]:
    """Whether an identity stands lower than one of these records of it, and whether it is newly in scope (I4)."""
    standing = _DOUBT.get(chosen.outcome, _OTHER) if chosen.in_scope else 0
    lowered = any(
        (_DOUBT.get(record.outcome, _OTHER) if record.in_scope or chosen.in_scope else 0) > standing
        for record in compared
    )
    is_ok = chosen.in_scope and chosen.outcome == OK
    return lowered, is_ok and any(not record.in_scope for record in others)


def _is_valid(record: AuditRequest | AuditReceipt) -> bool:
    return record.in_scope and record.outcome in (OK, PLATFORM)


def collisions(requests: Collection[AuditRequest], counted: AuditedIdentity) -> int:
    """Other requests under one id: of the revision that has most of them (I3)."""
    by_revision: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    for request in requests:
        by_revision[request.revision].add((request.time_ms, request.account_id))
    return max(map(len, by_revision.values())) - 1 if counted.in_scope else 0


def requests_conflict(requests: Iterable[AuditRequest]) -> bool:
    """Whether two of them, which are one request, contradict each other (I3)."""
    return _disagree(
        (
            (request.revision, request.time_ms, request.account_id),
            (request.status, request.error, request.stage, request.plan, request.source),
        )
        for request in requests
    )


def probes_conflict(probes: Iterable[AuditProbe]) -> bool:
    """The same of probes."""
    return _disagree(((probe.revision, probe.time_ms), (probe.ok, probe.status)) for probe in probes)


def _disagree(claims: Iterable[tuple[object, object]]) -> bool:
    seen: dict[object, object] = {}
    return any(seen.setdefault(subject, claim) != claim for subject, claim in claims)


def _rank(receipt: AuditReceipt) -> int:
    if receipt.state == "delivered":
        return _FIRST_DELIVERY
    return _ON_THE_WAY if receipt.state in PENDING_OUTCOMES else _FAILED


def _receipt_order(receipt: AuditReceipt) -> tuple[int, ...]:
    rank = _rank(receipt)
    if rank == _FIRST_DELIVERY:
        return receipt.in_scope, rank, 0, -receipt.time_ms, receipt.content
    return receipt.in_scope, rank, rank == _FAILED and receipt.has_code, receipt.time_ms, receipt.content


def choose_receipt(receipts: Collection[AuditReceipt], service: str) -> AuditReceipt:
    """The receipt that counts; of an e-mail a bounce is final (I2)."""
    chosen = max(receipts, key=_receipt_order)
    if service != "email" or chosen.state != "delivered":
        return chosen
    alike = [receipt for receipt in receipts if receipt.in_scope == chosen.in_scope]
    bounces = [receipt for receipt in alike if _rank(receipt) == _FAILED and receipt.time_ms > chosen.time_ms]
    return max(bounces, key=_receipt_order, default=chosen)


def is_held(receipts: Iterable[AuditReceipt], handover_within_ms: int) -> bool:
    """Whether the first receipt that shows that a carrier had the message came too late to be the carrier's (C3)."""
    shown = [receipt for receipt in receipts if _shows_a_carrier(receipt)]
    earliest_ms = min((receipt.time_ms for receipt in shown), default=None)
    return any(
        (receipt.late_ms - handover_within_ms) * 1_000 > receipt.resolution_us
        for receipt in shown
        if receipt.time_ms == earliest_ms
    )


def _shows_a_carrier(receipt: AuditReceipt) -> bool:
    if receipt.state in (ENROUTE, "delivered"):
        return True
    return receipt.state != ACCEPTED and receipt.has_code and receipt.code_system != PLATFORM


def count_message(receipts: Collection[AuditReceipt], service: str, handover_within_ms: int) -> AuditedIdentity:
    """How a message counts; one that is pending is `enroute` if any carrier said so (C3)."""
    chosen = choose_receipt(receipts, service)
    outcome = _message_outcome(chosen, receipts, handover_within_ms)
    counts = chosen._replace(outcome=outcome)
    others = [receipt for receipt in receipts if receipt is not chosen]
    final = [receipt for receipt in others if receipt.state not in PENDING_OUTCOMES]
    lowered, newly = (False, False) if outcome in PENDING_OUTCOMES else _favour(counts, final, others)
    return AuditedIdentity(
        outcome=outcome,
        in_scope=chosen.in_scope,
        heard=_is_valid(counts) or any(_is_valid(receipt) for receipt in receipts),
        corrected=lowered or newly,
        only_newly_in_scope=newly and not lowered,
    )


def _message_outcome(chosen: AuditReceipt, receipts: Iterable[AuditReceipt], handover_within_ms: int) -> str:
    if is_held(receipts, handover_within_ms):
        return PLATFORM
    if chosen.outcome == ACCEPTED and any(receipt.state == ENROUTE for receipt in receipts):
        return ENROUTE
    return chosen.outcome


def choose_probe(probes: Iterable[AuditProbe]) -> AuditProbe:
    """The probe that counts (I2)."""
    return max(probes, key=lambda probe: (probe.revision, not probe.ok, probe.content))


def is_probe_corrected(probes: Collection[AuditProbe]) -> bool:
    """Whether it had failed in a lower revision (I4)."""
    chosen = choose_probe(probes)
    return chosen.ok and any(not probe.ok and probe.revision < chosen.revision for probe in probes)


def choose_manifest(manifests: Iterable[AuditManifest]) -> AuditManifest:
    """The manifest that counts (I2)."""
    return max(manifests, key=lambda one: (one.revision, one.identities, not one.final, one.content))


def is_manifest_corrected(manifests: Collection[AuditManifest]) -> bool:
    """Whether its count was lowered, or it became final later (I4)."""
    chosen = choose_manifest(manifests)
    return any(
        one.identities > chosen.identities or (chosen.final and not one.final)
        for one in manifests
        if one.revision < chosen.revision
    )


def distinct_unnamed(records: Iterable[AuditRequest | AuditReceipt | AuditProbe]) -> int:
    """How many distinct records have an id that names nothing (I1)."""
    return len({record.content for record in records if record.unnamed})


def distinct_mended(records: Iterable[AuditRequest | AuditReceipt | AuditProbe | AuditManifest]) -> Counter[str]:
    """How many distinct records count although a field of theirs was not readable, by field (B3)."""
    by_content = {record.content: record.mended for record in records if record.mended}
    return Counter(name for mended in by_content.values() for name in mended)
