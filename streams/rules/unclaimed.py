"""Credits that an account would be due if it claimed them: so that it can be said while there is time (M3, M4, K2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from schemas.account import FeeKey
from schemas.commitments import CreditTerms
from schemas.fields import SERVICES, Service
from streams.rules.accounts import AccountVersion, effective_at, fee_of
from streams.rules.amounts_due import AccountAmounts, ClosedMonth, claim_context, credit_amount, tier_of_fee, total_left
from streams.rules.claims import Claimed, ClaimState, judge
from streams.rules.incidents import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """A fee whose month was missed and not credited: what it would bring, and the last instant to claim it."""

    fee: FeeKey
    percent: int
    amount: Decimal
    claim_by_ms: int


def unclaimed(
    month: ClosedMonth, versions: Sequence[AccountVersion], found: AccountAmounts, terms: CreditTerms, *, now_ms: int
) -> list[Unclaimed]:
    """What a claim of each incident, submitted now, would be approved for; nothing while the month is not complete.

    Of several incidents the one that may be claimed longest counts. What was claimed and approved is left out.
    """
    account = effective_at(versions, month.span.start_ms)
    if account is None or not month.complete:
        return []
    fees = [Decimal(amount) for amount in account.fees.values()]
    credited = [amount_due.amount for amount_due in found.amounts_due.values()]
    might: list[Unclaimed] = []
    for fee in sorted(account.fees):
        amount_due = found.amounts_due.get(fee)
        claim_by_ms = None if amount_due and amount_due.claim_id else _claim_by_ms(fee, month, versions, terms, now_ms)
        if claim_by_ms is None:
            continue
        percent = tier_of_fee(fee, month)
        amount = min(
            credit_amount(Decimal(account.fees[fee]), percent, cap_percent=terms.cap_percent),
            total_left(fees, credited, cap_percent=terms.cap_percent),
        )
        credited.append(amount)
        if amount:
            might.append(Unclaimed(fee=fee, percent=percent, amount=amount, claim_by_ms=claim_by_ms))
    return might


def _claim_by_ms(
    fee: FeeKey, month: ClosedMonth, versions: Sequence[AccountVersion], terms: CreditTerms, now_ms: int
) -> int | None:
    """Until when a claim may come that is about this fee; None: none would be approved any more."""
    account = effective_at(versions, month.span.start_ms)
    percent = tier_of_fee(fee, month)
    if not percent:
        return None

    def is_approved(service: Service, found: Sequence[Incident]) -> bool:
        # an incident may be longer than a claim: what lies in the month is
        from_ms, to_ms = max(found[0].start_ms, month.span.start_ms), min(found[-1].end_ms, month.span.end_ms)
        claim = Claimed(claim_id="", from_ms=from_ms, to_ms=to_ms, submitted_ms=now_ms)
        against = {service: replace(claim_context(month, service, percent), incidents=found)}
        return judge({service: [claim]}, against, versions, claim_ms=terms.claim_ms)[""].state is ClaimState.APPROVED

    def last_approved_ms(service: Service) -> int | None:
        found = month.services[service].incidents
        # what is refused for all of them is refused for each, and there may be thousands
        if not found or not is_approved(service, found):
            return None
        # incidents are in the order of time: of those that would be approved the last may be claimed longest
        return next((incident.end_ms for incident in reversed(found) if is_approved(service, [incident])), None)

    services = [service for service in SERVICES if account is not None and fee_of(service, account.fees) == fee]
    ends_ms = [end_ms for service in services if (end_ms := last_approved_ms(service)) is not None]
    return max(ends_ms) + terms.claim_ms if ends_ms else None
