"""Decide a month's credits: add to the log what makes each sum the one that is due, until nothing is missing (K4).

    judged claims ─► read the log ─► what is missing ─► publish ─► read the log again ─► ... ─► answer store

Whoever knew less, died half-way or came at the same time is corrected by the next number; what stands never changes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from schemas.account import FeeKey
from streams.core.failpoints import Failpoint, hit
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount
from streams.credits.log import Logged
from streams.rules.calendar import month_bounds, month_of
from streams.rules.decisions import NOTHING, AmountDue, Decision, Subject, next_decision

Series = tuple[str, FeeKey]
"""An account and a fee, of the month that is being decided."""


class DecisionLog(Protocol):
    """Whose order decides (streams.credits.log)."""

    def read_on(self) -> Mapping[Subject, Sequence[Logged]]: ...  # noqa: D102
    def publish(self, decisions: Iterable[tuple[Decision, str]]) -> None: ...  # noqa: D102


class AnswerStore(Protocol):
    """Where ClickHouse keeps what stands and what was answered (streams.credits.decision_store)."""

    def put(self, decisions: Iterable[Logged]) -> None: ...  # noqa: D102
    def answer(self, judged: Iterable[JudgedAccount], *, at_ms: int) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due to a series, in which currency and under which policy."""

    amount_due: AmountDue
    currency: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A month's accounts as judged, its decisions as they stand, and which of them this call added."""

    judged: Sequence[JudgedAccount]
    effective: Sequence[Logged]
    added: Sequence[Logged]


@dataclass(slots=True)
class CreditIssuer:
    """Several may decide at once, on as many machines."""

    adjudicator: ClaimAdjudicator
    log: DecisionLog
    answers: AnswerStore
    now_ms: Callable[[], int]

    def decide(self, month: str) -> Decided:
        """Publish what is missing of a month; of one that is not closed claimants are only told that they wait."""
        judged = self.adjudicator.claimed(month)
        due = _due(judged)
        published: set[str] = set()
        while missing := self._missing(month, due):
            self.log.publish(missing)
            hit(Failpoint.CREDITS_PUBLISHED)
            published |= {decision.decision_id for decision, _ in missing}
        effective = [logged for _, series in sorted(self._effective(month).items()) for logged in series]
        self.answers.put(effective)
        self.answers.answer(judged, at_ms=self.now_ms())
        added = [logged for logged in effective if logged.decision.decision_id in published]
        return Decided(judged=judged, effective=effective, added=added)

    def _missing(self, month: str, due: Mapping[Series, Due]) -> list[tuple[Decision, str]]:
        """The next decision, with its policy, of every series whose sum is not what is due."""
        stand = self._effective(month)
        found = [self._next(month, series, due.get(series), stand.get(series, ())) for series in {*due, *stand}]
        return sorted((one for one in found if one), key=lambda one: one[0].decision_id)

    def _effective(self, month: str) -> dict[Series, Sequence[Logged]]:
        return {
            (subject.account_id, subject.fee): logged
            for subject, logged in self.log.read_on().items()
            if subject.month == month
        }

    def _next(
        self, month: str, series: Series, due: Due | None, stand: Sequence[Logged]
    ) -> tuple[Decision, str] | None:
        account_id, fee = series
        decisions = [logged.decision for logged in stand]
        due = due or self._nothing_due(month, account_id, decisions)
        if due is None:
            return None
        # What was credited in a currency that is no longer the account's is taken back first.
        others = sorted({decision.subject.currency for decision in decisions} - {due.currency})
        for currency in [*others, due.currency]:
            amount_due = due.amount_due if currency == due.currency else replace(due.amount_due, amount=NOTHING)
            subject = Subject(account_id=account_id, fee=fee, month=month, currency=currency)
            decision = next_decision(subject, decisions, amount_due, invoice_month=self._invoice_month())
            if decision:
                return decision, due.policy
        return None

    def _nothing_due(self, month: str, account_id: str, decisions: Sequence[Decision]) -> Due | None:
        """For a series that nobody claims any more; None: its month is not closed, so nothing is known of it."""
        choice = self.adjudicator.choice(account_id, month)
        closed = self.adjudicator.months.month(choice)
        if not closed.complete:
            return None
        amount_due = AmountDue(amount=NOTHING, percent=0, claim_id="", statement=closed.statement)
        return Due(amount_due=amount_due, currency=decisions[-1].subject.currency, policy=choice.policy.policy_id)

    def _invoice_month(self) -> str:
        """The month after this one: the next invoice."""
        zone = self.adjudicator.policies[-1].zone
        return month_of(month_bounds(month_of(self.now_ms(), zone), zone).end_ms, zone)


def _due(judged: Iterable[JudgedAccount]) -> dict[Series, Due]:
    """What is due by fee; nothing is told of a month that is not complete: nobody can decide it yet."""
    return {
        (one.account_id, fee): Due(amount_due=amount_due, currency=one.currency, policy=one.policy)
        for one in judged
        if one.month.complete
        for fee, amount_due in one.amounts.amounts_due.items()
    }
