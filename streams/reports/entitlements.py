"""What one account has of support (§4, P6) and of credits (§5, M3, K1-K4) in a month."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from schemas.account import SupportTier
from schemas.instants import format_instant
from streams.credits.adjudicate import JudgedAccount
from streams.credits.log import Logged
from streams.credits.views import credits_of
from streams.guarantees.support.tickets import Ticket as AnsweredTicket
from streams.guarantees.support.tickets import answers
from streams.reports.model import Claim, Credit, OpenCredit, Ticket, TicketGroup
from streams.rules.support import Promise


def groups_of(tickets: Iterable[AnsweredTicket], promises: Mapping[SupportTier, Promise]) -> list[TicketGroup]:
    """How an account's tickets were answered, by tier and priority."""
    return [
        TicketGroup(
            tier=one.tier,
            priority=one.priority,
            target_ms=one.target_ms,
            tickets=one.tickets,
            in_time=one.in_time,
            late=one.late,
            open=one.open,
        )
        for one in answers(tickets, promises)
    ]


def tickets_of(tickets: Iterable[AnsweredTicket]) -> list[Ticket]:
    """Each ticket, in the order of their opening."""
    ordered = sorted(tickets, key=lambda one: (one.times.opened_ms, one.ticket_id))
    return [
        Ticket(
            ticket_id=one.ticket_id,
            tier=one.tier,
            priority=one.times.priority,
            service=one.service,
            opened_at=format_instant(one.times.opened_ms),
            target_ms=one.times.target_ms,
            response_ms=one.times.response_ms,
            resolution_ms=one.times.resolution_ms,
            is_late=one.times.is_late,
        )
        for one in ordered
    ]


def credits_told(judged: JudgedAccount, decisions: Sequence[Logged]) -> tuple[Decimal, list[Credit], list[OpenCredit]]:
    """What is credited in all, by which decisions, and what is due or may be claimed beside."""
    told = credits_of(judged, decisions)
    if told is None:
        return Decimal("0.00"), [], []
    made = [
        Credit(
            fee=one.fee,
            kind=one.kind,
            percent=one.percent,
            amount=Decimal(one.amount),
            claim_id=one.claim_id,
            invoice_month=one.invoice_month,
        )
        for one in told.decisions
    ]
    due = [OpenCredit(fee=fee, amount=Decimal(amount), claim_by="") for fee, amount in sorted(told.undecided.items())]
    might = [OpenCredit(fee=one.fee, amount=Decimal(one.amount), claim_by=one.claim_by) for one in told.unclaimed]
    return Decimal(told.credited), made, due + might


def claims_of(judged: JudgedAccount) -> list[Claim]:
    """Each claim that touches the month, as it is judged."""
    return [
        Claim(claim_id=claim_id, state=str(one.state), refusals=[str(refusal) for refusal in one.refusals])
        for claim_id, one in sorted(judged.owed.judgements.items())
    ]
