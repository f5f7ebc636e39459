"""What a missed month is worth to an account (contract M3). Decimal arithmetic only."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Final

from schemas.account import FeeKey
from schemas.fields import Service

PAISA: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)
# Fees have at most 15 digits before the point and 9 after it: nothing that is done with them here is ever inexact.
_EXACT: Final = Context(prec=60)
NOTHING: Final = Decimal("0.00")


def fee_of(service: Service, fees: Mapping[FeeKey, str]) -> FeeKey | None:
    """The fee that a claim for this service is about: its own, else the bundle's, else none."""
    candidates: tuple[FeeKey, ...] = (service, "platform")
    return next((key for key in candidates if key in fees), None)


def services_of(fee: FeeKey, services: Iterable[Service]) -> list[Service]:
    """The services whose uptime decides a fee: of a bundle all, and the lowest of them counts."""
    return [service for service in services if fee in ("platform", service)]


def credit_amount(fee: Decimal, percent: int, *, cap_percent: int) -> Decimal:
    """Fee times tier, half-up to 0.01 of the currency, never above the cap.

    Half-up may lead above the cap (half of 0.01 is not 0.01): then it is the most that lies within it.
    """
    most = share(fee, cap_percent, rounding=ROUND_DOWN)
    return min(share(fee, percent, rounding=ROUND_HALF_UP), most)


def total_left(fees: Iterable[Decimal], credited: Iterable[Decimal], *, cap_percent: int) -> Decimal:
    """What may still be credited to an account in a month: the cap of all its platform fees, less what it has."""
    most = share(_sum(fees), cap_percent, rounding=ROUND_DOWN)
    return max(NOTHING, _EXACT.subtract(most, _sum(credited)))


def share(amount: Decimal, percent: int, *, rounding: str) -> Decimal:
    """So many percent of an amount in whole hundredths."""
    exact = _EXACT.divide(_EXACT.multiply(amount, Decimal(percent)), _HUNDRED)
    return exact.quantize(PAISA, rounding=rounding, context=_EXACT)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = NOTHING
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total
