"""What is reported of a message in an unusual way: retries, bounces, delays, spellings (contract C3, I2-I4, B3)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from schemas.codes import Responsible

_HOUR_MS: Final = 3_600_000
_HANDOVER_MS: Final = 600_000

Receipt = tuple[str, int]
"""What follows the name of the field `state`, and how long after its submission the message is so."""
Codes = Mapping[Responsible, str]
"""Code system and code, as fields, of a failure by who answers for it."""


def odd_receipts(codes: Codes, draw: Callable[[], float], *, deliver_ms: int) -> Iterator[Receipt]:
    """The receipts of a message, one of the ways drawn; delivered after `deliver_ms` where nothing else is said."""
    return iter(_WAYS[int(draw() * len(_WAYS))](codes, draw, deliver_ms))


def _retried(codes: Codes, draw: Callable[[], float], deliver_ms: int) -> tuple[Receipt, ...]:
    """Failed at first, delivered after a retry, hours later: corrected in our favour (I4)."""
    operator = f'"failed",{codes[Responsible.OPERATOR]}'
    return (operator, 2_000 + int(draw() * 300_000)), ('"delivered"', deliver_ms + int(draw() * 30 * _HOUR_MS))


def _bounced(codes: Codes, _draw: Callable[[], float], deliver_ms: int) -> tuple[Receipt, ...]:
    """Delivered, and said to have failed afterwards: final for e-mail alone (I2)."""
    return ('"delivered"', deliver_ms), (f'"failed",{codes[Responsible.RECIPIENT]}', deliver_ms + _HOUR_MS)


def _twice(_codes: Codes, _draw: Callable[[], float], deliver_ms: int) -> tuple[Receipt, ...]:
    """Delivered twice: the first counts."""
    return ('"delivered"', deliver_ms), ('"delivered"', deliver_ms + 90_000)


def _two_codes(codes: Codes, _draw: Callable[[], float], _deliver_ms: int) -> tuple[Receipt, ...]:
    return tuple((f'"failed",{code}', 4_000) for code in codes.values())


def _read(_codes: Codes, _draw: Callable[[], float], deliver_ms: int) -> tuple[Receipt, ...]:
    """Another word and another case for delivered."""
    return (('"READ"', deliver_ms),)


def _newly_in_scope(_codes: Codes, _draw: Callable[[], float], deliver_ms: int) -> tuple[Receipt, ...]:
    return ('"enroute","stage":"beta"', 500), ('"delivered"', deliver_ms)


def _mended(codes: Codes, _draw: Callable[[], float], _deliver_ms: int) -> tuple[Receipt, ...]:
    """Optional fields that cannot be read: the receipt counts by the rest (B3)."""
    return ((f'"failed",{codes[Responsible.OPERATOR]},"resolution_ms":0,"template":"yes"', 4_000),)


def _received(state: str, delay_ms: int) -> Callable[[Codes, Callable[[], float], int], tuple[Receipt, ...]]:
    return lambda _codes, _draw, _deliver_ms: ((state, delay_ms),)


_WAYS: Final[tuple[Callable[[Codes, Callable[[], float], int], tuple[Receipt, ...]], ...]] = (
    _retried, _bounced, _twice, _two_codes, _read, _newly_in_scope, _mended,
    # the carrier took it and was never heard of again; no carrier ever took it (C3)
    _received('"enroute"', 500), _received('"enroute"', 500), _received('"accepted"', 40),
    # handed over just in time, just too late, and by a clock of whole seconds just in time (C3)
    _received('"delivered"', _HANDOVER_MS + 1), _received('"delivered"', _HANDOVER_MS + 2),
    _received('"delivered","resolution_ms":1000', _HANDOVER_MS + 1_000),
    # out of scope (C5); no code, only a state; codes in other spellings (C3)
    _received('"failed","stage":"beta"', 4_000), _received('"expired"', 6 * _HOUR_MS),
    _received('"failed","code_system":"smpp_status","code":"0X0B"', 3_000),
    _received('"failed","code_system":"smpp_status","code":20', 3_000),
    _received('"failed","code_system":"smpp_status","code":"no such code"', 3_000),
)  # fmt: skip
