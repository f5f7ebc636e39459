"""What is published for a credit: decisions whose sum is what the latest facts make due (contract K4).

Decisions of one account, fee and month form a series that only grows. Each is numbered, its id follows from what it is
about and its number alone, and of those with one id the first in the log is effective. So two workers, two claims or a
replay can at most say the same thing twice; and a worker that knew less is corrected by the next decision, never by
changing one that was published.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from schemas.account import FeeKey

NOTHING: Final = Decimal("0.00")
_SEPARATOR: Final = "\x1f"  # in no id: they are printable, or escaped

Kind = Literal["credit", "difference", "withdrawal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a series of decisions is about."""

    account_id: str
    fee: FeeKey
    month: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountDue:
    """What is due by the facts as they are known, and by which; 0 where no claim is approved (any more).

    `statement` is the number of the month's statement that it follows from: 0, or that of its latest amendment.
    """

    amount: Decimal
    percent: int
    claim_id: str
    statement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One published decision; `amount` is what it adds, of either sign."""

    decision_id: str
    subject: Subject
    number: int
    kind: Kind
    amount: Decimal
    amount_due: AmountDue
    invoice_month: str


def decision_id(subject: Subject, number: int) -> str:
    """The id of the decision with this number: SHA-256 over account, fee, month and number, 32 hexadecimal digits.

    The currency is none of it: a credit that was published in another stays effective, and what corrects it must come
    after it.
    """
    text = _SEPARATOR.join([subject.account_id, subject.fee, subject.month, str(number)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def effective(log: Iterable[Decision]) -> list[Decision]:
    """The effective decisions of one subject, in their order: of each number the first in the log."""
    first: dict[int, Decision] = {}
    for decision in log:
        first.setdefault(decision.number, decision)
    return [first[number] for number in sorted(first)]


def published(decisions: Iterable[Decision]) -> Decimal:
    """What effective decisions credit together."""
    return sum((decision.amount for decision in decisions), NOTHING)


def next_decision(
    subject: Subject, decisions: list[Decision], amount_due: AmountDue, *, invoice_month: str
) -> Decision | None:
    """The decision that makes the sum right again; None: it is right.

    `decisions` are those that stand of the account, fee and month; of another currency than the subject's they only
    take numbers. Nothing due and nothing published needs no decision: a refusal is answered to the claimant, not to
    the invoice.
    """
    earlier = published(decision for decision in decisions if decision.subject.currency == subject.currency)
    amount = amount_due.amount - earlier
    if not amount:
        return None
    number = decisions[-1].number + 1 if decisions else 0
    return Decision(
        decision_id=decision_id(subject, number),
        subject=subject,
        number=number,
        kind=_kind(earlier, amount_due),
        amount=amount,
        amount_due=amount_due,
        invoice_month=invoice_month,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledSeries:
    """The decisions of a series that stand, and the next one that makes its sum right; None: it is right."""

    effective: list[Decision]
    missing: Decision | None


def settle_series(
    log: Iterable[Decision], subject: Subject, amount_due: AmountDue | None, *, invoice_month: str
) -> SettledSeries:
    """What stands of a series, and what is missing; `log` are its decisions in the log's order.

    An empty currency is that of the last decision. What was credited in another than the subject's is taken back first,
    one decision a call. Without an amount due nothing is known of it, so nothing is missing.
    """
    decisions = effective(log)
    if amount_due is None:
        return SettledSeries(effective=decisions, missing=None)
    currency = subject.currency or decisions[-1].subject.currency
    for other in [*sorted({decision.subject.currency for decision in decisions} - {currency}), currency]:
        due = amount_due if other == currency else replace(amount_due, amount=NOTHING)
        missing = next_decision(replace(subject, currency=other), decisions, due, invoice_month=invoice_month)
        if missing:
            return SettledSeries(effective=decisions, missing=missing)
    return SettledSeries(effective=decisions, missing=None)


def _kind(earlier: Decimal, amount_due: AmountDue) -> Kind:
    if not amount_due.amount:
        return "withdrawal"
    return "difference" if earlier else "credit"
