"""Instants of many records at once (contract T1): those in the form that nearly all use are read on arrays."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.instants import InstantError, parse_instant
from streams.ingest.encode.survivors import survivors

_FORM: Final = "2026-09-01T12:34:56.789Z"
_DIGITS: Final = [place for place, character in enumerate(_FORM) if character.isdigit()]
_MARKS: Final = [place for place, character in enumerate(_FORM) if not character.isdigit()]
_MARK_BYTES: Final = np.frombuffer("".join(_FORM[place] for place in _MARKS).encode(), np.uint8)[:, None]
_ZERO: Final = ord("0")
# Century, year, month, day, hour, minute, second: where their tens and ones stand, and the most that each can be.
_TENS: Final = [0, 2, 5, 8, 11, 14, 17]
_ONES: Final = [place + 1 for place in _TENS]
_MOST: Final = np.array([20, 99, 12, 31, 23, 59, 59], np.uint8)[:, None]
# Numbers of one byte times these are wide enough for what comes of them.
_HOUR_S: Final = np.int32(3_600)
_MINUTE_S: Final = np.int32(60)
_HUNDRED: Final = np.int32(100)

_FIRST_YEAR: Final = 2000
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()
_MONTH_STARTS: Final = np.array(
    [dt.date(_FIRST_YEAR + month // 12, month % 12 + 1, 1).toordinal() - _EPOCH_DAY for month in range(1_201)]
)
"""Days since the epoch of the first of each month from January 2000 to January 2100."""


def parse_instants(texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """Milliseconds since the epoch (T1) of the texts that are instants, in order, and the positions of the others.

    The form that nearly all records use is read by arithmetic on arrays, all others one by one. What
    `schemas.instants.parse_instant` says decides; a property test holds this to it text by text.
    """
    if set(map(len, texts)) != {len(_FORM)}:
        return survivors(parse_instant, texts, (InstantError,))
    joined = "".join(texts).encode(errors="replace")
    if len(joined) != len(_FORM) * len(texts):
        return survivors(parse_instant, texts, (InstantError,))
    instants_ms, plain = _parse_form(np.frombuffer(joined, np.uint8).reshape(-1, len(_FORM)).T.copy())
    if plain.all():
        return instants_ms.tolist(), []
    return survivors(parse_instant, texts, (InstantError,))


def _parse_form(characters: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Of texts, a column each, the instants, and which have the form and a date and a time that there is."""
    numbers = characters - _ZERO
    plain = (numbers[_DIGITS].max(axis=0) <= 9) & (characters[_MARKS] == _MARK_BYTES).all(axis=0)  # noqa: PLR2004
    tens = numbers[_TENS] * 10 + numbers[_ONES]
    century, year, month, day, hour, minute, second = tens
    plain &= (tens <= _MOST).all(axis=0) & (century == _FIRST_YEAR // 100) & (month >= 1) & (day >= 1)
    months = np.where(plain, year.astype(np.int32) * 12 + month - 1, 0)
    days = _MONTH_STARTS[months] + day - 1
    plain &= days < _MONTH_STARTS[months + 1]
    seconds = days * 86_400 + (hour * _HOUR_S + minute * _MINUTE_S + second)
    return seconds * 1000 + (numbers[20] * _HUNDRED + numbers[21] * 10 + numbers[22]), plain
