"""Claims as commands and other programs get them: each judged in its months, the refused ones among them (K2, K3)."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from schemas.account import FeeKey
from schemas.holidays import public_holidays
from schemas.instants import format_instant
from schemas.reference import holiday_changes
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount
from streams.credits.decision_store import Answer, AnswerKey
from streams.credits.records import AccountClaim
from streams.credits.refused import RefusedRecord, of_account
from streams.credits.views import RefusedView, refused_view
from streams.rules.business import BusinessDays
from streams.rules.claims import ClaimState, Refusal


class FeeJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """How a claim is judged now for one fee; an empty one: none is in force."""

    fee: str
    state: str
    refusals: Sequence[str]


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A claim in one month: how it is judged now, fee by fee, and the answer to the claimant; empty: none yet.

    `account_records_refused` are those of the account, where that is among the reasons.
    """

    month: str
    state: str
    refusals: Sequence[str]
    fees: Sequence[FeeJudgement]
    account_records_refused: Sequence[RefusedView]
    answered: str
    answered_at: str


class ClaimView(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, with every month in which it is judged.

    Of one that was refused as a dead letter `refused` says why; it has no months, what could not be read is empty, and
    its answer is due from when it says that it was submitted, or else from when the broker recorded it.
    """

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
    refused: RefusedView | None = None
    answered_at: str = ""


class ClaimViews:
    """Describes claims as they are judged now."""

    def __init__(
        self,
        adjudicator: ClaimAdjudicator,
        answers: Mapping[AnswerKey, Answer],
        refused_accounts: Sequence[RefusedRecord],
    ) -> None:
        self._adjudicator = adjudicator
        self._answers = answers
        self._refused_accounts = refused_accounts
        self._months: dict[str, Mapping[str, JudgedAccount]] = {}
        self._days: dict[int, BusinessDays] = {}

    def views(self, claims: Iterable[AccountClaim], refused: Iterable[RefusedRecord]) -> list[ClaimView]:
        """These claims, by submission; one that does not say it readably, by its broker timestamp."""
        found = [(claim.claimed.submitted_ms, self._view(claim)) for claim in claims]
        found += [(_since_ms(one), self._refused(one)) for one in refused]
        return [view for _, view in sorted(found, key=lambda pair: pair[0])]

    def _view(self, claim: AccountClaim) -> ClaimView:
        claimed = claim.claimed
        months = [self._month(claim, month) for month in self._adjudicator.months_of(claimed)]
        due_ms = self._due_ms(claimed.submitted_ms)
        return ClaimView(
            claim_id=claimed.claim_id,
            account_id=claim.account_id,
            service=claimed.service,
            from_=format_instant(claimed.from_ms),
            to=format_instant(claimed.to_ms),
            submitted_at=format_instant(claimed.submitted_ms),
            due_at=format_instant(due_ms),
            overdue=self._adjudicator.now_ms > due_ms and any(_waits(month) for month in months),
            evidence=claim.evidence,
            months=months,
        )

    def _refused(self, one: RefusedRecord) -> ClaimView:
        due_ms = self._due_ms(_since_ms(one))
        answer = self._answers.get((one.account_id, one.record_id, one.dead_letter, ""))
        return ClaimView(
            claim_id=one.record_id,
            account_id=one.account_id,
            service="",
            from_="",
            to="",
            submitted_at="" if one.submitted_ms is None else format_instant(one.submitted_ms),
            due_at=format_instant(due_ms),
            overdue=self._adjudicator.now_ms > due_ms and answer is None,
            evidence=(),
            months=(),
            refused=refused_view(one),
            answered_at=format_instant(answer.answered_ms) if answer else "",
        )

    def _month(self, claim: AccountClaim, month: str) -> ClaimAnswer:
        if month not in self._months:
            self._months[month] = {one.account_id: one for one in self._adjudicator.claimed(month)}
        outcome = self._months[month][claim.account_id].amounts.outcomes[claim.claimed.claim_id]
        answer = self._answers.get((claim.account_id, claim.claimed.claim_id, "", month))
        names_refused = Refusal.ACCOUNT_RECORD_REFUSED in outcome.refusals
        refused = of_account(self._refused_accounts, claim.account_id) if names_refused else ()
        return ClaimAnswer(
            month=month,
            state=outcome.state,
            refusals=[*outcome.refusals],
            fees=[
                FeeJudgement(fee=_name(fee), state=one.state, refusals=[*one.refusals])
                for fee, one in outcome.by_fee.items()
            ],
            account_records_refused=[refused_view(one) for one in refused],
            answered=answer.state if answer else "",
            answered_at=format_instant(answer.answered_ms) if answer else "",
        )

    def _due_ms(self, submitted_ms: int) -> int:
        """When the answer to what was submitted then is due (K3)."""
        policy = self._adjudicator.policies[-1]
        terms, year = policy.commitments.credits, int(format_instant(submitted_ms)[:4])
        if year not in self._days:
            off = public_holidays(terms.holidays, (year, year + 1), holiday_changes(terms.holidays))
            self._days[year] = BusinessDays(zone=policy.zone, holidays=off)
        return self._days[year].due_ms(submitted_ms, terms.answer_days)


def _since_ms(one: RefusedRecord) -> int:
    """From when on the answer to a claim that was refused is waited for (K3)."""
    return one.recorded_ms if one.submitted_ms is None else one.submitted_ms


def _name(fee: FeeKey | None) -> str:
    return fee or ""


def _waits(month: ClaimAnswer) -> bool:
    """Whether an answer is due: none was given, or only that it waits, though no longer for the month."""
    if not month.answered:
        return True
    waits_for_us = month.state != ClaimState.AWAITING or bool(month.refusals)
    return month.answered == ClaimState.AWAITING and waits_for_us
