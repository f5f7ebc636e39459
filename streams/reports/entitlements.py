"""What one account has of support (§4, P6) and of credits (§5, M3, K1-K4) in a month."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from schemas.account import SupportTier
from schemas.instants import format_instant
from streams.credits.adjudicate import JudgedAccount
from streams.credits.issue import Logged, LoggedSeries, settle_logged
from streams.credits.views import AccountCredits, credits_of
from streams.guarantees.support.tickets import AnsweredTicket, answers
from streams.reports.model import OpenCredit, ReportClaim, ReportCredit, ReportTicket, TicketGroup
from streams.rules.decisions import Place
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


def series_of_account(
    judged: JudgedAccount, log: Mapping[Place, Sequence[Logged]], zone: str, *, now_ms: int
) -> list[LoggedSeries]:
    """The series of an account's month, each held against what is due: of every fee in force or decided (K4)."""
    account_id, month = judged.account_id, judged.span.month
    fees = {fee for of, fee, at in log if (of, at) == (account_id, month)} | {*judged.amounts.amounts_due}
    places: list[Place] = [(account_id, fee, month) for fee in sorted(fees)]
    return [settle_logged(place, judged, log.get(place, ()), now_ms=now_ms, zone=zone) for place in places]


def credit_rows(
    judged: JudgedAccount, series: Sequence[LoggedSeries]
) -> tuple[dict[str, Decimal], list[ReportCredit], list[OpenCredit]]:
    """What is credited in all by currency, by which decisions, and what is due or may be claimed beside."""
    views = credits_of(judged, series)
    made = [
        ReportCredit(
            fee=one.fee,
            kind=one.kind,
            percent=one.percent,
            amount=Decimal(one.amount),
            currency=view.currency,
            claim_id=one.claim_id,
            invoice_month=one.invoice_month,
        )
        for view in views
        for one in view.decisions
    ]
    credited = {view.currency: Decimal(view.credited) for view in views if view.decisions}
    return credited, made, [one for view in views for one in _open(view)]


def _open(view: AccountCredits) -> Iterator[OpenCredit]:
    for fee, amount in sorted(view.undecided.items()):
        yield OpenCredit(fee=fee, amount=Decimal(amount), currency=view.currency, at_least=False, claim_by="")
    for one in view.unclaimed:
        yield OpenCredit(
            fee=one.fee,
            amount=Decimal(one.amount) if one.amount else None,
            currency=view.currency,
            at_least=one.at_least,
            claim_by=one.claim_by,
        )


def claims_of(judged: JudgedAccount) -> list[ReportClaim]:
    """Each claim that touches the month, as it is judged."""
    return [
        ReportClaim(claim_id=claim_id, state=str(one.state), refusals=[str(refusal) for refusal in one.refusals])
        for claim_id, one in sorted(judged.amounts.outcomes.items())
    ]
