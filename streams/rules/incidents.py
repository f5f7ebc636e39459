"""Incidents: what a claim is judged against (contract K1, M2)."""

from bisect import bisect_left
from collections.abc import Iterable
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

    def overlaps(self, from_ms: int, to_ms: int) -> bool:
        """Whether it and [from, to) have an instant in common; the minutes that join it count as its own (K2)."""
        return self.start_ms < to_ms and from_ms < self.end_ms


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
