"""Tables for people, in which nothing is ever cut."""

from rich.console import JustifyMethod
from rich.table import Table


def table_of(*columns: str, giving_way: int = -1) -> Table:
    """A table without lines; a column whose name begins with `>` holds figures, and is aligned to the right.

    One column is narrowed on a narrow terminal, the last by default. Half a name or amount is none: where that does not
    help, a cell goes on in the next line.
    """
    table = Table(box=None, pad_edge=False)
    narrowed = range(len(columns))[giving_way]
    for number, column in enumerate(columns):
        justify: JustifyMethod = "right" if column.startswith(">") else "left"
        table.add_column(column.removeprefix(">"), justify=justify, no_wrap=number != narrowed, overflow="fold")
    return table


def count_or_blank(number: int) -> str:
    """A count as a table has it: with commas between thousands, and nothing where it is 0."""
    return f"{number:,}" if number else ""
