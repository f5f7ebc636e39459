"""Minutes and months (contract T2, T3), through the tz database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas.closing import MONTH_PATTERN
from schemas.instants import MINUTE_MS

_MONTH: Final = re.compile(MONTH_PATTERN)
_MONTHS_A_YEAR: Final = 12


class MonthError(ValueError):
    """A text that is no month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSpan:
    """A calendar month of a zone as the half-open [start_ms, end_ms); both are whole UTC minutes."""

    month: str
    start_ms: int
    end_ms: int

    @property
    def total_minutes(self) -> int:
        """T: 40,320 to 44,640, an hour more or less in a month of a clock change."""
        return (self.end_ms - self.start_ms) // MINUTE_MS

    def minutes(self) -> range:
        """Every minute of the month, by its start in milliseconds."""
        return range(self.start_ms, self.end_ms, MINUTE_MS)


def month_bounds(month: str, zone: str) -> MonthSpan:
    """The month `YYYY-MM` (1999-12 to 2100-01) in a zone of the tz database (T3).

    Every month with an instant that a record may carry (T1): 1999-12 has some west of Greenwich, 2100-01 east of it.

    Raises:
        MonthError: not written as YYYY-MM, or no such month.
    """
    if not _MONTH.fullmatch(month):
        raise MonthError(f"{month!r} is no month from 1999-12 to 2100-01, written as YYYY-MM")
    year, number = int(month[:4]), int(month[5:])
    return MonthSpan(
        month=month,
        start_ms=_local_midnight_ms(year, number, zone),
        end_ms=_local_midnight_ms(year + number // _MONTHS_A_YEAR, number % _MONTHS_A_YEAR + 1, zone),
    )


def month_of(instant_ms: int, zone: str) -> str:
    """The month `YYYY-MM` that an instant lies in, in a zone (T3)."""
    moment = datetime.fromtimestamp(instant_ms // 1000, tz=UTC).astimezone(ZoneInfo(zone))
    return f"{moment.year:04d}-{moment.month:02d}"


def local_date(instant_ms: int, zone: str) -> date:
    """The day that an instant lies in, in a zone."""
    return datetime.fromtimestamp(instant_ms // 1000, tz=UTC).astimezone(ZoneInfo(zone)).date()


def day_end_ms(instant_ms: int, *, days: int, zone: str) -> int:
    """When the local day ends that is so many days after the one in which an instant lies (K2)."""
    after = local_date(instant_ms, zone) + timedelta(days=days + 1)
    return _local_midnight_ms(after.year, after.month, zone, day=after.day)


def minutes_covered(start_ms: int, end_ms: int) -> range:
    """The minutes of which [start, end) covers all, by their starts (T2: windows that exclude)."""
    return range(-(-start_ms // MINUTE_MS) * MINUTE_MS, end_ms // MINUTE_MS * MINUTE_MS, MINUTE_MS)


def minutes_touched(start_ms: int, end_ms: int) -> range:
    """The minutes of which [start, end) touches any part, by their starts (T2: gaps)."""
    return range(start_ms // MINUTE_MS * MINUTE_MS, -(-end_ms // MINUTE_MS) * MINUTE_MS, MINUTE_MS)


def clip(minutes: range, span: MonthSpan) -> range:
    """Those of a run of minutes that lie in the month."""
    return range(max(minutes.start, span.start_ms), min(minutes.stop, span.end_ms), MINUTE_MS)


def months_between(first_ms: int, last_ms: int, zone: str) -> Iterator[str]:
    """The months of a zone from that of the first instant to that of the last."""
    month, last = month_of(first_ms, zone), month_of(last_ms, zone)
    while month <= last:
        yield month
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // _MONTHS_A_YEAR:04d}-{number % _MONTHS_A_YEAR + 1:02d}"


def _local_midnight_ms(year: int, month: int, zone: str, *, day: int = 1) -> int:
    # At a clock change at midnight itself, fold 0 of a skipped time is the change: where one month meets the next.
    return int(datetime(year, month, day, tzinfo=ZoneInfo(zone)).timestamp()) * 1000
