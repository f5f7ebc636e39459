"""Claims for credit, judged (contract K2, M4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.account import Account, FeeKey
from schemas.fields import Service
from streams.rules.accounts import AccountVersion, effective_at, fee_of
from streams.rules.calendar import MonthSpan, months_between
from streams.rules.incidents import Incident, overlapping, with_a_minute_in

_PAID: Final = "paid"
LONGEST_CLAIM_MS: Final = 62 * 86_400_000
"""The longest span of time that a claim may have (K2): no two months that follow each other are longer together."""


class Refusal(StrEnum):
    """Why a claim credits nothing in a month; every one that applies is given (K2).

    A claim that waits is given `unknown_policy` where its account is under a policy that nobody here has: until then
    nobody can say what is promised to it.
    """

    UNKNOWN_ACCOUNT = "unknown_account"
    NO_FEE = "no_fee"
    MONTH_NOT_MISSED = "month_not_missed"
    NO_INCIDENT = "no_incident"
    TOO_LATE = "too_late"
    NOT_PAID = "not_paid"
    SUSPENDED = "suspended"
    CLAIMED_BEFORE = "claimed_before"
    SPAN_TOO_LONG = "span_too_long"
    UNKNOWN_POLICY = "unknown_policy"


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


Barred = tuple[range, set[Refusal]]
"""Places of incidents that follow each other, and why an account gets nothing for them (M4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What is the same for all claims of an account that are about one service and month."""

    month: ClaimContext
    account: Account | None
    barred: Sequence[Barred]


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
    standings = {service: _standing(months[service], versions) for service in claims}
    judged: dict[str, Judgement] = {}
    is_credited = False
    for claim, service in order:
        judgement = _alone(claim, service, standings[service], claim_ms)
        if judgement.state is ClaimState.APPROVED and is_credited:
            judgement = Judgement(state=ClaimState.REJECTED, fee=judgement.fee, refusals=(Refusal.CLAIMED_BEFORE,))
        is_credited |= judgement.state is ClaimState.APPROVED
        judged[claim.claim_id] = judgement
    return judged


def _standing(month: ClaimContext, versions: Sequence[AccountVersion]) -> _Standing:
    account = effective_at(versions, month.span.start_ms)
    return _Standing(month=month, account=account, barred=_barred(month.incidents, versions))


def _alone(claim: Claimed, service: Service, standing: _Standing, claim_ms: int) -> Judgement:
    """The judgement of a claim as if it were the only one."""
    account, month = standing.account, standing.month
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
    refusals += _of_incidents(claim, standing, claim_ms)
    return Judgement(state=ClaimState.REJECTED if refusals else ClaimState.APPROVED, fee=fee, refusals=tuple(refusals))


def _of_incidents(claim: Claimed, standing: _Standing, claim_ms: int) -> list[Refusal]:
    incidents = standing.month.incidents
    overlapped = overlapping(incidents, claim.from_ms, claim.to_ms)
    if not overlapped:
        return [Refusal.NO_INCIDENT]
    refusals = []
    if claim.submitted_ms > incidents[overlapped[-1]].end_ms + claim_ms:
        refusals.append(Refusal.TOO_LATE)
    return refusals + _of_account(overlapped, standing.barred)


def _of_account(overlapped: range, barred: Iterable[Barred]) -> list[Refusal]:
    """Why an account gets nothing for any of these incidents (M4); nothing, if it may have credit for one of them."""
    found: set[Refusal] = set()
    refused, looked_to = 0, overlapped.start
    for places, against in barred:
        first, end = max(places.start, overlapped.start), min(places.stop, overlapped.stop)
        if first < end:
            found |= against
            refused += max(0, end - max(looked_to, first))
            looked_to = max(looked_to, end)
    return sorted(found) if refused == len(overlapped) else []


def _barred(incidents: Sequence[Incident], versions: Sequence[AccountVersion]) -> list[Barred]:
    """The incidents for which an account gets nothing, in the order of time.

    Looked at once for all claims: a service may be down every few minutes of a month, and any number of claims may span
    all of it.
    """
    found = []
    for place, version in enumerate(versions):
        against = _against(version)
        if against and incidents:
            until_ms = versions[place + 1].effective_from_ms if place + 1 < len(versions) else incidents[-1].end_ms
            found.append((with_a_minute_in(incidents, version.effective_from_ms, until_ms), against))
    return found


def _against(version: AccountVersion) -> set[Refusal]:
    """Why no incident with a minute under this version is credited (M4): trial, promotion or suspension."""
    found: set[Refusal] = set()
    if version.account.plan != _PAID:
        found.add(Refusal.NOT_PAID)
    if version.account.suspended:
        found.add(Refusal.SUSPENDED)
    return found
