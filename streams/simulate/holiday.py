"""Public holidays, on which no minute is silent (contract B2, K3)."""

import datetime as dt
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from schemas.reference import holiday_changes

ZONE: Final = ZoneInfo("Asia/Karachi")
_COUNTRY: Final = "PK"


def is_holiday(minute: int) -> bool:
    """Whether a minute (since the epoch) lies on a public holiday in Karachi."""
    day = dt.datetime.fromtimestamp(minute * 60, tz=ZONE).date()
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[dt.date]:
    """Those of a year: as the library has them, and as was announced last (K3)."""
    days = set(holidays.country_holidays(_COUNTRY, years=year))
    for change in sorted(holiday_changes(_COUNTRY), key=lambda one: one.announced):
        (days.add if change.change == "added" else days.discard)(change.day)
    return frozenset(days)
