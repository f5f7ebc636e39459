"""A report for people: a line or two a finding, in colour where something is to be done."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.operations.doctor.codes import Level
from streams.operations.doctor.describe import Description, describe
from streams.operations.doctor.findings import Examination, Finding

_SIGNS: Final = {Level.OK: ("✓", "green"), Level.WARNING: ("!", "yellow"), Level.FAULT: ("✗", "bold red")}


def print_report(console: Console, report: Examination) -> None:
    """A line or two a finding, and the sum of it."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        table.add_row(*_cells(finding))
    console.print(table)
    console.print()
    console.print(_sum(report), highlight=False)


def _cells(finding: Finding) -> tuple[Text, Text, Text]:
    sign, style = _SIGNS[finding.level]
    described = describe(finding)
    name = Text(finding.check, "" if described.to_do else "dim")
    return Text(sign, style), name, _as_line(described, finding.level, style)


def _as_line(described: Description, level: Level, style: str) -> Text:
    if level is Level.OK:
        return Text(described.said, "dim")
    line = Text(described.said)
    if described.to_do:
        line.append(f"\n→ {described.to_do}", style)
    return line


def _sum(report: Examination) -> Text:
    counts = {level: sum(finding.level is level for finding in report.findings) for level in Level}
    counted = f"faults: {counts[Level.FAULT]}, warnings: {counts[Level.WARNING]}, well: {counts[Level.OK]}"
    return Text(f"{counted}, at {report.examined_at}", _SIGNS[Level.OK if report.is_healthy else Level.FAULT][1])
