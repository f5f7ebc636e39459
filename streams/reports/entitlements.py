"""What one account has of support (§4, P6) and of credits (§5, M3, K1-K4) in a month."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from schemas.account import SupportTier
from schemas.instants import format_instant
from streams.credits.adjudicate import JudgedAccount
from streams.credits.issue import Logged
from streams.credits.views import credits_of
from streams.guarantees.support.tickets import AnsweredTicket, answers
from streams.reports.model import OpenCredit, ReportClaim, ReportCredit, ReportTicket, TicketGroup
from streams.rules.support import AnswerTarget


def groups_of(tickets: Iterable[AnsweredTicket], commitments: Mapping[SupportTier, AnswerTarget]) -> list[TicketGroup]:
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
        for one in answers(tickets, commitments)
    ]


def tickets_of(tickets: Iterable[AnsweredTicket]) -> list[ReportTicket]:
    """Each ticket, in the order of their opening."""
    ordered = sorted(tickets, key=lambda one: (one.times.opened_ms, one.ticket_id))
    return [
        ReportTicket(
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


def credit_rows(
    judged: JudgedAccount, decisions: Sequence[Logged]
) -> tuple[Decimal, list[ReportCredit], list[OpenCredit]]:
    """What is credited in all, by which decisions, and what is due or may be claimed beside."""
    view = credits_of(judged, decisions)
    if view is None:
        return Decimal("0.00"), [], []
    made = [
        ReportCredit(
            fee=one.fee,
            kind=one.kind,
            percent=one.percent,
            amount=Decimal(one.amount),
            claim_id=one.claim_id,
            invoice_month=one.invoice_month,
        )
        for one in view.decisions
    ]
    due = [OpenCredit(fee=fee, amount=Decimal(amount), claim_by="") for fee, amount in sorted(view.undecided.items())]
    might = [OpenCredit(fee=one.fee, amount=Decimal(one.amount), claim_by=one.claim_by) for one in view.unclaimed]
    return Decimal(view.credited), made, due + might


def claims_of(judged: JudgedAccount) -> list[ReportClaim]:
    """Each claim that touches the month, as it is judged."""
    return [
        ReportClaim(claim_id=claim_id, state=str(one.state), refusals=[str(refusal) for refusal in one.refusals])
        for claim_id, one in sorted(judged.amounts.judgements.items())
    ]
