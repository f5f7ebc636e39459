"""The platform fees of a month: the sum over its minutes of the fee in force then, by T, exact (contract M4, M6)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from schemas.account import Account, FeeKey
from schemas.instants import MINUTE_MS
from streams.rules.accounts import AccountVersion
from streams.rules.calendar import MonthSpan

PAID: Final = "paid"

MonthFees = Mapping[FeeKey, Mapping[str, Fraction]]
"""What a month costs, by fee and currency; what costs nothing is left out."""


def fees_of_month(versions: Sequence[AccountVersion], span: MonthSpan) -> MonthFees:
    """Each fee of the month, by currency (M4); minutes without account, on trial, promotion or suspended count 0.

    The fee in force in a minute is that of its first instant.
    """
    fees: defaultdict[FeeKey, defaultdict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for account, minutes in minutes_in_force(versions, span):
        if is_charged(account):
            for fee, amount in account.fees.items():
                fees[fee][account.currency] += Fraction(Decimal(amount)) * Fraction(minutes, span.total_minutes)
    return {fee: found for fee, by_currency in fees.items() if (found := _above_zero(by_currency))}


def minutes_in_force(versions: Sequence[AccountVersion], span: MonthSpan) -> Iterator[tuple[Account, int]]:
    """What holds in the month, with the number of its minutes that begin under it; in the order of time."""
    ends_ms = [*(version.effective_from_ms for version in versions[1:]), span.end_ms]
    for version, end_ms in zip(versions, ends_ms, strict=False):
        minutes = _minutes_before(end_ms, span) - _minutes_before(version.effective_from_ms, span)
        if minutes:
            yield version.account, minutes


def is_charged(account: Account) -> bool:
    """Whether minutes under it count for credit: neither on trial or promotion nor suspended (§5.3, §8.2, §8.3)."""
    return account.plan == PAID and not account.suspended


def never_lower(at_statement: MonthFees, now: MonthFees) -> MonthFees:
    """A month's fees where records reached the broker after its statement: they can raise, never lower (M6).

    A currency that is new to a fee raises nothing, unless the fee had none: the same fee is not owed in two.
    """
    merged: dict[FeeKey, Mapping[str, Fraction]] = dict(now)
    for fee, known in at_statement.items():
        later = now.get(fee, {})
        merged[fee] = {currency: max(amount, later.get(currency, amount)) for currency, amount in known.items()}
    return merged


def _minutes_before(instant_ms: int, span: MonthSpan) -> int:
    """How many minutes of the month begin before an instant."""
    minutes = -((span.start_ms - instant_ms) // MINUTE_MS)
    return min(max(minutes, 0), span.total_minutes)


def _above_zero(by_currency: Mapping[str, Fraction]) -> dict[str, Fraction]:
    return {currency: amount for currency, amount in by_currency.items() if amount}
