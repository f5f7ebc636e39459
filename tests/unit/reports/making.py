"""Months and reports made by hand: states minute by minute, and what an account had of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np

from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, format_instant
from schemas.policies import credit_percent
from schemas.reference import policies
from streams.months.month import ListedDeclaration, ListedHole, OutOfScope, ServiceSummary
from streams.reports.model import (
    Change,
    Curve,
    Guarantee,
    OpenCredit,
    OperatorDelivery,
    Report,
    ReportAccount,
    ReportClaim,
    ReportCredit,
    ReportMonth,
    ReportTicket,
    StatementStatus,
    TicketGroup,
)
from streams.reports.uptime import ReportFacts, report_month_of
from streams.rules.calendar import MonthSpan
from streams.rules.incidents import Incident, incidents_of
from streams.rules.month.platform import platform_states
from streams.rules.months import percent
from streams.rules.policy import PolicyChoice, apply_policy
from streams.statements.closed_months import StatedMonth
from streams.statements.packed_columns import STATES
from tests.unit.months import told

CLOSED: Final = StatementStatus(number=0, cut="2026-10-04T06:12:09.117Z", sha256="5d2c" * 16, because=())
Spans = Mapping[str, Sequence[range]]
"""Which minutes of the month, counted from its first, are in which state; the rest is good."""


def choice(month: str) -> PolicyChoice:
    return apply_policy(month, policies()[0])


def states_of(total: int, spans: Spans) -> list[int]:
    states = [STATES.index("good")] * total
    for state, runs in spans.items():
        for run in runs:
            for minute in run:
                states[minute] = STATES.index(state)
    return states


def told_service(
    states: Sequence[int],
    *,
    doubt: int = 0,
    excluded: Mapping[str, int] | None = None,
    **records: Any,  # noqa: ANN401  the struct's own types
) -> ServiceSummary:
    """A service's numbers by its states; `doubt` more minutes might have been down, half of them for what was lost."""
    measured = _measured(states, doubt, excluded)
    completeness = "unproven" if doubt else "proven"
    return told.service(**measured, missing_records=doubt, source_completeness=completeness, **records)


