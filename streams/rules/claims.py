"""Claims for credit, judged (contract K2, M4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.account import Account, FeeKey
from schemas.fields import Service
from streams.rules.accounts import AccountVersion, fees_concerned
from streams.rules.calendar import MonthSpan, day_end_ms, months_between
from streams.rules.incidents import Incident, overlapping
from streams.rules.month_fees import PAID, minutes_in_force


class Refusal(StrEnum):
    """Why a claim credits nothing in a month; every one that applies is given (K2).

    A claim that waits for us, not for the month, is given `unknown_policy` or `unknown_currency`: its account is under
    a policy that nobody here has, or pays in a currency of which nobody here knows the minor unit.
    """

    UNKNOWN_ACCOUNT = "unknown_account"
    ACCOUNT_RECORD_REFUSED = "account_record_refused"
    NO_FEE = "no_fee"
    NOT_PAID = "not_paid"
    SUSPENDED = "suspended"
    NOT_IN_FORCE = "not_in_force"
    UNOBSERVED = "unobserved"
    MONTH_NOT_MISSED = "month_not_missed"
    NO_INCIDENT = "no_incident"
    TOO_LATE = "too_late"
    CLAIMED_BEFORE = "claimed_before"
    UNKNOWN_POLICY = "unknown_policy"
    UNKNOWN_CURRENCY = "unknown_currency"


class ClaimState(StrEnum):
    """What became of a claim in a month."""

    APPROVED = "approved"
    REJECTED = "rejected"
    AWAITING = "awaiting_month_close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A claim of one account, as far as judging goes."""

    claim_id: str
    service: Service
    from_ms: int
    to_ms: int
    submitted_ms: int

    def months(self, zone: str) -> list[str]:
        """The months of a zone in which it is judged: all that it touches (K2)."""
        return list(months_between(self.from_ms, self.to_ms - 1, zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTerms:
    """M3, K2: the cap of a credit, and the local days after that of an incident's end in which it can be claimed."""

    cap_percent: int
    claim_days: int
    zone: str

    def claim_until_ms(self, incident: Incident) -> int:
        """The instant from which on an incident cannot be claimed any more (K2)."""
        return day_end_ms(incident.end_ms, days=self.claim_days, zone=self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeMonth:
    """What claims of one account that concern one fee are held against in a month.

    `refusals` are the reasons that any of them would be refused for; `waits_for` is why nobody can decide them yet
    though the month is complete. `incidents` are those of each service with a minute in the month (K1).
    """

    complete: bool
    refusals: tuple[Refusal, ...]
    waits_for: Refusal | None
    incidents: Mapping[Service, Sequence[Incident]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of a claim in a month, and why."""

    state: ClaimState
    refusals: tuple[Refusal, ...] = ()


def judge(claims: Iterable[Claimed], month: FeeMonth, terms: ClaimTerms) -> dict[str, Judgement]:
    """Judgements, by claim id, of all claims of one account that concern one fee in one month.

    The earliest by (submitted, id) that fulfils everything else is approved, and no other (K2).
    """
    judged: dict[str, Judgement] = {}
    is_credited = False
    for claim in sorted(claims, key=lambda claim: (claim.submitted_ms, claim.claim_id)):
        judgement = _alone(claim, month, terms)
        if judgement.state is ClaimState.APPROVED and is_credited:
            judgement = Judgement(state=ClaimState.REJECTED, refusals=(Refusal.CLAIMED_BEFORE,))
        is_credited |= judgement.state is ClaimState.APPROVED
        judged[claim.claim_id] = judgement
    return judged


def why_no_fee(
    versions: Sequence[AccountVersion], service: Service, span: MonthSpan, *, record_refused: bool
) -> tuple[Refusal, ...]:
    """Why no fee that covers a service is in force in any minute of a month (M4, K2).

    `record_refused`: a record of the account could not be read, and is a dead letter.
    """
    refused = (Refusal.ACCOUNT_RECORD_REFUSED,) if record_refused else ()
    if not versions:
        return refused or (Refusal.UNKNOWN_ACCOUNT,)
    priced = [account for account, _ in minutes_in_force(versions, span) if _has_fee(account, fees_concerned(service))]
    barred = {reason for account in priced for reason in _bars(account)}
    return (*(sorted(barred) or [Refusal.NO_FEE]), *refused)


def _alone(claim: Claimed, month: FeeMonth, terms: ClaimTerms) -> Judgement:
    """The judgement of a claim as if it were the only one."""
    waits_for = (month.waits_for,) if month.waits_for else ()
    if not month.complete:
        return Judgement(state=ClaimState.AWAITING, refusals=waits_for)
    refusals = (*month.refusals, *_of_incidents(claim, month, terms))
    if refusals:
        return Judgement(state=ClaimState.REJECTED, refusals=refusals)
    if waits_for:
        return Judgement(state=ClaimState.AWAITING, refusals=waits_for)
    return Judgement(state=ClaimState.APPROVED)


def _of_incidents(claim: Claimed, month: FeeMonth, terms: ClaimTerms) -> tuple[Refusal, ...]:
    if Refusal.NOT_IN_FORCE in month.refusals:
        return ()  # nothing was promised, so nobody looked for incidents
    incidents = month.incidents[claim.service]
    overlapped = overlapping(incidents, claim.from_ms, claim.to_ms)
    if not overlapped:
        return (Refusal.NO_INCIDENT,)
    is_late = claim.submitted_ms >= terms.claim_until_ms(incidents[overlapped[-1]])
    return (Refusal.TOO_LATE,) if is_late else ()


def _has_fee(account: Account, fees: Iterable[FeeKey]) -> bool:
    return any(Decimal(account.fees.get(fee, "0")) for fee in fees)


def _bars(account: Account) -> Iterable[Refusal]:
    if account.plan != PAID:
        yield Refusal.NOT_PAID
    if account.suspended:
        yield Refusal.SUSPENDED
