"""Tables for people, in which nothing is ever cut and a record's text is never more than a cell."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

_MANY_ROWS: Final = 500
_BETWEEN: Final = "  "


class LongTable(Table):
    """A table that is drawn row by row where it has so many that laying them out would take a millisecond each.

    Where there is no room for its lines, and cells have to go on in the next, rich draws it however long it is.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table as rich draws it, or the same row by row."""
        if self.row_count <= _MANY_ROWS or not all(map(_is_text, self._every_cell())):
            return super().__rich_console__(console, options)
        heads = [self._text(console, column.header, "table.header") for column in self.columns]
        cells = [[self._text(console, cell) for cell in column.cells] for column in self.columns]
        widths = [max(map(_width, (head, *of_column))) for head, of_column in zip(heads, cells, strict=True)]
        if sum(widths) + len(_BETWEEN) * (len(widths) - 1) > options.max_width:
            return super().__rich_console__(console, options)
        return self._drawn(console, (heads, *zip(*cells, strict=True)), widths)

    def _drawn(self, console: Console, rows: Iterable[Sequence[Text]], widths: Sequence[int]) -> Iterator[Segment]:
        if self.title:
            yield from [*self._text(console, self.title, "table.title").render(console), Segment.line()]
        last = len(widths) - 1
        for row in rows:
            for number, (column, cell, width) in enumerate(zip(self.columns, row, widths, strict=True)):
                yield from _aligned(console, column, cell, width)
                yield Segment("\n" if number == last else _BETWEEN)

    def _text(self, console: Console, cell: object, style: str = "") -> Text:
        found = cell.copy() if isinstance(cell, Text) else console.render_str(str(cell))
        found.stylize(style)
        found.end = ""
        return found

    def _every_cell(self) -> Iterator[object]:
        return (cell for column in self.columns for cell in column.cells)


def _is_text(cell: object) -> bool:
    return isinstance(cell, str | Text)


def _width(cell: Text) -> int:
    return cell_len(cell.plain)


def _aligned(console: Console, column: Column, cell: Text, width: int) -> Iterator[Segment]:
    blanks = Segment(" " * (width - _width(cell)))
    if column.justify == "right":
        yield blanks
    yield from cell.render(console)
    if column.justify != "right":
        yield blanks


def table_of(*columns: str, giving_way: int = -1, title: str = "") -> Table:
    """A table without lines; a column whose name begins with `>` holds figures, and is aligned to the right.

    One column is narrowed on a narrow terminal, the last by default. Half a name or amount is none: where that does not
    help, a cell goes on in the next line.
    """
    table = LongTable(box=None, pad_edge=False, title=title or None, title_justify="left")
    narrowed = range(len(columns))[giving_way]
    for number, column in enumerate(columns):
        justify: JustifyMethod = "right" if column.startswith(">") else "left"
        table.add_column(column.removeprefix(">"), justify=justify, no_wrap=number != narrowed, overflow="fold")
    return table


def list_of(columns: int) -> Table:
    """A table without lines and heads; its last column is narrowed on a narrow terminal."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for number in range(1, columns + 1):
        table.add_column(no_wrap=number < columns, overflow="fold")
    return table


def count_or_blank(number: int) -> str:
    """A count as a table has it: with commas between thousands, and nothing where it is 0."""
    return f"{number:,}" if number else ""
