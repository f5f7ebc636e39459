"""What is due to an account for a month, by fee: from its claims, its fees and the month itself (M3, K2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from schemas.account import FeeKey
from schemas.fields import Service
from streams.rules.accounts import AccountVersion, fees_concerned
from streams.rules.calendar import MonthSpan
from streams.rules.claims import Claimed, ClaimState, ClaimTerms, FeeMonth, Judgement, Refusal, judge, why_no_fee
from streams.rules.decisions import AmountDue
from streams.rules.incidents import Incident
from streams.rules.month_fees import MonthFees
from streams.rules.rounding import half_up, round_down

_HUNDRED: Final = 100
_STATES: Final = (ClaimState.APPROVED, ClaimState.AWAITING, ClaimState.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBasis:
    """A month as credits are decided by.

    `percents` are tiers by service and `platform` (M2, V5); None: unobserved. Of a month that is not complete they are
    those of what is known so far. `incidents` are those with a minute in the month, whole (K1). `statement` numbers the
    statement or amendment that all of it is taken from; None: nobody closed the month.
    """

    span: MonthSpan
    in_force: bool
    complete: bool
    statement: int | None
    percents: Mapping[FeeKey, int | None]
    incidents: Mapping[Service, Sequence[Incident]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMonth:
    """What an account's claims are held against in a month: the month, its versions, and the fees of it (M4, M6).

    `minor_units` are those of the fees' currencies; one that nobody knows is left out. `record_refused`: a record of
    the account could not be read. `waits_for`: why nobody can decide anything for it.
    """

    basis: CreditBasis
    terms: ClaimTerms
    versions: Sequence[AccountVersion]
    fees: MonthFees
    minor_units: Mapping[str, int]
    record_refused: bool = False
    waits_for: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOutcome:
    """What became of a claim in a month, fee by fee; without a fee in force there is one judgement, of none (None)."""

    by_fee: Mapping[FeeKey | None, Judgement]

    @property
    def state(self) -> ClaimState:
        """Approved if it is for any fee; else it waits if it does for any."""
        found = {judgement.state for judgement in self.by_fee.values()}
        return next(state for state in _STATES if state in found)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Every reason why it is not approved, once; none if it is."""
        if self.state is ClaimState.APPROVED:
            return ()
        return tuple(dict.fromkeys(reason for one in self.by_fee.values() for reason in one.refusals))

    @property
    def fees(self) -> tuple[FeeKey, ...]:
        """The fees that it is approved for."""
        return tuple(fee for fee, one in self.by_fee.items() if fee and one.state is ClaimState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAmounts:
    """What came of an account's claims in a month: outcomes by claim id, and what is due by fee and currency.

    A fee whose claims were all refused is due nothing in any currency; one that cannot be decided yet is None.
    """

    outcomes: Mapping[str, ClaimOutcome]
    amounts_due: Mapping[FeeKey, Mapping[str, AmountDue] | None]


def settle_claims(claims: Sequence[Claimed], account: AccountMonth) -> AccountAmounts:
    """Judge an account's claims of a month, and work out what is due for each fee in force.

    `claims` are those of the account that touch the month, each once.
    """
    judged = {
        fee: judge(concerning(fee, claims), fee_month(fee, account), account.terms) for fee in sorted(account.fees)
    }
    return AccountAmounts(
        outcomes={claim.claim_id: _outcome(claim, judged, account) for claim in claims},
        amounts_due={fee: _due(fee, found, account) for fee, found in judged.items()},
    )


def concerning(fee: FeeKey, claims: Iterable[Claimed]) -> list[Claimed]:
    """The claims that concern a fee: of its service, or of any for that of the platform (M3)."""
    return [claim for claim in claims if fee in fees_concerned(claim.service)]


def fee_month(fee: FeeKey, account: AccountMonth) -> FeeMonth:
    """What claims that concern a fee in force are held against."""
    is_known = all(currency in account.minor_units for currency in account.fees[fee])
    return FeeMonth(
        complete=account.basis.complete,
        refusals=_month_refusals(fee, account.basis),
        waits_for=account.waits_for or (None if is_known else Refusal.UNKNOWN_CURRENCY),
        incidents=account.basis.incidents,
    )


def credit_of(fee: FeeKey, currency: str, account: AccountMonth) -> Decimal:
    """The credit for a fee of the month in one currency, if it is claimed."""
    return credit_amount(
        account.fees[fee][currency],
        account.basis.percents[fee] or 0,
        cap_percent=account.terms.cap_percent,
        minor_unit=account.minor_units[currency],
    )


def credit_amount(fee: Fraction, percent: int, *, cap_percent: int, minor_unit: int) -> Decimal:
    """Fee times tier, half-up to the minor unit, never above the cap.

    Half-up may lead above the cap (half of 0.01 is not 0.01): then it is the most that lies within it. So the credits
    of all fees of a month together stay within the cap of their sum, too.
    """
    most = round_down(fee * Fraction(cap_percent, _HUNDRED), minor_unit)
    return min(half_up(fee * Fraction(percent, _HUNDRED), minor_unit), most)


def _outcome(claim: Claimed, judged: Mapping[FeeKey, Mapping[str, Judgement]], account: AccountMonth) -> ClaimOutcome:
    by_fee: dict[FeeKey | None, Judgement] = {
        fee: judged[fee][claim.claim_id] for fee in fees_concerned(claim.service) if fee in judged
    }
    return ClaimOutcome(by_fee=by_fee or {None: _without_fee(claim, account)})


def _without_fee(claim: Claimed, account: AccountMonth) -> Judgement:
    """The judgement of a claim of a service that no fee in force covers; there may be other reasons, too."""
    basis = account.basis
    reasons = why_no_fee(account.versions, claim.service, basis.span, record_refused=account.record_refused)
    month = FeeMonth(
        complete=basis.complete,
        refusals=(*reasons, *_month_refusals(claim.service, basis)),
        waits_for=account.waits_for,
        incidents=basis.incidents,
    )
    return judge([claim], month, account.terms)[claim.claim_id]


def _month_refusals(fee: FeeKey, basis: CreditBasis) -> tuple[Refusal, ...]:
    """Why the month credits nothing for a fee, whoever claims (M2, M5)."""
    if not basis.in_force:
        return (Refusal.NOT_IN_FORCE,)
    percent = basis.percents[fee]
    if percent is None:
        return (Refusal.UNOBSERVED,)
    return () if percent else (Refusal.MONTH_NOT_MISSED,)


def _due(fee: FeeKey, judged: Mapping[str, Judgement], account: AccountMonth) -> dict[str, AmountDue] | None:
    """What is due for a fee, by currency; None: it cannot be decided yet."""
    basis = account.basis
    if not basis.complete or fee_month(fee, account).waits_for:
        return None
    approved = next((claim_id for claim_id, one in judged.items() if one.state is ClaimState.APPROVED), None)
    if approved is None:
        return {}
    return {
        currency: AmountDue(
            amount=credit_of(fee, currency, account),
            percent=basis.percents[fee] or 0,
            claim_id=approved,
            statement=basis.statement,
        )
        for currency in sorted(account.fees[fee])
    }
