"""Minor units of currencies: to how many decimal places an amount is rounded (contract M3, ISO 4217).

The table is data (`schemas/currencies/iso_4217.csv`): currency, minor_unit, valid_from (a day; empty: always), name,
source. A currency may have several rows with different dates, of which the latest that has begun counts. Rows are
added, never changed. A currency that is withdrawn keeps its rows: what was paid in it is still rounded. What ISO 4217
gives no minor unit (gold, special drawing rights) has none here.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

_COLUMNS: Final = ["currency", "minor_unit", "valid_from", "name", "source"]
_CODE: Final = re.compile(r"[A-Z]{3}")
_MINOR_UNIT: Final = re.compile(r"[0-4]")


class CurrencyError(ValueError):
    """A table that cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinorUnits:
    """The table: by currency its (valid_from, minor unit) pairs, latest first."""

    rows: Mapping[str, tuple[tuple[date, int], ...]]

    def of(self, currency: str, on: date) -> int | None:
        """The decimal places of a currency on a day; None: ISO 4217 does not (yet) know it, and nobody may guess."""
        for valid_from, minor_unit in self.rows.get(currency, ()):
            if valid_from <= on:
                return minor_unit
        return None


def parse_minor_units(text: str, file: str) -> MinorUnits:
    """The table from the text of its file.

    Raises:
        CurrencyError: another header, a code, a minor unit or a day that is none, a field left empty, one day twice.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    found: dict[str, dict[date, int]] = {}
    try:
        if reader.fieldnames != _COLUMNS:
            raise CurrencyError(f"{file}: the first line must be {','.join(_COLUMNS)}")
        for row in reader:
            _add_row(found, row, f"{file}:{reader.line_num}")
    except csv.Error as error:
        raise CurrencyError(f"{file}:{reader.line_num}: {error}") from error
    return MinorUnits(rows={code: tuple(sorted(dated.items(), reverse=True)) for code, dated in found.items()})


def _add_row(found: dict[str, dict[date, int]], row: Mapping[str, str], where: str) -> None:
    if None in row or None in row.values() or not (row["name"] and row["source"]):
        raise CurrencyError(f"{where}: every row has {len(_COLUMNS)} fields, of which only valid_from may be empty")
    code, minor_unit = row["currency"], row["minor_unit"]
    if not _CODE.fullmatch(code) or not _MINOR_UNIT.fullmatch(minor_unit):
        raise CurrencyError(f"{where}: {code!r}, {minor_unit!r} is no currency with 0 to 4 decimal places")
    valid_from = _day(row["valid_from"], where)
    dated = found.setdefault(code, {})
    if valid_from in dated:
        raise CurrencyError(f"{where}: {code} stands twice with the same valid_from")
    dated[valid_from] = int(minor_unit)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.min
    except ValueError as error:
        raise CurrencyError(f"{where}: {text!r} is no day") from error
