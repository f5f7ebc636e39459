"""A report for people: a line or two a finding, in colour where something is to be done."""

from typing import Final

from rich.console import RenderableType

from streams.core.console import TextConsole, lines_of, styled
from streams.core.tables import list_of
from streams.operations.doctor.codes import Level
from streams.operations.doctor.describe import Description, describe
from streams.operations.doctor.findings import Examination, Finding

_SIGNS: Final = {Level.OK: ("✓", "green"), Level.WARNING: ("!", "yellow"), Level.FAULT: ("✗", "bold red")}


def print_report(console: TextConsole, report: Examination) -> None:
    """A line or two a finding, and the sum of it."""
    table = list_of(3)
    for finding in report.findings:
        table.add_row(*_cells(finding))
    console.print(table)
    console.say()
    console.say(_sum(report), style=_SIGNS[Level.OK if report.is_healthy else Level.FAULT][1])


def _cells(finding: Finding) -> tuple[RenderableType, RenderableType, RenderableType]:
    sign, style = _SIGNS[finding.level]
    described = describe(finding)
    name = styled(finding.check, "" if described.to_do else "dim")
    return styled(sign, style), name, _as_lines(described, finding.level, style)


def _as_lines(described: Description, level: Level, style: str) -> RenderableType:
    if level is Level.OK:
        return styled(described.said, "dim")
    if not described.to_do:
        return described.said
    return lines_of(described.said, styled(f"→ {described.to_do}", style))


def _sum(report: Examination) -> str:
    counts = {level: sum(finding.level is level for finding in report.findings) for level in Level}
    counted = f"faults: {counts[Level.FAULT]}, warnings: {counts[Level.WARNING]}, well: {counts[Level.OK]}"
    return f"{counted}, at {report.examined_at}"
