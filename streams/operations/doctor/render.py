"""A report for people: what is wrong first in colour, what is well in a quiet line."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.operations.doctor.findings import Examination, Finding, Level

_SIGNS: Final = {Level.OK: ("✓", "green"), Level.WARNING: ("!", "yellow"), Level.FAULT: ("✗", "bold red")}


def print_report(console: Console, report: Examination) -> None:
    """A line or two a finding, and the sum of it."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        sign, style = _SIGNS[finding.level]
        table.add_row(Text(sign, style), Text(finding.check, "" if finding.to_do else "dim"), _as_line(finding, style))
    console.print(table)
    console.print()
    console.print(_sum(report), highlight=False)


def _as_line(finding: Finding, style: str) -> Text:
    if finding.level is Level.OK:
        return Text(finding.said, "dim")
    line = Text(finding.said)
    if finding.to_do:
        line.append(f"\n→ {finding.to_do}", style)
    return line


def _sum(report: Examination) -> Text:
    counts = {level: sum(finding.level is level for finding in report.findings) for level in Level}
    said = f"faults: {counts[Level.FAULT]}, warnings: {counts[Level.WARNING]}, well: {counts[Level.OK]}"
    return Text(f"{said}, at {report.examined_at}", _SIGNS[Level.OK if report.is_healthy else Level.FAULT][1])
