"""Credits that an account would be due if it claimed them: so that it can be said while there is time (K5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from schemas.account import FeeKey
from schemas.fields import SERVICES
from streams.rules.accounts import fees_concerned
from streams.rules.amounts_due import AccountMonth, concerning, credit_of, fee_month
from streams.rules.claims import Claimed, ClaimState, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """A fee of a month that misses 99.9 % by what is known, which nobody has claimed.

    While the month is not complete, percent and amount are what it is `at_least`, by the minutes known so far. `amount`
    is None where nobody knows the minor unit of the currency. A claim has to come before `claim_until_ms`.
    """

    fee: FeeKey
    currency: str
    percent: int
    amount: Decimal | None
    at_least: bool
    claim_until_ms: int


def unclaimed(claims: Sequence[Claimed], account: AccountMonth, *, now_ms: int) -> list[Unclaimed]:
    """Every fee concerned that nobody has claimed, by name, while it can still be claimed; complete or not (K5).

    `claims` are those of the account that touch the month. One that would not be approved claims nothing.
    """
    basis = account.basis
    missed = [fee for fee in sorted(account.fees) if basis.in_force and basis.percents[fee]]
    until_ms = {fee: _claim_until_ms(fee, account) for fee in missed if not _is_claimed(fee, claims, account)}
    return [
        Unclaimed(
            fee=fee,
            currency=currency,
            percent=basis.percents[fee] or 0,
            amount=credit_of(fee, currency, account) if currency in account.minor_units else None,
            at_least=not basis.complete,
            claim_until_ms=last_ms,
        )
        for fee, last_ms in until_ms.items()
        if now_ms < last_ms
        for currency in sorted(account.fees[fee])
    ]


def _is_claimed(fee: FeeKey, claims: Sequence[Claimed], account: AccountMonth) -> bool:
    """Whether a claim of the fee is approved, or would be if the month stood as it is known so far."""
    month = replace(fee_month(fee, account), complete=True, waits_for=None)
    judged = judge(concerning(fee, claims), month, account.terms)
    return any(judgement.state is ClaimState.APPROVED for judgement in judged.values())


def _claim_until_ms(fee: FeeKey, account: AccountMonth) -> int:
    """Before when a claim may come: of several incidents that of the latest one; 0 without any."""
    incidents = account.basis.incidents
    concerned = [service for service in SERVICES if fee in fees_concerned(service)]
    latest = [incidents[service][-1] for service in concerned if incidents[service]]
    return max((account.terms.claim_until_ms(incident) for incident in latest), default=0)
