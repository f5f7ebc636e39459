"""A month's claims of all accounts, judged, what is due by them, and what nobody has claimed yet (M3-M6, K2, K5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from schemas.account import FeeKey
from schemas.currencies import MinorUnits
from schemas.fields import SERVICES
from schemas.policies import Policy
from streams.core.errors import Code, ZectoError
from streams.credits.records import AccountClaim
from streams.credits.terms import terms_of
from streams.rules.accounts import AccountRecord, AccountVersion, effective_at, history
from streams.rules.amounts_due import AccountAmounts, AccountMonth, CreditBasis, settle_claims
from streams.rules.calendar import MonthSpan, local_date, month_of
from streams.rules.claims import Claimed, Refusal
from streams.rules.decisions import NOTHING, AmountDue, Due
from streams.rules.month_fees import MonthFees, fees_of_month, never_lower
from streams.rules.policy import PolicyChoice, apply_policy, policy_of_month
from streams.rules.unclaimed import Unclaimed, unclaimed

Records = Mapping[str, Sequence[AccountRecord]]
ByAccount = dict[str, list[Claimed]]
_NOBODY: Final[Sequence[AccountRecord]] = ()


class UnknownPolicyError(ZectoError):
    """An account is under a policy that this version does not have, so that nobody can say what is promised to it."""

    usual_code = Code.POLICY_UNKNOWN

    def __init__(self, account_id: str, policy_id: str) -> None:
        super().__init__(
            f"account {account_id} is under policy {policy_id}, which this version does not have",
            hint="mend the account's record, or install the version that has the policy",
        )


class Months(Protocol):
    """Months as credits are decided by (streams.credits.basis)."""

    def basis(self, choice: PolicyChoice) -> CreditBasis: ...  # noqa: D102
    def closed_ms(self, choice: PolicyChoice) -> int | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAccount:
    """What came of an account's claims in a month, under which policy, and what nobody has claimed of it."""

    account_id: str
    policy: str
    month: AccountMonth
    amounts: AccountAmounts
    unclaimed: Sequence[Unclaimed] = ()

    @property
    def span(self) -> MonthSpan:
        """The month."""
        return self.month.basis.span

    def due(self, fee: FeeKey) -> Due | None:
        """What is due for a fee; None: it cannot be decided yet."""
        basis = self.month.basis
        by_currency = self.amounts.amounts_due.get(fee, {})
        if not basis.complete or self.month.waits_for or by_currency is None:
            return None
        nothing = AmountDue(amount=NOTHING, percent=0, claim_id="", statement=basis.statement)
        return Due(by_currency=by_currency, nothing=nothing)


