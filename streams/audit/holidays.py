"""Public holidays, on which no silence says anything (B2, K3): as expected by a library, and as announced."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from importlib.resources import files

import holidays

from streams.core.errors import Code, ZectoError


def public_holidays(country: str, years: Iterable[int]) -> frozenset[date]:
    """A country's public holidays in these years; of several announcements of a day the last counts.

    Raises:
        ZectoError: the file of announcements cannot be read.
    """
    wanted = set(years)
    days = set(holidays.country_holidays(country, years=wanted))
    for row in sorted(_announcements(country), key=lambda row: row["announced"]):
        day = date.fromisoformat(row["day"])
        if day.year in wanted:
            (days.add if row["change"] == "added" else days.discard)(day)
    return frozenset(days)


def _announcements(country: str) -> list[dict[str, str]]:
    name = f"holidays/{country}.csv"
    entry = files("schemas") / name
    if not entry.is_file():
        return []
    try:
        return list(csv.DictReader(io.StringIO(entry.read_text("utf-8")), strict=True))
    except csv.Error as error:
        raise ZectoError(f"{name}: {error}", code=Code.DATA_FILE_UNUSABLE) from error
