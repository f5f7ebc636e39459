"""Whether a minute is bad at best, at worst, and at worst for what was lost alone (B4)."""

from dataclasses import dataclass

import numpy as np

from streams.rules.month.exact import Counts, Flags
from streams.rules.month.failures import all_fail, any_fails, is_bad, witnesses_fail
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.states import MinuteReading, MinuteStates, TrafficReading, code_of
from streams.rules.verdict import MinuteState


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteBounds:
    """(t,) each: bad minutes, and those that are excluded, by what the unknown turns out to be."""

    bad_at_best: Flags
    bad_at_worst: Flags
    bad_if_lost: Flags
    """At worst for what is missing alone: `uptime_low_lost`."""
    excluded_at_worst: Flags
    excluded_if_lost: Flags
    lifted: Flags
    """Bad only at worst, and covered by maintenance with proven notice: for that it vouches (X4)."""


def bounds_of(reading: MinuteReading, states: MinuteStates, policy: MonthPolicy) -> MinuteBounds:
    """The bounds of every minute (B4)."""
    excluded = states.state == code_of(MinuteState.EXCLUDED)
    pending = reading.pending
    apart = np.where(pending, reading.over, ~reading.proven)
    decided = ~excluded & ~pending
    worst, lost = (
        _bad_whatever_counts(reading, states) | _any_bad(found, policy)
        for found in (_at_worst(reading), _if_lost(reading))
    )
    lifting = decided & ~states.bad & reading.proven
    return MinuteBounds(
        bad_at_best=decided & bad_at_best(reading, policy),
        bad_at_worst=np.where(decided, worst & ~lifting, apart),
        bad_if_lost=np.where(decided, lost & ~lifting, apart),
        excluded_at_worst=(excluded & reading.proven) | (worst & lifting),
        excluded_if_lost=(excluded & reading.proven) | (lost & lifting),
        lifted=worst & lifting,
    )


def bad_at_best(reading: MinuteReading, policy: MonthPolicy) -> Flags:
    """Bad though all that is unknown went well (V1 with F of V + u; if nothing was asked V2); no minute in a gap is.

    Of messages that were never handed over as many may have been as are missing: their receipts may be what is missing
    (C3).
    """
    counts = [_at_best(one, reading.gap) for one in reading.traffic]
    nothing_asked = sum(valid for _, valid in counts) == 0
    by_vantages = nothing_asked & all_fail(reading.vantages_ok, reading.vantages_failed)
    return (_any_bad(counts, policy) | by_vantages) & ~reading.gap


def _at_best(one: TrafficReading, gap: Flags) -> tuple[Counts, Counts]:
    """F and V + u."""
    settled = one.settled
    excused = np.where(gap, settled.never_handed_over, np.minimum(settled.never_handed_over, one.missing))
    return settled.failed - excused, settled.valid + settled.unknown + settled.pending + one.missing


def _at_worst(reading: MinuteReading) -> list[tuple[Counts, Counts]]:
    """F + u + c and V + u + c - k, of requests and of messages."""
    found = []
    for one in reading.traffic:
        settled = one.settled
        doubtful = settled.unknown + settled.pending + one.missing_at_worst + settled.corrected
        found.append((settled.failed + doubtful, settled.valid + doubtful - settled.corrected_valid))
    return found


def _if_lost(reading: MinuteReading) -> list[tuple[Counts, Counts]]:
    """F and V with what is missing alone, of requests and of messages."""
    return [
        (one.settled.failed + one.missing_at_worst, one.settled.valid + one.missing_at_worst) for one in reading.traffic
    ]


def _bad_whatever_counts(reading: MinuteReading, states: MinuteStates) -> Flags:
    """Bad at worst whatever the counts: bad as received, nothing known, in doubt, or so by vantages (V2, B4)."""
    unused = reading.valid == 0
    by_vantages = np.where(
        unused,
        any_fails(reading.vantages_failed),
        witnesses_fail(reading.vantages_ok, reading.vantages_failed),
    )
    unknown = reading.gap | reading.in_hole | reading.silent | reading.in_doubt
    return states.bad | states.bad_with_missing | unknown | by_vantages


def _any_bad(counts: list[tuple[Counts, Counts]], policy: MonthPolicy) -> Flags:
    """Whether requests or messages are bad, by F and V of each (V1)."""
    requests, messages = (is_bad(failed, valid, policy) for failed, valid in counts)
    return requests | messages
