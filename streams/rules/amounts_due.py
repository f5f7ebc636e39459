"""What is due to an account for a closed month, by fee: from claims, records in time and the month itself (M3, K2).

Decimal arithmetic only.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Final

from schemas.account import Account, FeeKey
from schemas.commitments import CreditTerms
from schemas.fields import SERVICES, Service
from streams.rules.accounts import AccountVersion, effective_at, fee_of, services_of
from streams.rules.calendar import MonthSpan
from streams.rules.claims import ClaimContext, Claimed, ClaimState, Judgement, judge
from streams.rules.decisions import NOTHING, AmountDue
from streams.rules.incidents import Incident

PAISA: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)
# Fees have at most 15 digits before the point and 9 after it: nothing that is done with them here is ever inexact.
_EXACT: Final = Context(prec=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTier:
    """A service's month as a statement has it: its tier, and the incidents with a minute in it (K1, M2)."""

    percent: int
    incidents: Sequence[Incident]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """A month of all services; `statement` numbers the statement or amendment that it is taken from.

    Without a statement yet it is not complete, and every claim of it waits.
    """

    span: MonthSpan
    complete: bool
    statement: int
    services: Mapping[Service, ServiceTier]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAmounts:
    """What came of an account's claims in a month: judgements by claim id, and the amount due by fee."""

    judgements: Mapping[str, Judgement]
    amounts_due: Mapping[FeeKey, AmountDue]


def settle_claims(
    claims: Iterable[tuple[Service, Claimed]],
    month: ClosedMonth,
    versions: Sequence[AccountVersion],
    terms: CreditTerms,
) -> AccountAmounts:
    """Judge an account's claims of a month, and work out what is due for each fee that was claimed.

    `claims` are those of the account that overlap the month, each once. Fees are credited in the order of their names,
    while the cap of all of them together lasts; a fee whose claims were all refused is due nothing.
    """
    account = effective_at(versions, month.span.start_ms)
    judgements: dict[str, Judgement] = {}
    amounts_due: dict[FeeKey, AmountDue] = {}
    credited: list[Decimal] = []
    for fee, of_fee in sorted(_by_fee(claims, account).items(), key=lambda pair: pair[0] or ""):
        percent = 0 if fee is None else tier_of_fee(fee, month)
        missed = {service: claim_context(month, service, _tier(fee, service, month)) for service in of_fee}
        found = judge(of_fee, missed, versions, claim_ms=terms.claim_ms)
        judgements |= found
        if fee is None or account is None:
            continue
        approved = next((claim_id for claim_id, one in found.items() if one.state is ClaimState.APPROVED), "")
        amount = _amount(account, fee, percent, credited, terms) if approved else NOTHING
        credited.append(amount)
        amounts_due[fee] = AmountDue(
            amount=amount, percent=percent if approved else 0, claim_id=approved, statement=month.statement
        )
    return AccountAmounts(judgements=judgements, amounts_due=amounts_due)


def tier_of_fee(fee: FeeKey, month: ClosedMonth) -> int:
    """The tier of a fee: of a bundle that of the lowest uptime, which is the highest credit (M3)."""
    return max((month.services[service].percent for service in services_of(fee, SERVICES)), default=0)


def _tier(fee: FeeKey | None, service: Service, month: ClosedMonth) -> int:
    """The tier that a claim is held against: without a fee that of the service, so that no wrong reason is given."""
    return month.services[service].percent if fee is None else tier_of_fee(fee, month)


def _by_fee(
    claims: Iterable[tuple[Service, Claimed]], account: Account | None
) -> dict[FeeKey | None, dict[Service, list[Claimed]]]:
    found: defaultdict[FeeKey | None, dict[Service, list[Claimed]]] = defaultdict(dict)
    for service, claim in claims:
        fee = None if account is None else fee_of(service, account.fees)
        found[fee].setdefault(service, []).append(claim)
    return found


def claim_context(month: ClosedMonth, service: Service, percent: int) -> ClaimContext:
    """What a claim of a service is held against, with the tier of the fee that it is about."""
    return ClaimContext(
        span=month.span,
        complete=month.complete,
        percent=percent,
        incidents=month.services[service].incidents if month.complete else (),
    )


def _amount(account: Account, fee: FeeKey, percent: int, credited: Sequence[Decimal], terms: CreditTerms) -> Decimal:
    fees = [Decimal(amount) for amount in account.fees.values()]
    amount = credit_amount(Decimal(account.fees[fee]), percent, cap_percent=terms.cap_percent)
    return min(amount, total_left(fees, credited, cap_percent=terms.cap_percent))


def credit_amount(fee: Decimal, percent: int, *, cap_percent: int) -> Decimal:
    """Fee times tier, half-up to 0.01 of the currency, never above the cap.

    Half-up may lead above the cap (half of 0.01 is not 0.01): then it is the most that lies within it.
    """
    most = share(fee, cap_percent, rounding=ROUND_DOWN)
    return min(share(fee, percent, rounding=ROUND_HALF_UP), most)


def total_left(fees: Iterable[Decimal], credited: Iterable[Decimal], *, cap_percent: int) -> Decimal:
    """What may still be credited to an account in a month: the cap of all its platform fees, less what it has."""
    most = share(_sum(fees), cap_percent, rounding=ROUND_DOWN)
    return max(NOTHING, _EXACT.subtract(most, _sum(credited)))


def share(amount: Decimal, percent: int, *, rounding: str) -> Decimal:
    """So many percent of an amount in whole hundredths."""
    exact = _EXACT.divide(_EXACT.multiply(amount, Decimal(percent)), _HUNDRED)
    return exact.quantize(PAISA, rounding=rounding, context=_EXACT)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = NOTHING
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total
