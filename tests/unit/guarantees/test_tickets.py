"""P6: tickets of a month by tier and priority."""

from schemas.account import Account
from schemas.instants import parse_instant
from schemas.reference import policies
from streams.guarantees.support.tickets import AnsweredTicket, Answers, answers, targets_of
from streams.guarantees.support.views import duration, ticket_view
from streams.rules.support import TicketMoment, ticket_times

POLICY = policies()[0]
PROMISES = targets_of(POLICY.commitments.support, POLICY.zone)
NOW_MS = parse_instant("2026-09-30T00:00:00Z")
HOUR_MS = 3_600_000


def ticket(name: str, tier: str, *moments: tuple[str, str, str]) -> AnsweredTicket:
    view = [
        TicketMoment(at_ms=parse_instant(at), content=number, event=event, priority=priority)  # type: ignore[arg-type]
        for number, (at, event, priority) in enumerate(moments)
    ]
    times = ticket_times(view, PROMISES[tier], now_ms=NOW_MS)  # type: ignore[index]
    assert times is not None
    return AnsweredTicket(ticket_id=name, account_id="a", service="", tier=tier, times=times)  # type: ignore[arg-type]


def test_p6_friday_17_59_runs_one_minute_until_monday() -> None:
    # 17:59 on Friday 4 September 2026 is 12:59 UTC; two business hours later it is Monday 10:59
    friday = ("2026-09-04T12:59:00Z", "opened", "critical")
    in_time = ticket("t-1", "standard", friday, ("2026-09-07T05:59:00Z", "responded", "critical"))
    late = ticket("t-2", "standard", friday, ("2026-09-07T05:59:00.001Z", "responded", "critical"))
    assert (in_time.times.response_ms, in_time.times.is_late) == (2 * HOUR_MS, False)
    assert late.times.is_late


def test_p6_answers_are_counted_by_tier_and_priority() -> None:
    at, soon, later = "2026-09-01T06:00:00Z", "2026-09-01T06:29:59Z", "2026-09-01T08:00:00Z"
    tickets = [
        ticket("t-1", "premium", (at, "opened", "critical"), (soon, "responded", "critical")),
        ticket("t-2", "premium", (at, "opened", "critical"), (later, "responded", "critical")),
        # raised to critical before the response
        ticket(
            "t-3",
            "premium",
            (at, "opened", "low"),
            (soon, "reprioritised", "critical"),
            (later, "responded", "critical"),
        ),
        ticket("t-4", "standard", ("2026-09-29T10:00:00Z", "opened", "low")),
    ]
    assert answers(tickets, PROMISES) == [
        Answers(tier="premium", priority="critical", target_ms=HOUR_MS // 2, tickets=3, in_time=1, late=2, open=0),
        Answers(tier="standard", priority="low", target_ms=24 * HOUR_MS, tickets=1, in_time=0, late=0, open=1),
    ]


def test_p6_what_is_late_by_a_millisecond_looks_late() -> None:
    assert (duration(2 * HOUR_MS), duration(2 * HOUR_MS + 1)) == ("2:00:00", "2:00:01")


def test_what_has_not_happened_yet_is_told_as_nothing() -> None:
    view = ticket_view(ticket("t-1", "premium", ("2026-09-29T23:59:00Z", "opened", "low")))
    assert (view.responded_at, view.response_ms, view.resolved_at, view.resolution_ms, view.late) == (
        "",
        None,
        "",
        None,
        False,
    )


def test_accounts_have_a_tier_that_commitments_are_made_to() -> None:
    account = Account(
        account_id="a",
        effective_from="2026-01-01T00:00:00Z",
        plan="paid",
        support_tier="premium",
        fees={},
        currency="PKR",
    )
    assert account.support_tier in PROMISES
