"""The month and its minutes for people: tables and sentences, drawn by rich (colours on a terminal only)."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from streams.months.minutes import MinuteRequests, MinuteVerdict
from streams.months.month import MonthSummary, ServiceSummary

_TARGET: Final = "99.9000"
_STATE_STYLES: Final = {
    "good": "green",
    "down": "bold red",
    "excluded": "yellow",
    "blind": "magenta",
    "pending": "cyan",
    "idle": "dim",
}


def print_month(console: Console, month: MonthSummary, notes: Iterable[str]) -> None:
    """The month as a table, then what a reader must know beside it."""
    console.print(_heading(month))
    console.print(_month_table(month))
    for service, found in month.services.items():
        for line in _remarks(service, found):
            console.print(f"  {line}", highlight=False, soft_wrap=True)
    for note in (*_unproven(month), *notes):
        console.print(f"  {note}", highlight=False, soft_wrap=True)
    _print_listed(console, month)
    _print_incomplete(console, month)


def print_minutes(console: Console, minutes: Sequence[MinuteVerdict]) -> None:
    """A line a minute: state, then how requests and messages ended, then probes."""
    console.print("ok / our failures / others' failures; messages also / still open", style="dim", highlight=False)
    table = Table(box=None, pad_edge=False)
    for column in ("minute (UTC)", "state"):
        table.add_column(column, no_wrap=True)
    for column in ("requests", "messages", "unknown", "missing", "probes ok"):
        table.add_column(column, justify="right", no_wrap=True)
    for found in minutes:
        requests, messages, probes = found.requests, found.messages, found.probes
        table.add_row(
            found.minute.replace(":00Z", "").replace("T", " "),
            styled_state(found.state, found.kind),
            _split(requests.ok, requests.platform, _others(requests)),
            _split(messages.ok, messages.platform, _others(messages), messages.pending),
            _count(requests.unknown + messages.unknown),
            _count(requests.missing + messages.missing),
            f"{probes.ok} of {probes.ok + probes.failed}" if probes.ok + probes.failed else "",
        )
    console.print(table)


def _heading(month: MonthSummary) -> str:
    total = next(iter(month.services.values())).total_minutes
    words = [f"[bold]{month.month}[/bold]", f"{total:,} minutes", f"policy {month.policy}", month.zone]
    words.append("complete" if month.complete else "[cyan]provisional[/cyan]")
    if not month.in_force:
        words.append("[yellow]before the policy was in force: no credits[/yellow]")
    return " · ".join(words)


def _month_table(month: MonthSummary) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("service", no_wrap=True)
    for column in ("uptime %", "low", "high", "down", "excl.", "blind", "idle", "pend.", "credit"):
        table.add_column(column, justify="right", no_wrap=True)
    for service, found in month.services.items():
        met = found.uptime >= _TARGET or found.uptime.startswith("100")
        certain = found.uptime_low == found.uptime_high
        table.add_row(
            service,
            f"[{'green' if met else 'bold red'}]{found.uptime}[/]",
            "" if certain else found.uptime_low,
            "" if certain else found.uptime_high,
            _count(found.down_minutes),
            _count(sum(found.excluded_minutes.values())),
            _count(found.blind_minutes),
            _count(found.idle_minutes),
            _count(found.pending_minutes),
            f"{found.credit_percent} %",
        )
    return table


def _remarks(service: str, found: ServiceSummary) -> list[str]:
    lines = []
    if found.excluded_minutes:
        kinds = ", ".join(f"{kind.replace('_', ' ')} {minutes}" for kind, minutes in found.excluded_minutes.items())
        lines.append(f"{service}: excluded minutes by kind: {kinds}")
    if found.missing_records or found.unknown_records:
        lines.append(
            f"{service}: {found.missing_records:,} records missing, {found.unknown_records:,} of unknown outcome; "
            f"down between {found.down_minutes_low:,} and {found.down_minutes_high:,} minutes"
        )
    if found.credit_uptime != found.uptime:
        lines.append(f"{service}: so much is blind that the tier is that of {found.credit_uptime} % (M2)")
    if found.conflicts:
        lines.append(f"{service}: {found.conflicts:,} identities were reported in contradicting ways (I3)")
    return lines


def _unproven(month: MonthSummary) -> list[str]:
    """One line for all services whose sources do not say how much they sent."""
    services = [
        service
        for service, found in month.services.items()
        if found.source_completeness != "proven" and found.total_minutes > found.idle_minutes + found.pending_minutes
    ]
    if not services:
        return []
    return [f"{', '.join(services)}: completeness at the source is unproven: no manifest for every minute (B3)"]


def _print_listed(console: Console, month: MonthSummary) -> None:
    for listed in month.listed_declarations:
        console.print(
            f"  declaration {listed.declaration_id} ({listed.kind.replace('_', ' ')}): "
            f"{listed.reason.replace('_', ' ')}, {_minutes(listed.minutes)}",
            highlight=False,
            soft_wrap=True,
        )


def _print_incomplete(console: Console, month: MonthSummary) -> None:
    """Why the month is provisional, partition by partition; those with one reason share a line."""
    if month.complete:
        return
    console.print("not complete, because", style="cyan")
    partitions: dict[str, list[str]] = {}
    for reason in month.incomplete_because:
        where, _, why = reason.partition(": ")
        partitions.setdefault(why, []).append(where)
    for why, lagging in partitions.items():
        console.print(f"  {why}: {', '.join(lagging)}", highlight=False, soft_wrap=True)


def styled_state(state: str, kind: str | None) -> str:
    """A state with its colour, and the kind of window behind it."""
    return f"[{_STATE_STYLES[state]}]{state}[/]" + (f" ({kind.replace('_', ' ')})" if kind else "")


def _others(counts: MinuteRequests) -> int:
    return counts.operator + counts.customer + counts.content + counts.recipient


def _split(*numbers: int) -> str:
    return " / ".join(f"{number:,}" for number in numbers) if any(numbers) else ""


def _minutes(number: int) -> str:
    return f"{number:,} minute{'' if number == 1 else 's'}"


def _count(number: int) -> str:
    return f"{number:,}" if number else ""
