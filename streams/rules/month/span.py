"""Which minutes are judged, and which are looked at for it (T2, T3)."""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from schemas.instants import MINUTE_MS
from streams.rules.month.exact import Counts, Flags

HOUR: Final = 60
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
"""In minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteFrame:
    """A span of whole minutes [start, end) that is judged, within [first, stop), of which arrays are given.

    All four are minutes since the epoch, first <= start < end <= stop. Element i of every array of the inputs is minute
    `first + i`. What lies outside counts as without any record, so the arrays must reach

    * back to `silence_weeks` weeks and half an hour before the silence begins that reaches into the span (B2), a day
      before it for holes (B3), and over the window of V1;
    * on to the end of the silence, or of the hole, that reaches beyond the span, or to the frontier.
    """

    first: int
    start: int
    end: int
    stop: int

    @property
    def size(self) -> int:
        """n, the minutes of which arrays are given."""
        return self.stop - self.first

    @property
    def minutes(self) -> int:
        """T, the minutes judged."""
        return self.end - self.start

    def judged(self, window_minutes: int) -> slice:
        """Where in the arrays the span lies, with the minutes before it that V1 sums over."""
        return slice(max(0, self.start - self.first - window_minutes + 1), self.end - self.first)


def whole_minutes(start_ms: int, end_ms: int) -> tuple[int, int]:
    """The minutes of which [start, end) covers all, as [first, end) (T2: windows that exclude)."""
    return -(-start_ms // MINUTE_MS), end_ms // MINUTE_MS


def touched_minutes(start_ms: int, end_ms: int) -> tuple[int, int]:
    """The minutes of which [start, end) touches any part, as [first, end) (T2: gaps)."""
    return start_ms // MINUTE_MS, -(-end_ms // MINUTE_MS)


def flags_of(first: int, size: int, start: int, end: int) -> Flags:
    """(size,): the minutes of [start, end) among those from `first` on."""
    flags = np.zeros(size, dtype=np.bool_)
    flags[max(0, start - first) : max(0, end - first)] = True
    return flags


def is_over(first: int, size: int, until_ms: int, wait_ms: int = 0) -> Flags:
    """(size,): the minutes whose end an instant has passed by at least the wait (B5, C3)."""
    return flags_of(first, size, first, (until_ms - wait_ms) // MINUTE_MS)


def local_minutes(first: int, end: int, zone: str) -> Counts:
    """(end - first,): the minute of the local day of each minute, 0 to 1439, through the tz database (X1)."""
    return (np.arange(first, end, dtype=np.int64) + _offsets(first, end, ZoneInfo(zone))) % DAY


def holiday_flags(first: int, size: int, zone: str, holidays: Collection[date]) -> Flags:
    """(size,): the minutes that lie on a public holiday of the zone (B2, K3)."""
    flags = np.zeros(size, dtype=np.bool_)
    for day in holidays:
        start, end = (_local_midnight(day + timedelta(days=days), zone) for days in (0, 1))
        flags |= flags_of(first, size, start, end)
    return flags


def month_borders(first: int, end: int, zone: str) -> tuple[int, ...]:
    """The starts of the calendar months that [first, end) lies in, and of the one after it, in minutes (T3)."""
    day = _local(first, ZoneInfo(zone)).date().replace(day=1)
    borders = [_local_midnight(day, zone)]
    while borders[-1] < end:
        day = (day + timedelta(days=32)).replace(day=1)
        borders.append(_local_midnight(day, zone))
    return tuple(borders)


def _offsets(first: int, end: int, zone: ZoneInfo) -> Counts:
    """Minutes by which local time is ahead. Within a day clocks change once at most: its minute is sought."""
    offsets = np.zeros(end - first, dtype=np.int64)
    for start in range(first, end, DAY):
        stop = min(start + DAY, end)
        change = _change(start, stop, zone)
        offsets[start - first : change - first] = _offset(start, zone)
        offsets[change - first : stop - first] = _offset(stop - 1, zone)
    return offsets


def _change(start: int, stop: int, zone: ZoneInfo) -> int:
    before = _offset(start, zone)
    if _offset(stop - 1, zone) == before:
        return stop
    return start + bisect_left(range(start, stop), True, key=lambda minute: _offset(minute, zone) != before)


def _offset(minute: int, zone: ZoneInfo) -> int:
    ahead = _local(minute, zone).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds()) // 60


def _local(minute: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC).astimezone(zone)


def _local_midnight(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) // 60
