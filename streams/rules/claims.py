"""Claims for credit, judged (contract K2, M4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.account import FeeKey
from schemas.fields import Service
from streams.rules.accounts import AccountVersion, effective_at, fee_of
from streams.rules.calendar import MonthSpan, months_between
from streams.rules.incidents import Incident

_PAID: Final = "paid"
LONGEST_CLAIM_MS: Final = 62 * 86_400_000
"""The longest span of time that a claim may have (K2): no two months that follow each other are longer together."""


class Refusal(StrEnum):
    """Why a claim credits nothing in a month; every one that applies is given (K2)."""

    UNKNOWN_ACCOUNT = "unknown_account"
    NO_FEE = "no_fee"
    MONTH_NOT_MISSED = "month_not_missed"
    NO_INCIDENT = "no_incident"
    TOO_LATE = "too_late"
    NOT_PAID = "not_paid"
    SUSPENDED = "suspended"
    CLAIMED_BEFORE = "claimed_before"
    SPAN_TOO_LONG = "span_too_long"


class ClaimState(StrEnum):
    """What became of a claim in a month."""

    APPROVED = "approved"
    REJECTED = "rejected"
    AWAITING = "awaiting_month_close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A claim of one account, as far as judging goes."""

    claim_id: str
    from_ms: int
    to_ms: int
    submitted_ms: int

    @property
    def is_too_long(self) -> bool:
        """Whether no invoice can have its span: more than 62 days of 24 hours, to the millisecond (K2)."""
        return self.to_ms - self.from_ms > LONGEST_CLAIM_MS

    def months(self, zone: str) -> list[str]:
        """The months of a zone in which it is judged: those that it touches, or that of its `from` if it is too long.

        A claim that is too long is answered once, however many months it spans; any other touches at most four.
        """
        return list(months_between(self.from_ms, self.from_ms if self.is_too_long else self.to_ms - 1, zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """What a claim of a service is held against: a month of it.

    `percent` is the tier of the fee that the claim is about, 0 where the month was kept; of a bundle that of the lowest
    uptime (M3). `incidents` are those of the claimed service with a minute in the month (K1).
    """

    span: MonthSpan
    complete: bool
    percent: int
    incidents: Sequence[Incident]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of a claim in a month, and why; `fee` is None where the account pays none for the service."""

    state: ClaimState
    fee: FeeKey | None
    refusals: tuple[Refusal, ...] = ()


def judge(
    claims: Mapping[Service, Iterable[Claimed]],
    months: Mapping[Service, ClaimContext],
    versions: Sequence[AccountVersion],
    *,
    claim_ms: int,
) -> dict[str, Judgement]:
    """Judgements, by claim id, of all claims of one account that are about one fee and one month.

    `claims` and `months` are by service: those of one service, or where a bundle is claimed of any of the four.
    `claim_ms` is how long after an incident's end a claim may come. The earliest claim by (submitted, id) that fulfils
    everything else is approved, and no other. A claim that is too long is refused for that alone, at once, and is never
    the earliest.
    """
    order = sorted(
        ((claim, service) for service, of_service in claims.items() for claim in of_service),
        key=lambda pair: (pair[0].submitted_ms, pair[0].claim_id),
    )
    judged: dict[str, Judgement] = {}
    is_credited = False
    for claim, service in order:
        judgement = _alone(claim, service, months[service], versions, claim_ms)
        if judgement.state is ClaimState.APPROVED and is_credited:
            judgement = Judgement(state=ClaimState.REJECTED, fee=judgement.fee, refusals=(Refusal.CLAIMED_BEFORE,))
        is_credited |= judgement.state is ClaimState.APPROVED
        judged[claim.claim_id] = judgement
    return judged


def _alone(
    claim: Claimed, service: Service, month: ClaimContext, versions: Sequence[AccountVersion], claim_ms: int
) -> Judgement:
    """The judgement of a claim as if it were the only one."""
    account = effective_at(versions, month.span.start_ms)
    fee = None if account is None else fee_of(service, account.fees)
    if claim.is_too_long:
        return Judgement(state=ClaimState.REJECTED, fee=fee, refusals=(Refusal.SPAN_TOO_LONG,))
    if not month.complete:
        return Judgement(state=ClaimState.AWAITING, fee=fee)
    refusals = []
    if account is None:
        refusals.append(Refusal.UNKNOWN_ACCOUNT)
    elif fee is None:
        refusals.append(Refusal.NO_FEE)
    if not month.percent:
        refusals.append(Refusal.MONTH_NOT_MISSED)
    refusals += _of_incidents(claim, month.incidents, versions, claim_ms)
    return Judgement(state=ClaimState.REJECTED if refusals else ClaimState.APPROVED, fee=fee, refusals=tuple(refusals))


def _of_incidents(
    claim: Claimed, incidents: Sequence[Incident], versions: Sequence[AccountVersion], claim_ms: int
) -> list[Refusal]:
    overlapped = [incident for incident in incidents if incident.overlaps(claim.from_ms, claim.to_ms)]
    if not overlapped:
        return [Refusal.NO_INCIDENT]
    refusals = []
    if claim.submitted_ms > max(incident.end_ms for incident in overlapped) + claim_ms:
        refusals.append(Refusal.TOO_LATE)
    against = [_against(incident, versions) for incident in overlapped]
    if all(against):
        refusals += sorted(set[Refusal]().union(*against))
    return refusals


def _against(incident: Incident, versions: Sequence[AccountVersion]) -> set[Refusal]:
    """Why an account gets nothing for an incident (M4): in a minute of it it was on trial, promotion or suspended."""
    found: set[Refusal] = set()
    for place, version in enumerate(versions):
        until_ms = versions[place + 1].effective_from_ms if place + 1 < len(versions) else incident.end_ms
        if not incident.has_minute_in(version.effective_from_ms, until_ms):
            continue
        if version.account.plan != _PAID:
            found.add(Refusal.NOT_PAID)
        if version.account.suspended:
            found.add(Refusal.SUSPENDED)
    return found
