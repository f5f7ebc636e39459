"""The verdict of the platform as a whole: that of its services together (V5)."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from streams.rules.month.bounds import MinuteBounds
from streams.rules.month.exact import Flags, any_of
from streams.rules.month.states import KINDS, Codes, code_of
from streams.rules.verdict import MinuteState

_ORDER: Final = (
    MinuteState.DOWN,
    MinuteState.BLIND,
    MinuteState.EXCLUDED,
    MinuteState.PENDING,
    MinuteState.GOOD,
    MinuteState.IDLE,
)
"""What one service is suffices for the platform, the first of these."""


def platform_states(states: Sequence[Codes]) -> Codes:
    """(t,): the platform's states, of those of at least one service (V5)."""
    ranks = np.array([_ORDER.index(state) for state in MinuteState], dtype=np.int8)
    codes = np.array([code_of(state) for state in _ORDER], dtype=np.int8)
    worst = ranks[np.stack(states)].min(axis=0)
    found: Codes = codes[worst]
    return found


def platform_kinds(state: Codes, kinds: Sequence[Codes]) -> Codes:
    """(t,): where the platform is excluded the kind that is, of several services' the first in the order of X4."""
    beyond = len(KINDS)
    found = np.stack(kinds)
    first = np.where(found > 0, found, beyond).min(axis=0)
    return np.where(state == code_of(MinuteState.EXCLUDED), first, 0).astype(np.int8)


def platform_bounds(bounds: Sequence[MinuteBounds]) -> MinuteBounds:
    """The bounds of the platform: bad if any service is; else excluded if any is (V5)."""
    size = bounds[0].bad_at_worst.size
    at_worst = any_of((one.bad_at_worst for one in bounds), size)
    if_lost = any_of((one.bad_if_lost for one in bounds), size)
    return MinuteBounds(
        bad_at_best=any_of((one.bad_at_best for one in bounds), size),
        bad_at_worst=at_worst,
        bad_if_lost=if_lost,
        excluded_at_worst=_else(at_worst, [one.excluded_at_worst for one in bounds]),
        excluded_if_lost=_else(if_lost, [one.excluded_if_lost for one in bounds]),
        lifted=any_of((one.lifted for one in bounds), size),
    )


def _else(bad: Flags, excluded: Sequence[Flags]) -> Flags:
    return any_of(excluded, bad.size) & ~bad
