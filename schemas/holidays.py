"""Public holidays of a country, as a library expects them and as they were announced (contract K3).

Lunar holidays move with the sighting of the moon, and governments add days: what was announced is a dated list of
changes (`schemas/holidays/<country>.csv`) on top of what the library says. Its columns: the day, `added` or `removed`,
the holiday's name, the day it was announced, and where.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

import holidays

Change = Literal["added", "removed"]

_COLUMNS: Final = ["day", "change", "name", "announced", "source"]


class HolidaysError(ValueError):
    """A list of changes that cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayChange:
    """One announcement: a day that is a holiday after all, or is none."""

    day: date
    change: Change
    name: str
    announced: date
    source: str


def parse_changes(text: str, file: str) -> tuple[HolidayChange, ...]:
    """The announcements of a file, in its order.

    Raises:
        HolidaysError: another header, a date or a change that is none, a field left empty, two changes of a day
            announced on one day.
    """
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        if reader.fieldnames != _COLUMNS:
            raise HolidaysError(f"{file}: the first line must be {','.join(_COLUMNS)}")
        return _changes(reader, file)
    except csv.Error as error:
        raise HolidaysError(f"{file}:{reader.line_num}: {error}") from error


def is_known(country: str) -> bool:
    """Whether the library's list of public holidays has a country (ISO 3166)."""
    return country in holidays.list_supported_countries(include_aliases=False)


def _changes(reader: "csv.DictReader[str]", file: str) -> tuple[HolidayChange, ...]:
    changes: dict[tuple[date, date], HolidayChange] = {}
    for row in reader:
        change = _change(row, f"{file}:{reader.line_num}")
        if changes.setdefault((change.day, change.announced), change) is not change:
            raise HolidaysError(f"{file}:{reader.line_num}: {change.day} was changed twice on {change.announced}")
    return tuple(changes.values())


def public_holidays(country: str, years: Iterable[int], changes: Iterable[HolidayChange]) -> frozenset[date]:
    """A country's (ISO 3166) public holidays in these years; of several changes of a day the last announced counts.

    Raises:
        HolidaysError: the library knows no such country.
    """
    years = set(years)
    try:
        expected = set(holidays.country_holidays(country, years=years))
    except NotImplementedError as error:
        raise HolidaysError(f"no holidays are known of {country!r}") from error
    for change in sorted(changes, key=lambda change: change.announced):
        if change.day.year in years:
            (expected.add if change.change == "added" else expected.discard)(change.day)
    return frozenset(expected)


def _change(row: dict[str, str], where: str) -> HolidayChange:
    if None in row or not all(row.values()):
        raise HolidaysError(f"{where}: five fields, none of them empty")
    if row["change"] not in get_args(Change):
        raise HolidaysError(f"{where}: change must be one of {', '.join(get_args(Change))}")
    try:
        day, announced = (date.fromisoformat(row[name]) for name in ("day", "announced"))
    except ValueError as error:
        raise HolidaysError(f"{where}: {error}") from error
    return HolidayChange(
        day=day,
        change="added" if row["change"] == "added" else "removed",
        name=row["name"],
        announced=announced,
        source=row["source"],
    )
