"""Incidents: what a claim is judged against (contract K1, K2)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Incident:
    """A maximal run of minutes of one service that are down or blind: the half-open [start_ms, end_ms)."""

    start_ms: int
    end_ms: int


def incidents_of(runs: Iterable[tuple[int, int]]) -> list[Incident]:
    """Incidents in the order of time; `runs` are [start, end) in ms, cut where one month meets the next (K1).

    Runs that touch are one incident: whoever wants it whole gives the runs of all months that it reaches into.
    """
    found: list[Incident] = []
    for start_ms, end_ms in sorted(runs):
        if found and start_ms <= found[-1].end_ms:
            last = found.pop()
            found.append(Incident(start_ms=last.start_ms, end_ms=max(last.end_ms, end_ms)))
        else:
            found.append(Incident(start_ms=start_ms, end_ms=end_ms))
    return found


def overlapping(found: Sequence[Incident], from_ms: int, to_ms: int) -> range:
    """The places of those that have an instant in common with [from, to), which is not empty (K2).

    `found` are in the order of time, and none touches another.
    """
    first = bisect_right(found, from_ms, key=lambda incident: incident.end_ms)
    return range(first, bisect_left(found, to_ms, first, key=lambda incident: incident.start_ms))
