"""Holes: minutes of which a source that counts every minute sent no manifest (B3)."""

from dataclasses import dataclass

import numpy as np

from streams.rules.month.exact import Counts, Flags, Indices, spread
from streams.rules.month.inputs import ManifestSeries
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import MinuteFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleRuns:
    """(h,) each: the holes of a source, as far as they count, [start, end) in minutes since the epoch."""

    starts: Indices
    ends: Indices
    estimates: Counts
    """The greatest effective count of one minute in the day before: what is taken to be missing in each minute."""
    estimates_at_worst: Counts
    """The same of the greatest counts of any revision (I4)."""


def holes_of(series: ManifestSeries, over_until: int, policy: MonthPolicy) -> HoleRuns:
    """The holes between two manifests and after the last, to the frontier (B3).

    `over_until` is the first minute that is not over for the frontier. A source that was final, that counted for too
    few minutes of the day before, or that counted nothing in them, leaves no hole.
    """
    minutes = series.minutes
    starts = minutes + 1
    ends = np.append(minutes[1:], max(over_until, int(minutes[-1]) + 1)) if minutes.size else minutes
    after = np.flatnonzero((ends > starts) & ~series.final)
    first = np.searchsorted(minutes, starts[after] - policy.hole_max_minutes)
    steady = after - first + 1 >= policy.hole_after_minutes
    after, first = after[steady], first[steady]
    at_worst = _greatest_between(series.greatest, first, after + 1)
    counted = at_worst > 0
    after, first, at_worst = after[counted], first[counted], at_worst[counted]
    return HoleRuns(
        starts=starts[after],
        ends=np.minimum(ends[after], starts[after] + policy.hole_max_minutes),
        estimates=_greatest_between(series.counts, first, after + 1),
        estimates_at_worst=at_worst,
    )


def hole_minutes(holes: HoleRuns, frame: MinuteFrame) -> tuple[Indices, Indices]:
    """Where in the frame the minutes of holes lie, and beside each the number of its hole."""
    indices, owners = spread(
        np.maximum(holes.starts - frame.first, 0), np.minimum(holes.ends - frame.first, frame.size)
    )
    return indices, owners


def hole_flags(holes: HoleRuns, frame: MinuteFrame) -> Flags:
    """(n,): the minutes of the frame that lie in a hole."""
    flags = np.zeros(frame.size, dtype=np.bool_)
    flags[hole_minutes(holes, frame)[0]] = True
    return flags


def _greatest_between(counts: Counts, first: Indices, end: Indices) -> Counts:
    """(h,): the greatest of counts[first:end], of each pair; by maxima over powers of two, so that many cost little."""
    greatest = np.zeros(first.size, dtype=np.int64)
    lengths, maxima, reach = end - first, counts, 1
    while (lengths >= reach).any():
        here = (lengths >= reach) & (lengths < 2 * reach)
        greatest[here] = np.maximum(maxima[first[here]], maxima[end[here] - reach])
        maxima = np.maximum(maxima[: max(0, maxima.size - reach)], maxima[reach:])
        reach *= 2
    return greatest
