"""Decide a month's credits: add to the log what makes each sum the one that is due, until nothing is missing (K4).

    judged claims ─► read the log ─► what is missing ─► publish ─► read the log again ─► ... ─► answer store

Whoever knew less, died half-way or came at the same time is corrected by the next number; what stands never changes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.core.failpoints import Failpoint, hit
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount
from streams.credits.log import Logged, Place, logged_of
from streams.rules.calendar import month_bounds, month_of
from streams.rules.decisions import NOTHING, AmountDue, Decision, Subject, settle_series


class DecisionLog(Protocol):
    """Whose order decides (streams.credits.log)."""

    def read_series(self) -> Mapping[Place, Sequence[Logged]]: ...  # noqa: D102
    def publish(self, decisions: Iterable[tuple[Decision, str]]) -> None: ...  # noqa: D102


class Decisions(Protocol):
    """Where ClickHouse keeps what stands and what was answered (streams.credits.decision_store)."""

    def put(self, decisions: Iterable[Logged]) -> None: ...  # noqa: D102
    def answer(self, judged: Iterable[JudgedAccount], *, at_ms: int) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due to a series, under which policy and in which currency; an empty one is that of its last decision."""

    amount_due: AmountDue
    currency: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSeries:
    """A series as it stands in the log, and the decision that it lacks, with its policy; None: its sum is right."""

    effective: Sequence[Logged]
    missing: tuple[Decision, str] | None


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
    decisions: Decisions
    now_ms: Callable[[], int]

    def decide(self, month: str) -> Decided:
        """Publish what is missing of a month; of one that is not closed claimants are only told that they wait."""
        judged = self.adjudicator.claimed(month)
        due = _due(judged)
        published: set[str] = set()
        while missing := _missing(settled := self._settle(month, due)):
            self.log.publish(missing)
            hit(Failpoint.CREDITS_PUBLISHED)
            published |= {decision.decision_id for decision, _ in missing}
        effective = [logged for series in settled for logged in series.effective]
        self.decisions.put(effective)
        self.decisions.answer(judged, at_ms=self.now_ms())
        added = [logged for logged in effective if logged.decision.decision_id in published]
        return Decided(judged=judged, effective=effective, added=added)

    def _settle(self, month: str, due: Mapping[Place, Due]) -> list[LoggedSeries]:
        """Every series of the month with a claim or a decision, held against what is due now."""
        stand = {place: logged for place, logged in self.log.read_series().items() if place[2] == month}
        return [self._settle_one(place, due.get(place), stand.get(place, ())) for place in sorted({*due, *stand})]

    def _settle_one(self, place: Place, due: Due | None, log: Sequence[Logged]) -> LoggedSeries:
        account_id, fee, month = place
        due = due or self._nothing_due(account_id, month)
        subject = Subject(account_id=account_id, fee=fee, month=month, currency=due.currency if due else "")
        series = settle_series(
            [logged.decision for logged in log],
            subject,
            due.amount_due if due else None,
            invoice_month=self._invoice_month(),
        )
        return LoggedSeries(
            effective=logged_of(series.effective, log),
            missing=(series.missing, due.policy) if series.missing and due else None,
        )

    def _nothing_due(self, account_id: str, month: str) -> Due | None:
        """For a series that nobody claims any more; None: its month is not closed, so nothing is known of it."""
        choice = self.adjudicator.choice(account_id, month)
        closed = self.adjudicator.months.month(choice)
        if not closed.complete:
            return None
        amount_due = AmountDue(amount=NOTHING, percent=0, claim_id="", statement=closed.statement)
        return Due(amount_due=amount_due, currency="", policy=choice.policy.policy_id)

    def _invoice_month(self) -> str:
        """The month after this one: the next invoice."""
        zone = self.adjudicator.policies[-1].zone
        return month_of(month_bounds(month_of(self.now_ms(), zone), zone).end_ms, zone)


def _missing(settled: Iterable[LoggedSeries]) -> list[tuple[Decision, str]]:
    return sorted((one.missing for one in settled if one.missing), key=lambda one: one[0].decision_id)


def _due(judged: Iterable[JudgedAccount]) -> dict[Place, Due]:
    """What is due by fee; nothing is told of a month that is not complete: nobody can decide it yet."""
    return {
        (one.account_id, fee, one.month.span.month): Due(
            amount_due=amount_due, currency=one.currency, policy=one.policy
        )
        for one in judged
        if one.month.complete
        for fee, amount_due in one.amounts.amounts_due.items()
    }
