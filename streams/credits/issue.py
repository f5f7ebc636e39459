"""Decide a month's credits: add to the log what makes each sum the one that is due, until nothing is missing (K4).

    judged claims ─► read the log ─► what is missing ─► publish ─► read the log again ─► ... ─► answer store

The log is the topic `sla.credits`, whose order says which decisions stand. Whoever knew less, died half-way or came at
the same time is corrected by the next number; what stands never changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from schemas.account import FeeKey
from schemas.credit_decision import CreditDecision
from streams.core.failpoints import Failpoint, hit
from streams.core.settings import Settings
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount, UnknownPolicyError
from streams.kafka.archive import bytes_of
from streams.kafka.followed_topic import FollowedTopic
from streams.kafka.producer import PATIENCE_S, Producer
from streams.rules.calendar import month_bounds, month_of
from streams.rules.decisions import (
    NOTHING,
    AmountDue,
    Decision,
    Subject,
    decision_id,
    effective,
    settle_series,
)

CREDITS: Final = "sla.credits"

Place = tuple[str, FeeKey, str]
"""What a series of decisions is about, whatever their currency: account, fee and month."""

_decode = msgspec.json.Decoder(CreditDecision).decode
_encode = msgspec.json.Encoder(order="sorted").encode  # of records without floats: their canonical JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A decision as it stands, where in the log, and under which policy it was made."""

    offset: int
    policy: str
    decision: Decision


class DecisionLog(Protocol):
    """Whose order decides (CreditLog)."""

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
        """For a series that nobody claims any more; None: its month is not closed, or nobody can judge it."""
        try:
            choice = self.adjudicator.choice(account_id, month)
        except UnknownPolicyError:
            return None
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


class CreditLog:
    """Reads the topic once and follows it; what was acknowledged before a call is in its answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = FollowedTopic(settings, CREDITS)

    def read_on(self) -> dict[Subject, list[Logged]]:
        """The decisions that are effective now, by what they are about, in their order.

        Raises:
            ZectoError: no broker answers, or it has no such topic.
        """
        return effective_decisions(self.read_series())

    def read_series(self) -> dict[Place, list[Logged]]:
        """Every decision that the log holds now, series by series, in its order, whether it is effective or not.

        Raises:
            ZectoError: no broker answers, or it has no such topic.
        """
        return series_of((record.offset, bytes_of(record.value)) for record in self._topic.read_on())

    def publish(self, decisions: Iterable[tuple[Decision, str]]) -> None:
        """Add decisions, each with its policy; returns once every replica in sync has them.

        Raises:
            ZectoError: the broker did not take one.
        """
        with Producer(self._settings, patience_s=PATIENCE_S) as producer:
            for decision, policy in decisions:
                producer.send(CREDITS, encode_decision(decision, policy), key=decision.subject.account_id.encode())


def series_of(log: Iterable[tuple[int, bytes | None]]) -> dict[Place, list[Logged]]:
    """A log of (offset, value) by series: what cannot be read, or has another's id, was never said.

    A series is that of an account, fee and month: a decision in another currency follows those before it.
    """
    series: defaultdict[Place, list[Logged]] = defaultdict(list)
    for offset, value in log:
        logged = read_decision(offset, value)
        if logged:
            subject = logged.decision.subject
            series[subject.account_id, subject.fee, subject.month].append(logged)
    return series


def effective_decisions(series: Mapping[Place, Sequence[Logged]]) -> dict[Subject, list[Logged]]:
    """What stands of each series, by what its first decision is about."""
    return {
        log[0].decision.subject: logged_of(effective(logged.decision for logged in log), log) for log in series.values()
    }


def logged_of(decisions: Iterable[Decision], log: Sequence[Logged]) -> list[Logged]:
    """Where in the log these decisions of a series are."""
    return [next(logged for logged in log if logged.decision is decision) for decision in decisions]


def read_decision(offset: int, value: bytes | None) -> Logged | None:
    """A record of the log; None: it is no decision."""
    try:
        record = _decode(value or b"")
    except msgspec.DecodeError:
        return None
    subject = Subject(account_id=record.account_id, fee=record.fee, month=record.month, currency=record.currency)
    if record.decision_id != decision_id(subject, record.number):
        return None
    decision = Decision(
        decision_id=record.decision_id,
        subject=subject,
        number=record.number,
        kind=record.kind,
        amount=Decimal(record.amount),
        amount_due=AmountDue(
            amount=Decimal(record.due), percent=record.percent, claim_id=record.claim_id, statement=record.statement
        ),
        invoice_month=record.invoice_month,
    )
    return Logged(offset=offset, policy=record.policy, decision=decision)


def encode_decision(decision: Decision, policy: str) -> bytes:
    """A decision as the log holds it."""
    return _encode(to_record(decision, policy))


def to_record(decision: Decision, policy: str) -> CreditDecision:
    """A decision as its record says it."""
    subject, amount_due = decision.subject, decision.amount_due
    return CreditDecision(
        decision_id=decision.decision_id,
        account_id=subject.account_id,
        fee=subject.fee,
        month=subject.month,
        number=decision.number,
        kind=decision.kind,
        amount=str(decision.amount),
        due=str(amount_due.amount),
        currency=subject.currency,
        percent=amount_due.percent,
        claim_id=amount_due.claim_id,
        policy=policy,
        statement=amount_due.statement,
        invoice_month=decision.invoice_month,
    )
