"""Durations of many records at once, in microseconds (contract T1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import NoneType
from typing import Any, Final

from schemas.numbers import EXACT_MOST, MICROSECONDS, NoDurationError, microseconds
from streams.ingest.encode.survivors import survivors

_WHOLE: Final = {int}
_ABSENT: Final = {NoneType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A field with milliseconds, and its bounds; `of` takes it from many records."""

    of: Callable[[Sequence[Any]], list[object]]
    least_ms: int = 0
    most_ms: int = EXACT_MOST


def durations_of(duration: Duration, records: Sequence[Any]) -> tuple[list[int | None], list[int]]:
    """Microseconds of the records whose field is absent or a duration, in order, and the positions of the others."""
    values: list[Any] = duration.of(records)
    types = set(map(type, values))
    if types <= _ABSENT:
        return values, []
    if types == _WHOLE and duration.least_ms <= min(values) and max(values) <= duration.most_ms:
        return [value * MICROSECONDS for value in values], []
    read = partial(_read, least_ms=duration.least_ms, most_ms=duration.most_ms)
    return survivors(read, values, (NoDurationError,))


def _read(value: object, *, least_ms: int, most_ms: int) -> int | None:
    return None if value is None else microseconds(value, least_ms, most_ms)
