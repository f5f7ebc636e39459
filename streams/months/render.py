"""Minutes for people: a table, drawn by rich (colours on a terminal only)."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from streams.core.tables import count_or_blank
from streams.months.minutes import MinuteRequests, MinuteVerdict

_STATE_STYLES: Final = {
    "good": "green",
    "down": "bold red",
    "excluded": "yellow",
    "blind": "magenta",
    "pending": "cyan",
    "idle": "dim",
}


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
            count_or_blank(requests.unknown + messages.unknown),
            count_or_blank(requests.missing + messages.missing),
            f"{probes.ok} of {probes.ok + probes.failed}" if probes.ok + probes.failed else "",
        )
    console.print(table)


def styled_state(state: str, kind: str | None) -> str:
    """A state with its colour, and the kind of window behind it."""
    return f"[{_STATE_STYLES[state]}]{state}[/]" + (f" ({kind.replace('_', ' ')})" if kind else "")


def _others(counts: MinuteRequests) -> int:
    return counts.operator + counts.customer + counts.content + counts.recipient


def _split(*numbers: int) -> str:
    return " / ".join(f"{number:,}" for number in numbers) if any(numbers) else ""
