"""The minutes of a month as columns: one array a count, a run of three equal values or more written as [value, length].

Every minute and every count is there; a month of 178,560 busy service-minutes takes a few megabytes.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from streams.months.minutes import MESSAGE_COUNTS, REQUEST_COUNTS
from streams.rules.month.states import KINDS as _KINDS
from streams.rules.month.states import STATES as _STATES

STATES: Final = tuple(state.value for state in _STATES)
KINDS: Final = tuple(str(kind) for kind in _KINDS)

VERDICT_COLUMNS: Final = ("state", "kind", "down_low", "down_lost", "down_high")
"""What is told of the platform's minutes, too; `state` and `kind` are numbers: places in STATES and KINDS."""

COLUMNS: Final = (
    *VERDICT_COLUMNS,
    *(f"requests_{name}" for name in REQUEST_COUNTS),
    *(f"messages_{name}" for name in MESSAGE_COUNTS),
    "vantages_ok",
    "vantages_failed",
)

Column = Sequence[int]
Packed = list[int | list[int]]

_SHORTEST_RUN: Final = 3


def pack(column: Iterable[int]) -> Packed:
    """A column as a document holds it."""
    packed: Packed = []
    for value, same in groupby(column):
        length = sum(1 for _ in same)
        packed += [[value, length]] if length >= _SHORTEST_RUN else [value] * length
    return packed


def unpack(packed: Iterable[int | list[int]]) -> list[int]:
    """A column from a document, a value a minute."""
    column: list[int] = []
    for entry in packed:
        column += [entry[0]] * entry[1] if isinstance(entry, list) else [entry]
    return column
