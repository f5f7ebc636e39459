"""A month for people: its table, and what a reader should know beside its numbers, drawn by rich."""

from collections.abc import Iterable
from fractions import Fraction

from clickhouse_connect.driver.client import Client
from rich.table import Table

from schemas.policies import Policy
from streams.core.console import Piece, TextConsole, styled
from streams.core.tables import count_or_blank, table_of
from streams.months.as_of import check_cut
from streams.months.incomplete import describe_reasons
from streams.months.month import MonthSummary, PlatformSummary, read_month
from streams.months.notes import month_notes
from streams.months.remarks import listed_words, remarks_of, remarks_of_month
from streams.rules.months import guaranteed_uptime
from streams.rules.policy import PolicyChoice


def show_month(
    console: TextConsole, client: Client, choice: PolicyChoice, *, as_of: str | None, cut_ms: int | None
) -> None:
    """Print the month as the ledger has it now, or as it was known at a cut: `as_of` is the cut as it was written.

    Raises:
        ZectoError: nothing certain can be said of the cut.
    """
    month = read_month_at(client, choice, cut_ms)
    if cut_ms is None:
        notes = month_notes(client, choice)
    else:
        notes = [f"as of {as_of}: what the broker stamped at that instant or later is not counted"]
    print_month(console, month, choice.policy, notes)


def read_month_at(client: Client, choice: PolicyChoice, cut_ms: int | None) -> MonthSummary:
    """The month as the ledger has it now, or as it was known at a cut.

    Raises:
        ZectoError: not everything before the cut has been read, or rows of the month have expired.
    """
    if cut_ms is not None:
        check_cut(client, cut_ms, choice.span)
    return read_month(client, choice, cut_ms=cut_ms)


def print_month(console: TextConsole, month: MonthSummary, policy: Policy, notes: Iterable[str]) -> None:
    """The month as a table, then what a reader must know beside it; its policy says which uptime is guaranteed."""
    named: dict[str, PlatformSummary] = {**month.services, "platform": month.platform}
    console.say(*_heading(month))
    console.print(_month_table(named, guaranteed_uptime(policy)))
    for name, found in named.items():
        for line in remarks_of(name, found):
            console.say(f"  {line}")
    for note in (*remarks_of_month(month), *notes):
        console.say(f"  {note}")
    for listed in month.listed_declarations:
        console.say(f"  {listed_words(listed)}")
    _print_incomplete(console, month)


def _heading(month: MonthSummary) -> list[Piece]:
    """Pending minutes are those of every service alike: how far all is read decides them (B5)."""
    platform = month.platform
    pieces: list[Piece] = [
        styled(month.month, "bold"),
        f" · {platform.total_minutes:,} minutes · policy {month.policy} · {month.zone} · ",
    ]
    pieces.append("complete" if month.complete else styled("provisional", "cyan"))
    if platform.pending_minutes:
        pieces.append(f" · {platform.pending_minutes:,} minutes pending")
    if not month.in_force:
        pieces += [" · ", styled("before the policy was in force: no credits", "yellow")]
    return pieces


def _month_table(named: dict[str, PlatformSummary], guaranteed: Fraction) -> Table:
    table = table_of("service", ">uptime %", ">low", ">high", ">down", ">excl.", ">blind", ">idle", ">credit")
    for name, found in named.items():
        certain = found.uptime_low == found.uptime_high
        table.add_row(
            name,
            _uptime(found, guaranteed),
            "" if certain else str(found.uptime_low),
            "" if certain else str(found.uptime_high),
            count_or_blank(found.down_minutes),
            count_or_blank(sum(found.excluded_minutes.values())),
            count_or_blank(found.blind_minutes),
            count_or_blank(found.idle_minutes),
            "" if found.credit_percent is None else f"{found.credit_percent} %",
        )
    return table


def _uptime(found: PlatformSummary, guaranteed: Fraction) -> Piece:
    if found.uptime is None:
        return styled("unobserved", "dim")
    return styled(found.uptime, "green" if Fraction(found.uptime) / 100 >= guaranteed else "bold red")


def _print_incomplete(console: TextConsole, month: MonthSummary) -> None:
    """Why the month is provisional; partitions with one reason share a line."""
    if month.complete:
        return
    console.say("not complete, because", style="cyan")
    for line in describe_reasons(month.incomplete_because):
        console.say(f"  {line}")
