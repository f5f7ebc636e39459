"""The topic `sla.credits`: decisions in the one order that says which of them are effective (K4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from schemas.credit_decision import CreditDecision
from streams.core.canonical_json import canonical_json
from streams.core.settings import Settings
from streams.kafka.archive import bytes_of
from streams.kafka.followed_topic import FollowedTopic
from streams.kafka.producer import Producer
from streams.rules.decisions import AmountDue, Decision, Subject, decision_id, effective

CREDITS: Final = "sla.credits"

_decode = msgspec.json.Decoder(CreditDecision).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An effective decision, where in the log, and under which policy it was made."""

    offset: int
    policy: str
    decision: Decision


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
        return effective_decisions((record.offset, bytes_of(record.value)) for record in self._topic.read_on())

    def publish(self, decisions: Iterable[tuple[Decision, str]]) -> None:
        """Add decisions, each with its policy; returns once every replica in sync has them.

        Raises:
            ZectoError: the broker did not take one.
        """
        with Producer(self._settings) as producer:
            for decision, policy in decisions:
                value = canonical_json(msgspec.to_builtins(to_record(decision, policy)))
                producer.send(CREDITS, value, key=decision.subject.account_id.encode())


def effective_decisions(log: Iterable[tuple[int, bytes | None]]) -> dict[Subject, list[Logged]]:
    """What is effective of a log of (offset, value): what cannot be read, or has another's id, was never said.

    A series is that of an account, fee and month: a decision in another currency follows those before it.
    """
    series: defaultdict[tuple[str, str, str], list[Logged]] = defaultdict(list)
    for offset, value in log:
        logged = read_decision(offset, value)
        if logged:
            subject = logged.decision.subject
            series[subject.account_id, subject.fee, subject.month].append(logged)
    return {logged[0].decision.subject: _first_of_each(logged) for logged in series.values()}


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


def _first_of_each(log: Sequence[Logged]) -> list[Logged]:
    decisions = effective(logged.decision for logged in log)
    return [next(logged for logged in log if logged.decision is decision) for decision in decisions]
