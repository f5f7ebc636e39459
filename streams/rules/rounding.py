"""Exact amounts rounded to a currency's minor unit (contract M3)."""

from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

_HALF: Final = Fraction(1, 2)
# Fees have at most 15 digits before the point: no amount has more than twenty with a minor unit of 4.
_EXACT: Final = Context(prec=60)


def half_up(amount: Fraction, minor_unit: int) -> Decimal:
    """The nearest amount with so many decimal places; from the middle up. `amount` is not negative."""
    return _scaled((amount * 10**minor_unit + _HALF).__floor__(), minor_unit)


def round_down(amount: Fraction, minor_unit: int) -> Decimal:
    """The greatest amount with so many decimal places that is not above it. `amount` is not negative."""
    return _scaled((amount * 10**minor_unit).__floor__(), minor_unit)


def _scaled(units: int, minor_unit: int) -> Decimal:
    return Decimal(units).scaleb(-minor_unit, context=_EXACT)
