"""What is published for a credit: decisions whose sum is what the latest facts make due (contract K4).

Decisions of one account, fee and month form a series that only grows. Each is numbered, its id follows from what it is
about and its number alone, and of those with one id the first in the log is effective. So two workers, two claims or a
replay can at most say the same thing twice; and a worker that knew less is corrected by the next decision, never by
changing one that was published.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from schemas.account import FeeKey

NOTHING: Final = Decimal(0)
_SEPARATOR: Final = "\x1f"  # in no id: they are printable, or escaped

Kind = Literal["credit", "difference", "withdrawal"]
Place = tuple[str, FeeKey, str]
"""What a series of decisions is about, whatever their currency: account, fee and month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a decision is about."""

    account_id: str
    fee: FeeKey
    month: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountDue:
    """What is due by the facts as they are known, and by which; 0 where no claim is approved (any more).

    `statement` is the number of the month's statement that it follows from: 0, or that of its latest amendment; None:
    nobody closed the month.
    """

    amount: Decimal
    percent: int
    claim_id: str
    statement: int | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due to a series, by currency; what is due in none of those that were credited before is `nothing`."""

    by_currency: Mapping[str, AmountDue]
    nothing: AmountDue


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledSeries:
    """The decisions of a series that stand, and what they lack, by currency.

    `undecided` is what can still be decided, of either sign, and `missing` the decision that begins with it. `kept` is
    how much more was credited than is due, once no decision may lower it (K4).
    """

    effective: list[Decision]
    undecided: Mapping[str, Decimal]
    missing: Decision | None
    kept: Mapping[str, Decimal]


def settle_series(
    log: Iterable[Decision], place: Place, due: Due | None, *, decided_in: str, invoice_month: str
) -> SettledSeries:
    """What stands of a series, and what is missing, one decision a call; `log` are its decisions in the log's order.

    `decided_in` is the month in which it is decided, `invoice_month` the next. What is too much is taken back first,
    and only until the invoice month of the first decision begins: after that it costs nobody anything (K4). A currency
    in which nothing is due any more, but whose credit is kept, stands for the fee: no other is credited beside it.
    Without `due` nothing is known, so nothing is missing.
    """
    decisions = effective(log)
    if due is None:
        return SettledSeries(effective=decisions, undecided={}, missing=None, kept={})
    changes = _changes(decisions, due)
    may_lower = not decisions or decided_in < decisions[0].invoice_month
    kept = {currency: -amount for currency, amount in changes.items() if amount < 0 and not may_lower}
    barred = {*kept, *(_not_yet_credited(changes, decisions) if kept.keys() - due.by_currency.keys() else ())}
    undecided = {currency: amount for currency, amount in changes.items() if currency not in barred}
    missing = None
    if undecided:
        currency = min(undecided, key=lambda currency: (undecided[currency] > 0, currency))
        subject = Subject(account_id=place[0], fee=place[1], month=place[2], currency=currency)
        missing = _next(subject, decisions, due.by_currency.get(currency, due.nothing), invoice_month)
    return SettledSeries(effective=decisions, undecided=undecided, missing=missing, kept=kept)


def _not_yet_credited(currencies: Iterable[str], decisions: Iterable[Decision]) -> set[str]:
    return {*currencies} - {decision.subject.currency for decision in decisions}


def _changes(decisions: Iterable[Decision], due: Due) -> dict[str, Decimal]:
    """By currency what is due beside what was published; those that are right are left out."""
    credited: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for decision in decisions:
        credited[decision.subject.currency] += decision.amount
    changes = {
        currency: due.by_currency.get(currency, due.nothing).amount - credited[currency]
        for currency in {*credited, *due.by_currency}
    }
    return {currency: amount for currency, amount in changes.items() if amount}


def _next(subject: Subject, decisions: list[Decision], amount_due: AmountDue, invoice_month: str) -> Decision:
    """The decision that makes the sum of its currency right; `decisions` are those that stand, in any currency."""
    earlier = published(decision for decision in decisions if decision.subject.currency == subject.currency)
    amount = amount_due.amount - earlier
    number = decisions[-1].number + 1 if decisions else 0
    return Decision(
        decision_id=decision_id(subject, number),
        subject=subject,
        number=number,
        kind=_kind(earlier, amount_due),
        amount=amount,
        amount_due=replace(amount_due, amount=earlier + amount),  # with as many decimal places, where it is nothing
        invoice_month=invoice_month,
    )


def _kind(earlier: Decimal, amount_due: AmountDue) -> Kind:
    if not amount_due.amount:
        return "withdrawal"
    return "difference" if earlier else "credit"
