"""Exact integers in arrays: sums that cannot wrap, sums over windows of minutes, runs of minutes.

Counts of records fit 64 bits by far. What manifests count need not: each may say 2^53 - 1, of any number of sources.
Where the greatest value times the greatest factor of any rule could pass `LIMIT`, arrays hold Python's integers
instead (dtype object): slower, and exact. Every function here, and every rule, works on both alike.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""Whole numbers, one a minute: int64, or Python's integers where these could wrap."""
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

LIMIT: Final = 2**62
"""Half of what int64 holds, so that one addition of two such numbers is still exact."""


def fits(greatest: int, factor: int = 1) -> bool:
    """Whether numbers up to `greatest` can be multiplied by, or summed over, `factor` within 64 bits."""
    return greatest * factor <= LIMIT


def greatest_of(*arrays: Counts) -> int:
    """The greatest number in any of these arrays; 0 if there is none."""
    return max((int(array.max()) for array in arrays if array.size), default=0)


def zeros(size: int, *, exact: bool = False) -> Counts:
    """As many zeros, in 64 bits, or as Python's integers if `exact`."""
    return np.zeros(size, dtype=object if exact else np.int64)


def prefix_sums(counts: Counts | Flags) -> Counts:
    """(n + 1,): element i is the sum of the first i counts, so that a sum over [a, b) is `sums[b] - sums[a]`."""
    kind = object if counts.dtype == object else np.int64
    sums: Counts = np.zeros(counts.size + 1, dtype=kind)
    np.cumsum(counts, out=sums[1:], dtype=kind)
    return sums


def runs(flags: Flags) -> tuple[Indices, Indices]:
    """Maximal runs of set flags as their starts and ends, [start, end), in order."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2]


def spread(starts: Indices, ends: Indices) -> tuple[Indices, Indices]:
    """Every index of the runs [start, end), and beside each the number of the run that it is of."""
    lengths = np.maximum(ends - starts, 0)
    owners = np.repeat(np.arange(starts.size), lengths)
    before = np.cumsum(lengths) - lengths
    return np.arange(owners.size) - before[owners] + starts[owners], owners


def any_of(flags: Iterable[Flags], size: int) -> Flags:
    """(n,): where any of these is set."""
    found = np.zeros(size, dtype=np.bool_)
    for one in flags:
        found |= one
    return found
