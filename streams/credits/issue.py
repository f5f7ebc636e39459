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

from schemas.credit_decision import CreditDecision
from streams.core.failpoints import Failpoint, hit
from streams.core.settings import Settings
from streams.credits.adjudicate import ClaimAdjudicator, JudgedAccount
from streams.kafka.archive import bytes_of
from streams.kafka.followed_topic import FollowedTopic
from streams.kafka.producer import PATIENCE_S, Producer
from streams.rules.calendar import month_bounds, month_of
from streams.rules.decisions import (
    AmountDue,
    Decision,
    Place,
    Subject,
    decision_id,
    effective,
    settle_series,
)

CREDITS: Final = "sla.credits"

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
class LoggedSeries:
    """A series as it stands in the log.

    `undecided` is what is due beside it, by currency, and `missing` the next decision for that, with its policy. `kept`
    is what was credited beyond what is due and is not taken back (K4).
    """

    place: Place
    effective: Sequence[Logged]
    undecided: Mapping[str, Decimal]
    missing: tuple[Decision, str] | None
    kept: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A month's accounts as judged, its series as they stand, and which of their decisions this call added."""

    judged: Sequence[JudgedAccount]
    series: Sequence[LoggedSeries]
    added: Sequence[Logged]


@dataclass(slots=True)
class CreditIssuer:
    """Several may decide at once, on as many machines."""

    adjudicator: ClaimAdjudicator
    log: DecisionLog
    decisions: Decisions
    now_ms: Callable[[], int]

    def decide(self, month: str) -> Decided:
        """Publish what is missing of a month; of one that is not complete claimants are only told that they wait."""
        judged = self.adjudicator.claimed(month)
        published: set[str] = set()
        while missing := _missing(series := self._settle(month, judged)):
            self.log.publish(missing)
            hit(Failpoint.CREDITS_PUBLISHED)
            published |= {decision.decision_id for decision, _ in missing}
        effective = [logged for one in series for logged in one.effective]
        self.decisions.put(effective)
        self.decisions.answer(judged, at_ms=self.now_ms())
        added = [logged for logged in effective if logged.decision.decision_id in published]
        return Decided(judged=judged, series=series, added=added)

    def _settle(self, month: str, judged: Sequence[JudgedAccount]) -> list[LoggedSeries]:
        """Every series of the month with a claim or a decision, held against what is due now."""
        stand = {place: logged for place, logged in self.log.read_series().items() if place[2] == month}
        known = {one.account_id: one for one in judged}
        for account_id in sorted({place[0] for place in stand} - known.keys()):  # nobody claims it any more
            known[account_id] = self.adjudicator.account(account_id, month)
        claimed = {(one.account_id, fee, month) for one in judged for fee in one.amounts.amounts_due}
        zone, now_ms = self.adjudicator.policies[-1].zone, self.now_ms()
        return [
            settle_logged(place, known[place[0]], stand.get(place, ()), now_ms=now_ms, zone=zone)
            for place in sorted({*claimed, *stand})
        ]


def settle_logged(
    place: Place, judged: JudgedAccount, log: Sequence[Logged], *, now_ms: int, zone: str
) -> LoggedSeries:
    """A series of decisions, in the log's order, held against what is due to its account now."""
    decided_in = month_of(now_ms, zone)
    series = settle_series(
        [logged.decision for logged in log],
        place,
        judged.due(place[1]),
        decided_in=decided_in,
        invoice_month=month_of(month_bounds(decided_in, zone).end_ms, zone),
    )
    return LoggedSeries(
        place=place,
        effective=logged_of(series.effective, log),
        undecided=series.undecided,
        missing=(series.missing, judged.policy) if series.missing else None,
        kept=series.kept,
    )


def _missing(settled: Iterable[LoggedSeries]) -> list[tuple[Decision, str]]:
    return sorted((one.missing for one in settled if one.missing), key=lambda one: one[0].decision_id)


class CreditLog:
    """Reads the topic once and follows it; what was acknowledged before a call is in its answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = FollowedTopic(settings, CREDITS)

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


def effective_decisions(series: Mapping[Place, Sequence[Logged]]) -> dict[Place, list[Logged]]:
    """What stands of each series."""
    return {place: logged_of(effective(logged.decision for logged in log), log) for place, log in series.items()}


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
