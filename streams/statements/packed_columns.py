"""The minutes of a month as columns: one array a count, a run of three equal values or more written as [value, length].

Every minute and every count is there; a month of 178,560 busy service-minutes takes a few megabytes.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from streams.months.month import WINDOW_KINDS

STATES: Final = ("good", "down", "excluded", "idle", "blind", "pending")
KINDS: Final = ("", *WINDOW_KINDS)

_OUTCOMES: Final = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown")
_COUNTS: Final = (
    *(f"requests_{name}" for name in (*_OUTCOMES, "missing", "out_of_scope")),
    *(f"messages_{name}" for name in (*_OUTCOMES, "pending", "missing", "out_of_scope")),
    "probes_ok",
    "probes_failed",
    "conflicts",
)
COLUMNS: Final = ("state", "kind", "down_low", "down_high", *_COUNTS)
"""`state` and `kind` are numbers: places in STATES and KINDS."""

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
