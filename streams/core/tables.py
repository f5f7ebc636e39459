"""Tables for people, in which nothing is ever cut and a record's text is never more than a cell."""

from rich.console import JustifyMethod
from rich.table import Table


def table_of(*columns: str, giving_way: int = -1, title: str = "") -> Table:
    """A table without lines; a column whose name begins with `>` holds figures, and is aligned to the right.

    One column is narrowed on a narrow terminal, the last by default. Half a name or amount is none: where that does not
    help, a cell goes on in the next line.
    """
    table = Table(box=None, pad_edge=False, title=title or None, title_justify="left")
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
