"""Minutes for people: a table, drawn by rich (colours on a terminal only)."""

from collections.abc import Sequence
from typing import Final

from streams.core.console import Piece, TextConsole, line_of, styled
from streams.core.tables import count_or_blank, table_of
from streams.months.minutes import MinuteRequests, MinuteVerdict

_STATE_STYLES: Final = {
    "good": "green",
    "down": "bold red",
    "excluded": "yellow",
    "blind": "magenta",
    "pending": "cyan",
    "idle": "dim",
}


def print_minutes(console: TextConsole, minutes: Sequence[MinuteVerdict]) -> None:
    """A line a minute: state, then how requests and messages ended, what is not known of them, then vantages."""
    console.say("ok / our failures / others' failures; messages also / still open", style="dim")
    table = table_of(
        "minute (UTC)", "state", ">requests", ">messages", ">unknown", ">missing", ">corr.", ">vantages ok"
    )
    for found in minutes:
        requests, messages, vantages = found.requests, found.messages, found.vantages
        table.add_row(
            found.minute.replace(":00Z", "").replace("T", " "),
            line_of(*styled_state(found.state, found.kind)),
            _split(requests.ok, requests.platform, _others(requests)),
            _split(messages.ok, messages.platform, _others(messages), messages.pending),
            count_or_blank(_unknown(requests) + _unknown(messages)),
            count_or_blank(requests.missing + messages.missing),
            count_or_blank(requests.corrected + messages.corrected),
            f"{vantages.ok:,} of {vantages.ok + vantages.failed:,}" if vantages.ok + vantages.failed else "",
        )
    console.print(table)


def styled_state(state: str, kind: str | None) -> tuple[Piece, Piece]:
    """A state with its colour, and the kind of window behind it."""
    return styled(state, _STATE_STYLES[state]), f" ({kind.replace('_', ' ')})" if kind else ""


def _others(counts: MinuteRequests) -> int:
    return counts.operator + counts.customer + counts.content + counts.recipient


def _unknown(counts: MinuteRequests) -> int:
    """What nobody attributed, and failures of operators that only we tell (C1, C7)."""
    return counts.unknown + counts.claimed


def _split(*numbers: int) -> str:
    return " / ".join(f"{number:,}" for number in numbers) if any(numbers) else ""
