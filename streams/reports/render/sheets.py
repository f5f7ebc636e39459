"""Sheets of a workbook: exact cells, heads that stay in sight, pages that print.

Whole numbers are numbers. Decimals are numbers, written digit by digit, where a spreadsheet keeps all their digits,
which are 15, and texts where it would not. No text is ever taken for a formula or a link.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from streams.core.shown_text import shown_text

Cell = str | int | Decimal | bool | None
Row = Sequence[Cell]

OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""How a book is opened that these sheets are written to."""

_KEPT_DIGITS: Final = 15
_HEAD_HEIGHT: Final = 30
_A4: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """A sheet: its name, columns with their widths, and rows."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Row]


def row_of(*cells: Cell) -> Row:
    """A row, whatever its cells are."""
    return cells


class Pen:
    """Writes sheets of one book."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self._name = book.add_format({"bold": True, "valign": "top"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._numbers: dict[tuple[int, str], Format] = {}

    def sheet(self, table: SheetTable) -> None:
        """A table whose first row stays in sight."""
        sheet = self._sheet(table.name)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, _HEAD_HEIGHT)
        column = 0
        for width, same in groupby(width for _, width in table.columns):
            last = column + sum(1 for _ in same) - 1
            sheet.set_column(column, last, width)
            column = last + 1
        for place, (title, _) in enumerate(table.columns):
            sheet.write_string(0, place, title, self._head)
        for number, row in enumerate(table.rows, 1):
            for place, cell in enumerate(row):
                self._write(sheet, number, place, cell)

    def facts(self, name: str, facts: Iterable[tuple[str, Cell]]) -> None:
        """A sheet of names and what they mean."""
        sheet = self._sheet(name)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        for number, (sentence, cell) in enumerate(facts):
            sheet.write_string(number, 0, sentence, self._name)
            self._write(sheet, number, 1, cell, align="left")

    def _sheet(self, name: str) -> Worksheet:
        """A sheet that prints on A4, lying, no wider than a page."""
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell, *, align: str = "") -> None:
        match cell:
            case None | "":
                return
            case bool():
                sheet.write_string(row, column, "yes" if cell else "no")
            case int() if abs(cell) < 10**_KEPT_DIGITS:
                sheet.write_number(row, column, cell, self._number(0, align))
            case Decimal() if len(cell.as_tuple().digits) <= _KEPT_DIGITS:
                sheet.write_number(row, column, cell, self._number(_places(cell), align))
            case int() | Decimal():
                sheet.write_string(row, column, f"{cell}")
            case str():
                sheet.write_string(row, column, shown_text(cell), self._wrapped)

    def _number(self, places: int, align: str) -> Format:
        """How a number of so many decimals is shown."""
        if (places, align) not in self._numbers:
            shown = "#,##0." + "0" * places if places else "#,##0"
            self._numbers[places, align] = self._book.add_format({"num_format": shown, "align": align})
        return self._numbers[places, align]


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101  no amount is infinite
    return min(max(2, -exponent), _KEPT_DIGITS - 1)
