"""Credits and claims as commands and other programs get them: one shape for each, money as text."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from schemas.account import FeeKey
from schemas.credit_decision import CreditDecision
from schemas.holidays import public_holidays
from schemas.instants import format_instant
from schemas.policies import Policy
from schemas.reference import holiday_changes
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount
from streams.credits.decision_store import Answer
from streams.credits.issue import Logged, to_record
from streams.credits.records import AccountClaim
from streams.rules.business import BusinessDays
from streams.rules.claims import ClaimState
from streams.rules.decisions import published


class UnclaimedCredit(msgspec.Struct, frozen=True, kw_only=True):
    """A credit that would be approved if it were claimed by then."""

    fee: str
    percent: int
    amount: str
    claim_by: str


class AccountCredits(msgspec.Struct, frozen=True, kw_only=True):
    """An account's credits of a month: effective decisions, what is due and not decided yet, what is unclaimed."""

    account_id: str
    currency: str
    credited: str
    decisions: Sequence[CreditDecision]
    undecided: Mapping[FeeKey, str]
    unclaimed: Sequence[UnclaimedCredit]


class CreditMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month of credits; accounts without any are left out."""

    month: str
    accounts: Sequence[AccountCredits]


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A claim in one month: how it is judged now, and the answer to the claimant; empty: none yet."""

    month: str
    state: str
    refusals: Sequence[str]
    fee: str
    answered: str
    answered_at: str


class ClaimView(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, with every month in which it is judged."""

    claim_id: str
    account_id: str
    service: str
    from_: str = msgspec.field(name="from")
    to: str
    submitted_at: str
    due_at: str
    overdue: bool
    evidence: Sequence[str]
    months: Sequence[ClaimAnswer]


def credits_of(judged: JudgedAccount, decisions: Sequence[Logged]) -> AccountCredits | None:
    """An account's month; None: there is nothing to show."""
    of_fee: dict[str, list[Logged]] = {}
    for logged in decisions:
        of_fee.setdefault(logged.decision.subject.fee, []).append(logged)
    undecided = {
        fee: str(amount_due.amount - published(logged.decision for logged in of_fee.get(fee, ())))
        for fee, amount_due in judged.amounts.amounts_due.items()
        if judged.month.complete and amount_due.amount != published(logged.decision for logged in of_fee.get(fee, ()))
    }
    if not (decisions or undecided or judged.unclaimed):
        return None
    return AccountCredits(
        account_id=judged.account_id,
        currency=judged.currency,
        credited=str(published(logged.decision for logged in decisions)),
        decisions=[to_record(logged.decision, logged.policy) for logged in decisions],
        undecided=undecided,
        unclaimed=[
            UnclaimedCredit(
                fee=one.fee,
                percent=one.percent,
                amount=str(one.amount),
                claim_by=format_instant(one.claim_by_ms),
            )
            for one in judged.unclaimed
        ],
    )


class ClaimViews:
    """Describes claims, each judged in its months."""

    def __init__(
        self, adjudicator: ClaimAdjudicator, answers: Mapping[tuple[str, str], Answer], *, now_ms: int
    ) -> None:
        self._adjudicator = adjudicator
        self._answers = answers
        self._now_ms = now_ms
        self._months: dict[str, Mapping[str, JudgedAccount]] = {}
        self._days: dict[tuple[str, str, int], BusinessDays] = {}

    def views(self, claims: Iterable[AccountClaim]) -> list[ClaimView]:
        """These claims, in their order."""
        return [self._view(claim) for claim in claims]

    def _view(self, claim: AccountClaim) -> ClaimView:
        claimed = claim.claimed
        policy = self._adjudicator.policies[-1]
        months = [self._month(claim, month) for month in claimed.months(policy.zone)]
        due_ms = self._due_ms(claim, policy)
        return ClaimView(
            claim_id=claimed.claim_id,
            account_id=claim.account_id,
            service=claim.service,
            from_=format_instant(claimed.from_ms),
            to=format_instant(claimed.to_ms),
            submitted_at=format_instant(claimed.submitted_ms),
            due_at=format_instant(due_ms),
            overdue=self._now_ms > due_ms and any(_waits(month) for month in months),
            evidence=claim.evidence,
            months=months,
        )

    def _month(self, claim: AccountClaim, month: str) -> ClaimAnswer:
        if month not in self._months:
            self._months[month] = {one.account_id: one for one in self._adjudicator.claimed(month)}
        judgement = self._months[month][claim.account_id].amounts.judgements[claim.claimed.claim_id]
        answer = self._answers.get((claim.claimed.claim_id, month))
        return ClaimAnswer(
            month=month,
            state=judgement.state,
            refusals=[*judgement.refusals],
            fee=judgement.fee or "",
            answered=answer.state if answer else "",
            answered_at=format_instant(answer.answered_ms) if answer else "",
        )

    def _due_ms(self, claim: AccountClaim, policy: Policy) -> int:
        """When the answer is due (K3)."""
        terms, year = policy.commitments.credits, int(format_instant(claim.claimed.submitted_ms)[:4])
        place = (terms.holidays, policy.zone, year)
        if place not in self._days:
            off = public_holidays(terms.holidays, (year, year + 1), holiday_changes(terms.holidays))
            self._days[place] = BusinessDays(zone=policy.zone, holidays=off)
        return self._days[place].due_ms(claim.claimed.submitted_ms, terms.answer_business_days)


def _waits(month: ClaimAnswer) -> bool:
    """Whether an answer is due: nothing was answered yet, or only that it waits for a month that is closed by now."""
    return not month.answered or (month.answered == ClaimState.AWAITING and month.state != ClaimState.AWAITING)