@dataclass(slots=True, kw_only=True)
class ClaimAdjudicator:
    """Judges months with the accounts and claims that it is given, as they stand at `now_ms`."""

    months: Months
    policies: Sequence[Policy]
    records: Records
    claims: Sequence[AccountClaim]
    minor_units: MinorUnits
    now_ms: int
    refused_accounts: frozenset[str] = frozenset()
    accounts: Mapping[str, Sequence[AccountVersion]] = field(init=False)
    _by_month: dict[str, ByAccount] | None = None
    _choices: dict[str, tuple[PolicyChoice, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.accounts = {account_id: history(records) for account_id, records in self.records.items()}

    def months_claimed(self) -> list[str]:
        """Every month in which a claim is judged, in order."""
        return sorted(self._months())

    def months_of(self, claimed: Claimed) -> list[str]:
        """The months in which a claim is judged: those that it touches and that have begun, or else its first (K2)."""
        zone = self.policies[-1].zone
        first, *others = claimed.months(zone)
        now = month_of(self.now_ms, zone)
        return [first, *(month for month in others if month <= now)]

    def claimed(self, month: str) -> list[JudgedAccount]:
        """Every account with a claim that touches the month, by id."""
        return [self.account(account_id, month) for account_id in sorted(self._claims_of(month))]

    def account(self, account_id: str, month: str) -> JudgedAccount:
        """One account's month, with what it might still claim.

        Under a policy that this version does not have its claims wait, and hold up nobody else's.
        """
        try:
            choice, closed_ms = self._choice(account_id, month)
        except UnknownPolicyError:
            return self._waiting(account_id, month)
        claims = self._claims_of(month).get(account_id, ())
        account = self._account_month(account_id, choice, closed_ms)
        return JudgedAccount(
            account_id=account_id,
            policy=choice.policy.policy_id,
            month=account,
            amounts=settle_claims(claims, account),
            unclaimed=unclaimed(claims, account, now_ms=self.now_ms),
        )

    def choice(self, account_id: str, month: str) -> PolicyChoice:
        """The policy of an account's month: its own at the month's start if it has one, else everybody's (M5).

        A record that reached the broker after the month's statement moves it to no other (M6).

        Raises:
            UnknownPolicyError: it is one that this version does not have.
        """
        return self._choice(account_id, month)[0]

    def unjudged(self, month: str) -> list[UnknownPolicyError]:
        """The accounts whose month nobody can judge, by id, with why."""
        found = []
        for account_id in self.records:
            try:
                self.choice(account_id, month)
            except UnknownPolicyError as error:
                found.append(error)
        return found

    def _choice(self, account_id: str, month: str) -> tuple[PolicyChoice, int | None]:
        """The policy of an account's month, and the cut of the first statement that it stands in; None: in none yet."""
        records = self.records.get(account_id, _NOBODY)
        stated = []
        for choice in self._known_choices(month):
            closed_ms = self.months.closed_ms(choice)
            if closed_ms is None:
                continue
            if self._named(history(records, before_ms=closed_ms), month) == choice.policy.policy_id:
                stated.append((closed_ms, choice))
        if stated:
            closed_ms, choice = min(stated, key=lambda pair: pair[0])
            return choice, closed_ms
        named = self._named(self.accounts.get(account_id, ()), month)
        found = next((choice for choice in self._known_choices(month) if choice.policy.policy_id == named), None)
        if found is None:
            raise UnknownPolicyError(account_id, named)
        return found, None

    def _named(self, versions: Sequence[AccountVersion], month: str) -> str:
        """The policy that these records of an account put its month under."""
        common = policy_of_month(month, self.policies)
        account = effective_at(versions, common.span.start_ms)
        return (account and account.policy) or common.policy.policy_id

    def _known_choices(self, month: str) -> Sequence[PolicyChoice]:
        if month not in self._choices:
            self._choices[month] = tuple(apply_policy(month, policy) for policy in self.policies)
        return self._choices[month]

    def _account_month(self, account_id: str, choice: PolicyChoice, closed_ms: int | None) -> AccountMonth:
        records, versions = self.records.get(account_id, _NOBODY), self.accounts.get(account_id, ())
        fees = fees_of_month(versions, choice.span)
        if closed_ms is not None:
            fees = never_lower(fees_of_month(history(records, before_ms=closed_ms), choice.span), fees)
        return AccountMonth(
            basis=self.months.basis(choice),
            terms=terms_of(choice.policy),
            versions=versions,
            fees=fees,
            minor_units=self._minor_units(fees, choice),
            record_refused=account_id in self.refused_accounts,
        )

    def _minor_units(self, fees: MonthFees, choice: PolicyChoice) -> dict[str, int]:
        on = local_date(choice.span.start_ms, choice.policy.zone)
        found = {
            currency: self.minor_units.of(currency, on) for by_currency in fees.values() for currency in by_currency
        }
        return {currency: minor_unit for currency, minor_unit in found.items() if minor_unit is not None}

    def _waiting(self, account_id: str, month: str) -> JudgedAccount:
        """The month of an account under a policy that nobody here has: nothing of it can be decided."""
        common, versions = policy_of_month(month, self.policies), self.accounts[account_id]
        nothing: dict[FeeKey, int | None] = dict.fromkeys((*SERVICES, "platform"), 0)
        basis = CreditBasis(
            span=common.span,
            in_force=True,
            complete=False,
            statement=None,
            percents=nothing,
            incidents=dict.fromkeys(SERVICES, ()),
        )
        account = AccountMonth(
            basis=basis,
            terms=terms_of(common.policy),
            versions=versions,
            fees=fees_of_month(versions, common.span),
            minor_units={},
            waits_for=Refusal.UNKNOWN_POLICY,
        )
        amounts = settle_claims(self._claims_of(month).get(account_id, ()), account)
        return JudgedAccount(
            account_id=account_id,
            policy=self._named(versions, month),
            month=account,
            amounts=amounts,
        )

    def _claims_of(self, month: str) -> ByAccount:
        """The claims that are judged in a month, by account."""
        return self._months().get(month, {})

    def _months(self) -> Mapping[str, ByAccount]:
        """The claims by month and account, each looked at once."""
        if self._by_month is None:
            self._by_month = {}
            for claim in self.claims:
                for month in self.months_of(claim.claimed):
                    self._by_month.setdefault(month, {}).setdefault(claim.account_id, []).append(claim.claimed)
        return self._by_month


def and_others(unjudged: Sequence[UnknownPolicyError]) -> str:
    """The first of them in words, and how many more there are."""
    more = f", and {len(unjudged) - 1:,} more accounts" if len(unjudged) > 1 else ""
    return f"{unjudged[0].message}{more}"
