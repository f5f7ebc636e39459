"""Incidents: what a claim is judged against (K1, K2)."""

import numpy as np

from streams.rules.month.exact import runs
from streams.rules.month.states import Codes, code_of
from streams.rules.verdict import MinuteState


def incident_runs(state: Codes, first: int) -> tuple[tuple[int, int], ...]:
    """Maximal runs of minutes that are down or blind, as [start, end) in minutes since the epoch (K1).

    Element i of `state` is minute `first + i`. A run that crosses a month's border is one incident: who wants it whole
    gives a span that holds it.
    """
    starts, ends = runs(np.isin(state, [code_of(MinuteState.DOWN), code_of(MinuteState.BLIND)]))
    return tuple((first + int(start), first + int(end)) for start, end in zip(starts, ends, strict=True))


def states_for_claims(state: Codes, frame_end_ms: int, as_of_ms: int, complete_by_ms: int) -> Codes:
    """States as claims are judged by: so long after a month's end its pending minutes count as blind (K2)."""
    if as_of_ms < frame_end_ms + complete_by_ms:
        return state
    blind = np.int8(code_of(MinuteState.BLIND))
    return np.where(state == code_of(MinuteState.PENDING), blind, state)
