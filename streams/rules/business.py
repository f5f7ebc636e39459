"""Business days and business hours, through the tz database (contract K3, P6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessDays:
    """Monday to Friday in a zone, minus listed public holidays; without any for the hours of support (§4.1)."""

    zone: str
    holidays: frozenset[date] = frozenset()

    def includes(self, day: date) -> bool:
        """Whether work is done on it."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def due_ms(self, submitted_ms: int, days: int) -> int:
        """The instant at which so many business days have passed (K3).

        Time runs on business days alone: what is submitted on one is due at the same time of day, `days` of them later;
        what is submitted on another is as if submitted when the next one begins.
        """
        zone = ZoneInfo(self.zone)
        submitted = datetime.fromtimestamp(submitted_ms // 1000, UTC).astimezone(zone)
        day, at = submitted.date(), submitted.time()
        if self.includes(day):
            rest_ms, left = submitted_ms % 1000, days
        else:
            at, rest_ms, left = time(0), 0, days + 1
        while left:
            day += _ONE_DAY
            left -= self.includes(day)
        return _instant_ms(day, at, zone) + rest_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """The hours of business days in which a clock runs: from `opens` to before `closes`, local time (§4.1, P6)."""

    days: BusinessDays
    opens: time
    closes: time

    def passed_ms(self, from_ms: int, to_ms: int) -> int:
        """Milliseconds of business hours in [from, to); 0 where they are the other way round."""
        zone = ZoneInfo(self.days.zone)
        first, last = (datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone).date() for at_ms in (from_ms, to_ms))
        if last.year - first.year > 1:  # years that pass whole are added up once, however many tickets span them
            between = sum(_year_ms(self, year) for year in range(first.year + 1, last.year))
            ends = ((first, date(first.year, 12, 31)), (date(last.year, 1, 1), last))
            return between + sum(self._within(from_ms, to_ms, *days) for days in ends)
        return self._within(from_ms, to_ms, first, last)

    def _within(self, from_ms: int, to_ms: int, first: date, last: date) -> int:
        spans = self.spans(first, last)
        return sum(max(0, min(to_ms, closes_ms) - max(from_ms, opens_ms)) for opens_ms, closes_ms in spans)

    def spans(self, first: date, last: date) -> Iterator[tuple[int, int]]:
        """When it opens and closes, day by day, from the first to the last day."""
        zone, day = ZoneInfo(self.days.zone), first
        while day <= last:
            if self.days.includes(day):
                yield _instant_ms(day, self.opens, zone), _instant_ms(day, self.closes, zone)
            day += _ONE_DAY


@cache
def _year_ms(hours: BusinessHours, year: int) -> int:
    spans = hours.spans(date(year, 1, 1), date(year, 12, 31))
    return sum(max(0, closes_ms - opens_ms) for opens_ms, closes_ms in spans)


def _instant_ms(day: date, at: time, zone: ZoneInfo) -> int:
    # Of a local time that a clock change repeats, the first; one that it skips is as far after the change.
    return int(datetime.combine(day, at, zone).timestamp()) * 1000