def _measured(states: Sequence[int], doubt: int, excluded: Mapping[str, int] | None) -> dict[str, Any]:
    counts = {state: states.count(place) for place, state in enumerate(STATES)}
    total, down = len(states), counts["down"]
    exact, credit = Fraction(total - down, total), Fraction(total - down - counts["blind"], total)
    kinds = {"scheduled_maintenance": counts["excluded"]} if counts["excluded"] else {}
    return {
        "total_minutes": total,
        **{f"{state}_minutes": number for state, number in counts.items() if state != "excluded"},
        "down_minutes_low": down,
        "down_minutes_high": down + doubt,
        "down_minutes_high_lost": down + doubt // 2,
        "excluded_minutes": dict(excluded or kinds),
        "uptime": percent(exact),
        "uptime_low": percent(Fraction(total - down - doubt, total)),
        "uptime_low_lost": percent(Fraction(total - down - doubt // 2, total)),
        "uptime_high": percent(exact),
        "credit_uptime": percent(credit),
        "credit_percent": credit_percent(policies()[0].tiers, credit.numerator, credit.denominator),
    }


def month(
    name: str = "2026-09",
    spans: Mapping[Service, Spans] | None = None,
    *,
    statement_status: StatementStatus = CLOSED,
    doubt: Mapping[Service, int] | None = None,
    excluded: Mapping[Service, Mapping[str, int]] | None = None,
    records: Mapping[Service, Mapping[str, Any]] | None = None,
    unobserved: Sequence[Service] = (),
    before: Mapping[Service, int] | None = None,
    as_of_ms: int | None = None,
    **listed: Any,  # noqa: ANN401  lists of the month's own
) -> ReportMonth:
    """A month under the first policy, as if it had been read from its statement.

    `before`: so many minutes of downtime lie right before it, in the month before. `records`: what else is counted of a
    service. `unobserved`: services of which nothing speaks.
    """
    chosen = choice(name)
    span = chosen.span
    idle = {"idle": [range(span.total_minutes)]}
    spans = dict.fromkeys(unobserved, idle) | dict(spans or {})
    states = {service: states_of(span.total_minutes, spans.get(service, {})) for service in SERVICES}
    platform = platform_states([np.array(states[service], dtype=np.int8) for service in SERVICES]).tolist()
    services = {
        service: told_service(
            states[service],
            doubt=(doubt or {}).get(service, 0),
            excluded=(excluded or {}).get(service),
            **(records or {}).get(service, {}),
        )
        for service in SERVICES
        if service not in unobserved
    }
    kinds = {kind: minutes for of in (excluded or {}).values() for kind, minutes in of.items()}
    summary = told.month(
        name,
        {str(service): services.get(service) or told.unobserved() for service in SERVICES},
        platform=told.platform(**_measured(platform, sum((doubt or {}).values()), kinds)),
        **listed,
    )
    return report_month_of(
        ReportFacts(
            choice=chosen,
            summary=summary,
            states={**{str(service): of for service, of in states.items()}, "platform": platform},
            incidents={
                service: _incidents(states[service], (before or {}).get(service, 0), span) for service in SERVICES
            },
            statement_status=statement_status,
            as_of_ms=span.end_ms + chosen.policy.pending_for_ms if as_of_ms is None else as_of_ms,
        )
    )


def _incidents(states: Sequence[int], before: int, span: MonthSpan) -> list[Incident]:
    stated = StatedMonth(number=0, first_ms=span.start_ms, states={"sms": states}, percents={})
    earlier = [(span.start_ms - before * MINUTE_MS, span.start_ms)] if before else []
    return incidents_of([*earlier, *stated.bad_runs_ms("sms")])


def guarantee(service: str, name: str, rule: str, within: int, counted: int, **more: Any) -> Guarantee:  # noqa: ANN401  fields of it
    summary: dict[str, Any] = {
        "clause": "§3.1",
        "limit_ms": 200,
        "unmeasured": 0,
        "target": "95.0000",
        "is_met": within * 100 >= 95 * counted if counted else None,
        "quantiles_ms": {"p50": 70, "p95": 200, "p99": 700},
    }
    share = percent(Fraction(within, counted)) if counted else ""
    shown: dict[str, Any] = summary | more
    return Guarantee(service=service, name=name, rule=rule, within=within, counted=counted, share=share, **shown)


def account(account_id: str = "acme", **more: Any) -> ReportAccount:  # noqa: ANN401  fields of it
    """An account with nothing, but for what is named."""
    summary: dict[str, Any] = {
        "plan": "paid",
        "currency": "PKR",
        "fees": {"sms": Decimal("1234.55"), "voice": Decimal("80.00")},
        "is_suspended": False,
        "changes": [],
        "is_complete": True,
        "pending_messages": 0,
        "guarantees": [],
        "curves": [],
        "operators": [],
        "groups": [],
        "tickets": [],
        "credited": {},
        "credits": [],
        "open_credits": [],
        "claims": [],
    }
    shown: dict[str, Any] = summary | more
    return ReportAccount(account_id=account_id, **shown)


def busy_month() -> ReportMonth:
    """Everything at once: downtime, exclusions, blindness, idleness, doubt, declarations that were void."""
    return month(
        spans={
            "sms": {
                "idle": [range(1440 * 6, 1440 * 6 + 200)],
                "excluded": [range(3000, 3085), range(20_000, 20_011)],
                "down": [range(5000, 5019), range(5021, 5025), range(30_000, 30_001), range(41_000, 41_160)],
                "blind": [range(12_000, 12_015)],
            },
            "voice": {"down": [range(10_000, 10_043)]},
            "email": {"idle": [range(minute, minute + 7) for minute in range(0, 43_200, 40)]},
        },
        doubt={"sms": 24, "voice": 3},
        excluded={"sms": {"scheduled_maintenance": 85, "ddos": 11}},
        records={
            "sms": {
                "corrected_in_our_favour": 3,
                "collisions": 2,
                "unnamed_records": 4,
                "mended_records": {"region": 6},
                "out_of_scope": OutOfScope(ok=7, failed=5),
                "out_of_scope_down_minutes": 1,
            }
        },
        listed_declarations=[
            ListedDeclaration(declaration_id=name, revision=0, kind=kind, reason=reason, minutes=minutes)
            for name, kind, reason, minutes in (
                ("mw-2", "scheduled_maintenance", "notice_too_short", 30),
                ("op-1", "operator_outage", "vouches", 4),
                ("torn", "", "refused", 0),
            )
        ],
        manifest_holes=[ListedHole(topic="api.requests", source="lb", service="sms", minutes=7)],
    )


def busy_account(account_id: str = "acme") -> ReportAccount:
    """Something of everything that an account can have."""
    counts = [(10, 40), (20, 310), (30, 1200), (50, 5210), (70, 9005), (100, 8110), (200, 2003), (300, 700), (700, 90)]
    slow = [(20, 10), (50, 200), (100, 3000), (200, 5100), (300, 1500), (500, 900), (1000, 800), (2000, 120)]
    operators = [("Jazz", 120_450, 31), ("Telenor", 60_122, 9), ("Zong", 44_010, 120), ("Ufone", 9002, 0), ("", 120, 1)]
    return account(
        account_id,
        guarantees=[
            guarantee("sms", "response time", "P1", 25_878, 26_672),
            guarantee(
                "sms",
                "delivery time",
                "P2",
                223_000,
                230_001,
                limit_ms=5000,
                unmeasured=3543,
                quantiles_ms={"p50": 1000, "p95": 5000, "p99": None},
            ),
            guarantee(
                "sms",
                "delivery rate",
                "P3",
                233_704,
                233_865,
                limit_ms=None,
                target="99.9000",
                is_met=True,
                quantiles_ms={},
            ),
            guarantee("voice", "response time", "P1", 9_810, 11_630, limit_ms=300, clause="§3.2"),
            guarantee(
                "voice",
                "HD quality",
                "P4",
                98_100_000,
                99_000_000,
                limit_ms=None,
                target="98.0000",
                is_met=True,
                quantiles_ms={},
                clause="§3.2",
            ),
            guarantee(
                "whatsapp",
                "template answer",
                "P5",
                1,
                2,
                limit_ms=86_400_000,
                target="100.0000",
                is_met=False,
                quantiles_ms={},
                clause="§3.3",
            ),
            guarantee("email", "delivery time", "P2", 0, 0, limit_ms=60_000, unmeasured=12, quantiles_ms={}),
        ],
        curves=[
            Curve(service="sms", limit_ms=200, target="95.0000", counts=counts, beyond=4),
            Curve(service="voice", limit_ms=300, target="95.0000", counts=slow, beyond=0),
        ],
        operators=[
            OperatorDelivery(
                service="sms",
                operator=name,
                delivered=delivered,
                failed=failed,
                share=percent(Fraction(delivered, delivered + failed)),
            )
            for name, delivered, failed in operators
        ],
        groups=[
            TicketGroup(tier="premium", priority="critical", target_ms=1_800_000, tickets=2, in_time=1, late=1, open=0),
            TicketGroup(tier="premium", priority="low", target_ms=28_800_000, tickets=1, in_time=0, late=0, open=1),
        ],
        tickets=[ticket(1, response_ms=900_000), ticket(2, response_ms=1_800_001, is_late=True), ticket(3)],
        credited={"PKR": Decimal("123.46")},
        credits=[
            ReportCredit(
                fee="sms",
                kind="credit",
                percent=10,
                amount=Decimal("123.46"),
                currency="PKR",
                claim_id="c-1",
                invoice_month="2026-11",
            )
        ],
        open_credits=[
            OpenCredit(
                fee="voice",
                amount=Decimal("8.00"),
                currency="PKR",
                at_least=False,
                claim_by="2026-10-08T10:43:00.000Z",
            ),
        ],
        claims=[
            ReportClaim(claim_id="c-1", state="approved", refusals=[]),
            ReportClaim(claim_id="c-2", state="rejected", refusals=["claimed_before", "too_late"]),
        ],
        changes=[Change(at="2026-09-10T00:00:00.000Z", sentence="other platform fees")],
    )


def ticket(number: int, *, response_ms: int | None = None, is_late: bool = False) -> ReportTicket:
    return ReportTicket(
        ticket_id=f"t-{number}",
        tier="premium",
        priority="critical" if response_ms else "low",
        service="sms",
        opened_at=format_instant(choice("2026-09").span.start_ms + number * 7_000_000),
        target_ms=1_800_000,
        response_ms=response_ms,
        resolution_ms=response_ms and response_ms * 5,
        is_late=is_late,
    )


def busy() -> Report:
    return Report(month=busy_month(), account=busy_account())


def quiet() -> Report:
    """Nothing went wrong, and the account did nothing."""
    return Report(month=month("2027-02"), account=account("quiet"))


def unobserved() -> Report:
    """A month in which nothing speaks of a service (M2)."""
    return Report(month=month(unobserved=["voice"]), account=account("unseen"))


def in_progress() -> Report:
    """A month of 31 days on its eleventh, with everything from then on still to come."""
    span = choice("2026-10").span
    now_ms = span.start_ms + (10 * 1440 + 431) * MINUTE_MS
    pending = {"pending": [range(10 * 1440 + 431, span.total_minutes)]}
    statement_status = StatementStatus(
        number=None,
        cut="",
        sha256="",
        because=["the month is not over"],
    )
    spans: dict[Service, Spans] = dict.fromkeys(SERVICES, pending)
    spans["sms"] = pending | {"down": [range(700, 720)]}
    return Report(
        month=month("2026-10", spans, statement_status=statement_status, as_of_ms=now_ms),
        account=account("so-far", is_complete=False, pending_messages=12, guarantees=busy_account().guarantees[:2]),
    )


def crowded() -> Report:
    """60 incidents, three days of blindness, a name as long as there is, and as many tickets and operators."""
    down = [range(first, first + 7) for first in range(500, 500 + 60 * 700, 700)]
    blind = [range(12 * 1440, 15 * 1440)]
    operators = [
        OperatorDelivery(
            service="sms",
            operator=f"an operator with a rather long name {number}",
            delivered=900 - number,
            failed=1,
            share="99.8888",
        )
        for number in range(70)
    ]
    tickets = [ticket(number, response_ms=900_000 if number % 9 else None) for number in range(1, 90)]
    return Report(
        month=month(spans={"sms": {"down": down, "blind": blind}, "email": {"blind": blind}}, doubt={"sms": 4320}),
        account=account(
            "W" * 64,
            operators=operators,
            tickets=tickets,
            groups=[
                TicketGroup(
                    tier="premium", priority="low", target_ms=28_800_000, tickets=89, in_time=80, late=0, open=9
                )
            ],
            fees={"platform": Decimal("123456789012345.123456789")},
            credited={"PAKISTANI-RUPEES": Decimal("61728394506172.56")},
            currency="PAKISTANI-RUPEES",
            credits=[
                ReportCredit(
                    fee="platform",
                    kind="credit",
                    percent=50,
                    amount=Decimal("61728394506172.56"),
                    currency="PAKISTANI-RUPEES",
                    claim_id="C" * 128,
                    invoice_month="2026-11",
                )
            ],
        ),
    )
