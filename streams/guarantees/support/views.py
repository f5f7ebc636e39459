"""Tickets as commands and other programs get them: durations in whole milliseconds of the tier's clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from schemas.instants import format_instant
from streams.core.console import TextConsole, styled
from streams.core.tables import table_of
from streams.guarantees.support.tickets import AnsweredTicket, Answers

_SECOND_MS = 1_000


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket; empty or null: not answered, not resolved yet."""

    ticket_id: str
    account_id: str
    service: str
    tier: str
    priority: str
    opened_at: str
    responded_at: str
    resolved_at: str
    target_ms: int
    response_ms: int | None
    resolution_ms: int | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportView:
    """A month of tickets, and how they were answered by tier and priority."""

    month: str
    policy: str
    answers: Sequence[Answers]
    tickets: Sequence[TicketView]


def ticket_view(ticket: AnsweredTicket) -> TicketView:
    """A ticket as it is shown."""
    times = ticket.times
    return TicketView(
        ticket_id=ticket.ticket_id,
        account_id=ticket.account_id,
        service=ticket.service,
        tier=ticket.tier,
        priority=times.priority,
        opened_at=format_instant(times.opened_ms),
        responded_at="" if times.responded_ms is None else format_instant(times.responded_ms),
        resolved_at="" if times.resolved_ms is None else format_instant(times.resolved_ms),
        target_ms=times.target_ms,
        response_ms=times.response_ms,
        resolution_ms=times.resolution_ms,
        late=times.is_late,
    )


def print_support(console: TextConsole, view: SupportView) -> None:
    """How tickets were answered, then those that were answered too late."""
    if not view.tickets:
        console.say(f"{view.month}: no ticket was opened")
        return
    table = table_of("tier", "priority", ">target", ">tickets", ">in time", ">late", ">open")
    for one in view.answers:
        late = styled(f"{one.late:,}", "bold red" if one.late else "")
        target = duration(one.target_ms)
        table.add_row(one.tier, one.priority, target, f"{one.tickets:,}", f"{one.in_time:,}", late, f"{one.open:,}")
    console.print(table)
    late_ones = [ticket for ticket in view.tickets if ticket.late]
    if late_ones:
        console.say()
        breaches = table_of("late ticket", "account", "tier", "priority", "opened", ">target", ">answered after")
        for ticket in late_ones:
            answered = "not yet" if ticket.response_ms is None else duration(ticket.response_ms)
            breaches.add_row(
                ticket.ticket_id,
                ticket.account_id,
                ticket.tier,
                ticket.priority,
                ticket.opened_at,
                duration(ticket.target_ms),
                answered,
            )
        console.print(breaches)


def duration(ms: int) -> str:
    """A duration as hours, minutes and seconds, rounded up: what is late never looks in time."""
    seconds = -(-ms // _SECOND_MS)
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
