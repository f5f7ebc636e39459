"""Tickets opened in a month, each held against the promise of its account's tier (P6, §4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from schemas.account import SupportTier
from schemas.commitments import SupportTerms
from schemas.policies import Policy
from schemas.ticket_event import Priority
from streams.clickhouse.session import rows
from streams.rules.accounts import AccountVersion, effective_at
from streams.rules.business import BusinessDays, BusinessHours
from streams.rules.calendar import MonthSpan
from streams.rules.support import AnswerTarget, TicketMoment, TicketTimes, ticket_times

_TIERS: Final[tuple[SupportTier, ...]] = ("premium", "standard")
_PRIORITIES: Final[tuple[Priority, ...]] = ("critical", "high", "medium", "low")
_HOUR_MINUTES: Final = 60
# What happened to a ticket counts from its first opening on, wherever the month ends.
_TICKETS: Final = """
SELECT account_id, ticket_id, event, priority, service, automatic, toUnixTimestamp64Milli(time) AS at_ms, content
FROM tickets FINAL
WHERE (account_id, ticket_id) IN
(
    SELECT account_id, ticket_id
    FROM tickets
    WHERE event = 'opened'
    GROUP BY account_id, ticket_id
    HAVING toUnixTimestamp64Milli(min(time)) >= {from:Int64} AND toUnixTimestamp64Milli(min(time)) < {to:Int64}
)
ORDER BY account_id, ticket_id, time, content
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredTicket:
    """A ticket as its account's tier is promised; `service` is empty where it is about none."""

    ticket_id: str
    account_id: str
    service: str
    tier: SupportTier
    times: TicketTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The tickets of one tier and priority: how many there are, were answered in time, too late, or not yet."""

    tier: SupportTier
    priority: Priority
    target_ms: int
    tickets: int
    in_time: int
    late: int
    open: int


def read_tickets(
    client: Client, accounts: Mapping[str, Sequence[AccountVersion]], policy: Policy, span: MonthSpan, *, now_ms: int
) -> list[AnsweredTicket]:
    """Tickets first opened in the month, by id and account (I1); an account that nobody knows has the standard tier."""
    events: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows(client, _TICKETS, {"from": span.start_ms, "to": span.end_ms}):
        events[row["ticket_id"], row["account_id"]].append(row)
    commitments = targets_of(policy.commitments.support, policy.zone)
    view = (_ticket(of_one, accounts, commitments, now_ms) for _, of_one in sorted(events.items()))
    return [ticket for ticket in view if ticket]


def targets_of(terms: SupportTerms, zone: str) -> dict[SupportTier, AnswerTarget]:
    """What each tier is promised; business hours run on Monday to Friday, holidays or not (§4.1)."""
    return {
        tier: AnswerTarget(targets_ms=targets_ms, hours=_hours(terms.hours[tier], zone))
        for tier, targets_ms in terms.targets_ms.items()
    }


def answers(tickets: Iterable[AnsweredTicket], commitments: Mapping[SupportTier, AnswerTarget]) -> list[Answers]:
    """How tickets were answered, by tier and by the priority in force at the response."""
    found: defaultdict[tuple[SupportTier, Priority], list[TicketTimes]] = defaultdict(list)
    for ticket in tickets:
        found[ticket.tier, ticket.times.priority].append(ticket.times)
    return [
        Answers(
            tier=tier,
            priority=priority,
            target_ms=commitments[tier].targets_ms[priority],
            tickets=len(times),
            in_time=sum(one.response_ms is not None and not one.is_late for one in times),
            late=sum(one.is_late for one in times),
            open=sum(one.response_ms is None and not one.is_late for one in times),
        )
        for tier in _TIERS
        for priority in _PRIORITIES
        if (times := found[tier, priority])
    ]


def _ticket(
    events: Sequence[Mapping[str, Any]],
    accounts: Mapping[str, Sequence[AccountVersion]],
    commitments: Mapping[SupportTier, AnswerTarget],
    now_ms: int,
) -> AnsweredTicket | None:
    opened = next((row for row in events if row["event"] == "opened"), None)
    if opened is None:
        return None
    account = effective_at(accounts.get(opened["account_id"], ()), opened["at_ms"])
    tier: SupportTier = "standard" if account is None else account.support_tier
    moments = [
        TicketMoment(**{name: row[name] for name in ("at_ms", "content", "event", "priority", "automatic")})
        for row in events
    ]
    times = ticket_times(moments, commitments[tier], now_ms=now_ms)
    if times is None:
        return None
    return AnsweredTicket(
        ticket_id=opened["ticket_id"],
        account_id=opened["account_id"],
        service=opened["service"],
        tier=tier,
        times=times,
    )


def _hours(hours: tuple[int, int] | None, zone: str) -> BusinessHours | None:
    if hours is None:
        return None
    opens, closes = (time(minute // _HOUR_MINUTES, minute % _HOUR_MINUTES) for minute in hours)
    return BusinessHours(days=BusinessDays(zone=zone), opens=opens, closes=closes)
