"""Incidents: what a claim is judged against (contract K1, M2)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.instants import MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Down minutes of one service with little between them, by their starts in the order of time."""

    minutes_ms: tuple[int, ...]

    @property
    def start_ms(self) -> int:
        """Where its first minute begins."""
        return self.minutes_ms[0]

    @property
    def end_ms(self) -> int:
        """Where its last minute ends."""
        return self.minutes_ms[-1] + MINUTE_MS

    def has_minute_in(self, from_ms: int, to_ms: int) -> bool:
        """Whether one of its minutes begins in [from, to)."""
        return bisect_left(self.minutes_ms, from_ms) < bisect_left(self.minutes_ms, to_ms)


def incidents(minutes_ms: Iterable[int], *, joined_minutes: int) -> list[Incident]:
    """Maximal runs of these minutes, in the order of time; at most `joined_minutes` others between two join them (K1).

    `minutes_ms` are the starts of a service's down minutes, and of its blind ones where these count (M2); in any order,
    each once or oftener. A run that crosses a month's border is one incident: whoever asks gives both months' minutes.
    """
    runs: list[list[int]] = []
    for at_ms in sorted(set(minutes_ms)):
        if runs and at_ms - runs[-1][-1] <= (joined_minutes + 1) * MINUTE_MS:
            runs[-1].append(at_ms)
        else:
            runs.append([at_ms])
    return [Incident(minutes_ms=tuple(run)) for run in runs]


def overlapping(found: Sequence[Incident], from_ms: int, to_ms: int) -> range:
    """The places of those that have an instant in common with [from, to), which is not empty (K2).

    `found` are incidents as `incidents` returns them; the minutes that join one count as its own.
    """
    first = bisect_right(found, from_ms, key=lambda incident: incident.end_ms)
    return range(first, bisect_left(found, to_ms, first, key=lambda incident: incident.start_ms))


def with_a_minute_in(found: Sequence[Incident], from_ms: int, to_ms: int) -> range:
    """The places of those with a minute that begins in [from, to); `found` as for `overlapping`."""
    within = overlapping(found, from_ms, to_ms)
    first, end = within.start, within.stop
    # Those between the outermost lie within, and only these may be there with nothing but what joins their minutes.
    if first < end and not found[first].has_minute_in(from_ms, to_ms):
        first += 1
    if first < end and not found[end - 1].has_minute_in(from_ms, to_ms):
        end -= 1
    return range(first, end)
