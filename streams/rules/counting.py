"""What an identity counts as, by all of its distinct records: conflicts, collisions, corrections, held (I3, I4, C3)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Final

from schemas.fields import Service
from streams.rules.classify import Outcome
from streams.rules.ordering import (
    CountedProbe,
    CountedReceipt,
    CountedRequest,
    doubt,
    effective_receipt,
    probe_order,
    request_order,
)

_VALID: Final = (Outcome.OK, Outcome.PLATFORM)
_SHOWS_CARRIER: Final = ("enroute", "delivered")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedIdentity:
    """What a request or a message counts as, and what its other records say of it."""

    scope: bool
    outcome: Outcome
    content: int
    """Of the record that counts."""
    heard: bool
    """Whether any of its records is valid and in scope (I4, B2)."""
    corrected: bool
    """Whether what counts speaks less against us than another record did (I4)."""
    newly_in_scope: bool
    """Whether it counts as ok while another record was out of scope (I4)."""
    sources: frozenset[str]
    """Of a request, those that records of its lowest revision name; of a message, those that any does (B3)."""
    conflict: bool = False
    collisions: int = 0
    """Other requests under its id, which count as missing (I3)."""
    held: bool = False
    """Whether a carrier had the message too late (C3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedProbeIdentity:
    """What a probe counts as."""

    ok: bool
    content: int
    conflict: bool
    corrected: bool
    """Whether one of a lower revision had failed (I4)."""


def count_request(records: Collection[CountedRequest]) -> CountedIdentity:
    """A request by its distinct records, one or more."""
    effective = max(records, key=request_order)
    earlier = [record for record in records if record.revision < effective.revision]
    lowest = min(record.revision for record in records)
    return CountedIdentity(
        scope=effective.scope,
        outcome=effective.outcome,
        content=effective.content,
        heard=any(record.scope and record.outcome in _VALID for record in records),
        corrected=any(_standing(record, effective) > _standing(effective, effective) for record in earlier),
        newly_in_scope=_is_good(effective) and any(not record.scope for record in earlier),
        sources=frozenset(record.source for record in records if record.revision == lowest and record.source),
        conflict=_disagree((_asking(record), _facts(record)) for record in records),
        collisions=_collisions(records) if effective.scope else 0,
    )


def count_message(
    service: Service, receipts: Collection[CountedReceipt], *, handover_within_ms: int
) -> CountedIdentity:
    """A message by its distinct receipts, one or more; one that was held is the platform's, whatever came after.

    One that is pending was handed over if any of its receipts shows it, whichever counts (C3).
    """
    effective = effective_receipt(service, receipts)
    held = is_held(receipts, handover_within_ms=handover_within_ms)
    if held:
        counts = effective._replace(outcome=Outcome.PLATFORM)
    elif effective.outcome is Outcome.ACCEPTED and any(one.outcome is Outcome.ENROUTE for one in receipts):
        counts = effective._replace(outcome=Outcome.ENROUTE)
    else:
        counts = effective
    finals = [receipt for receipt in receipts if receipt.is_final]
    return CountedIdentity(
        scope=counts.scope,
        outcome=counts.outcome,
        content=counts.content,
        heard=any(one.scope and one.outcome in _VALID for one in [*receipts, counts]),
        # What is still on its way stands nowhere in the order: it is in doubt anyway (B4).
        corrected=counts.is_final and any(_standing(one, counts) > _standing(counts, counts) for one in finals),
        newly_in_scope=_is_good(counts) and any(not receipt.scope for receipt in receipts),
        sources=frozenset(receipt.source for receipt in receipts if receipt.source),
        held=held,
    )


def count_probe(records: Collection[CountedProbe]) -> CountedProbeIdentity:
    """A probe of a vantage by its distinct records, one or more."""
    effective = max(records, key=probe_order)
    return CountedProbeIdentity(
        ok=effective.ok,
        content=effective.content,
        conflict=_disagree(((one.revision, one.time_ms), (one.ok, one.status)) for one in records),
        corrected=effective.ok and any(not one.ok and one.revision < effective.revision for one in records),
    )


def is_held(receipts: Iterable[CountedReceipt], *, handover_within_ms: int) -> bool:
    """Whether a carrier first had a message later than allowed, its clock's resolution granted (C3).

    Of several receipts of that time any decides.
    """
    shown = [(receipt.time_ms, receipt) for receipt in receipts if _shows_carrier(receipt)]
    first_ms = min((time_ms for time_ms, _ in shown), default=0)
    return any(_is_late(receipt, handover_within_ms) for time_ms, receipt in shown if time_ms == first_ms)


def _shows_carrier(receipt: CountedReceipt) -> bool:
    """Whether it shows that a carrier had the message: a code that is not the platform's own does, too."""
    if receipt.state in _SHOWS_CARRIER:
        return True
    return receipt.is_final and bool(receipt.code) and receipt.code_system != "platform"


def _is_late(receipt: CountedReceipt, handover_within_ms: int) -> bool:
    waited_ms = receipt.time_ms - receipt.submitted_at_ms
    return (waited_ms - handover_within_ms) * 1000 > receipt.resolution_us


def _standing(record: CountedRequest | CountedReceipt, effective: CountedRequest | CountedReceipt) -> int:
    """Where a record stands in I4's order; out of scope is below all, unless what counts is in scope."""
    return doubt(record.outcome) if record.scope or effective.scope else -1


def _is_good(effective: CountedRequest | CountedReceipt) -> bool:
    return effective.scope and effective.outcome is Outcome.OK


def _collisions(records: Iterable[CountedRequest]) -> int:
    """Distinct times and accounts beyond the first, of the revision that has most of them (I3)."""
    asked = {_asking(record) for record in records}
    return max(Counter(revision for revision, *_ in asked).values()) - 1


def _asking(record: CountedRequest) -> tuple[int, int, str]:
    """What tells a request from another under its id."""
    return record.revision, record.time_ms, record.account_id


def _facts(record: CountedRequest) -> tuple[Hashable, ...]:
    return record.status, record.error, record.stage, record.plan, record.source


def _disagree(claims: Iterable[tuple[Hashable, Hashable]]) -> bool:
    """Whether one subject is claimed two different things."""
    claims_of: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
    for subject, claim in claims:
        claims_of[subject].add(claim)
    return any(len(different) > 1 for different in claims_of.values())
