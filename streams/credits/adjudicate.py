"""A month's claims of all accounts, judged, and what is due by them; and what nobody has claimed yet (M3, M4, K2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from schemas.account import FeeKey
from schemas.fields import SERVICES, Service
from schemas.policies import Policy
from streams.core.errors import Code, ZectoError
from streams.credits.records import AccountClaim
from streams.rules.accounts import AccountVersion, effective_at
from streams.rules.amounts_due import AccountAmounts, ClosedMonth, ServiceTier, settle_claims
from streams.rules.claims import Claimed, ClaimState, Judgement, Refusal
from streams.rules.policy import PolicyChoice, apply_policy, policy_of_month
from streams.rules.unclaimed import Unclaimed, unclaimed
from streams.statements.closed_months import ClosedMonthReader

Versions = Mapping[str, Sequence[AccountVersion]]
ByAccount = dict[str, list[tuple[Service, Claimed]]]
_NOBODY: Final[Sequence[AccountVersion]] = ()


class UnknownPolicyError(ZectoError):
    """An account is under a policy that this version does not have, so that nobody can say what is promised to it."""

    usual_code = Code.POLICY_UNKNOWN

    def __init__(self, account_id: str, policy_id: str) -> None:
        super().__init__(
            f"account {account_id} is under policy {policy_id}, which this version does not have",
            hint="mend the account's record, or install the version that has the policy",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAccount:
    """What came of an account's claims in a month; `currency` is that of its fees at the month's start (M4)."""

    account_id: str
    policy: str
    month: ClosedMonth
    currency: str
    fees: Mapping[FeeKey, str]
    amounts: AccountAmounts
    unclaimed: Sequence[Unclaimed] = ()


@dataclass(slots=True)
class ClaimAdjudicator:
    """Judges months with the accounts and claims that it is given."""

    months: ClosedMonthReader
    policies: Sequence[Policy]
    accounts: Versions
    claims: Sequence[AccountClaim]
    _by_month: dict[str, ByAccount] = field(default_factory=dict)
    _choices: dict[tuple[str, str], PolicyChoice] = field(default_factory=dict)

    def months_claimed(self) -> list[str]:
        """Every month in which a claim is judged, in order."""
        return sorted(self._months())

    def claimed(self, month: str) -> list[JudgedAccount]:
        """Every account with a claim that overlaps the month, by id."""
        return [self.account(account_id, month) for account_id in sorted(self._claims_of(month))]

    def account(self, account_id: str, month: str, *, now_ms: int | None = None) -> JudgedAccount:
        """One account's month; with `now_ms` also what it might still claim.

        Under a policy that this version does not have its claims wait, and hold up nobody else's.
        """
        versions = self.accounts.get(account_id, _NOBODY)
        try:
            choice = self.choice(account_id, month)
        except UnknownPolicyError:
            return self._waiting(account_id, month)
        closed, terms = self.months.month(choice), choice.policy.commitments.credits
        found = settle_claims(self._claims_of(month).get(account_id, ()), closed, versions, terms)
        account = effective_at(versions, closed.span.start_ms)
        return JudgedAccount(
            account_id=account_id,
            policy=choice.policy.policy_id,
            month=closed,
            currency="" if account is None else account.currency,
            fees={} if account is None else account.fees,
            amounts=found,
            unclaimed=() if now_ms is None else unclaimed(closed, versions, found, terms, now_ms=now_ms),
        )

    def choice(self, account_id: str, month: str) -> PolicyChoice:
        """The policy of an account's month: its own at the month's start if it has one, else everybody's (M4, M5).

        Raises:
            UnknownPolicyError: it is one that this version does not have.
        """
        common = policy_of_month(month, self.policies)
        account = effective_at(self.accounts.get(account_id, _NOBODY), common.span.start_ms)
        named = "" if account is None else account.policy or ""
        place = (month, named)
        if place not in self._choices:
            self._choices[place] = _apply(named, month, self.policies, account_id) if named else common
        return self._choices[place]

    def unjudged(self, month: str) -> list[UnknownPolicyError]:
        """The accounts whose month nobody can judge, by id, with why."""
        found = []
        for account_id in self.accounts:
            try:
                self.choice(account_id, month)
            except UnknownPolicyError as error:
                found.append(error)
        return found

    def _waiting(self, account_id: str, month: str) -> JudgedAccount:
        """The month of an account under a policy that nobody here has: as if it were not closed yet."""
        versions = self.accounts[account_id]
        common = policy_of_month(month, self.policies)
        tiers = {service: ServiceTier(percent=0, incidents=()) for service in SERVICES}
        closed = ClosedMonth(span=common.span, complete=False, statement=0, services=tiers)
        claims = self._claims_of(month).get(account_id, ())
        found = settle_claims(claims, closed, versions, common.policy.commitments.credits)
        account = effective_at(versions, closed.span.start_ms)
        judgements = {claim_id: _of_unknown_policy(one) for claim_id, one in found.judgements.items()}
        return JudgedAccount(
            account_id=account_id,
            policy=(account and account.policy) or "",
            month=closed,
            currency=account.currency if account else "",
            fees=account.fees if account else {},
            amounts=AccountAmounts(judgements=judgements, amounts_due={}),
        )

    def _claims_of(self, month: str) -> ByAccount:
        """The claims that are judged in a month, by account."""
        return self._months().get(month, {})

    def _months(self) -> Mapping[str, ByAccount]:
        """The claims by month and account, each looked at once."""
        if not self._by_month:
            zone = self.policies[-1].zone
            for claim in self.claims:
                for month in claim.claimed.months(zone):
                    of_account = self._by_month.setdefault(month, {}).setdefault(claim.account_id, [])
                    of_account.append((claim.service, claim.claimed))
        return self._by_month


def _apply(policy_id: str, month: str, policies: Sequence[Policy], account_id: str) -> PolicyChoice:
    for policy in policies:
        if policy.policy_id == policy_id:
            return apply_policy(month, policy)
    raise UnknownPolicyError(account_id, policy_id)


def _of_unknown_policy(judgement: Judgement) -> Judgement:
    if judgement.state is ClaimState.AWAITING:
        return replace(judgement, refusals=(Refusal.UNKNOWN_POLICY,))
    return judgement


def and_others(unjudged: Sequence[UnknownPolicyError]) -> str:
    """The first of them in words, and how many more there are."""
    more = f", and {len(unjudged) - 1:,} more accounts" if len(unjudged) > 1 else ""
    return f"{unjudged[0].message}{more}"
