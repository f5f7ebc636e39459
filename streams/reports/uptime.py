"""A month of all services as a report says it: from its numbers and the state of every minute (V4, B4, M1, M2, K1)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.fields import SERVICES, Service
from schemas.instants import MINUTE_MS, format_instant
from schemas.policies import Policy
from streams.months.month import MonthSummary, PlatformSummary, ServiceSummary
from streams.reports.model import (
    Exclusion,
    PlatformUptime,
    ReportDay,
    ReportDeclaration,
    ReportHole,
    ReportIncident,
    ReportMonth,
    ServiceUptime,
    StatementStatus,
    StateRun,
    Terms,
)
from streams.rules.calendar import MonthSpan
from streams.rules.incidents import Incident
from streams.rules.months import guaranteed_uptime, percent
from streams.rules.policy import PolicyChoice
from streams.statements.packed_columns import STATES

CLAUSES: Final[Mapping[str, str]] = {
    "scheduled_maintenance": "§2.4 Scheduled Maintenance",
    "emergency_maintenance": "§2.4 Emergency Maintenance",
    "operator_outage": "§2.4 Third-Party Failures",
    "internet_backbone": "§2.4 Third-Party Failures",
    "dns": "§2.4 Third-Party Failures",
    "force_majeure": "§2.4 Force Majeure",
    "ddos": "§2.4 DDoS Attacks",
    "regulatory_shutdown": "§9.1 Regulatory Shutdowns",
}
"""The clause by which a window of a kind excludes (X1-X3)."""

_ONE_DAY: Final = timedelta(days=1)
_MINUTES: Final = (
    *("total_minutes", "good_minutes", "down_minutes", "down_minutes_low", "down_minutes_high"),
    *("down_minutes_high_lost", "idle_minutes", "blind_minutes", "pending_minutes"),
)
_PERCENTAGES: Final = ("uptime", "uptime_low", "uptime_low_lost", "uptime_high", "credit_uptime")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """What was read of a month: its numbers, the state of each minute as a place in STATES, and its incidents.

    States are those of each service and of the `platform`.
    """

    choice: PolicyChoice
    summary: MonthSummary
    states: Mapping[str, Sequence[int]]
    incidents: Mapping[Service, Sequence[Incident]]
    statement_status: StatementStatus
    as_of_ms: int


def report_month_of(facts: ReportFacts) -> ReportMonth:
    """The month as every account of its policy sees it."""
    policy, in_force, span = facts.choice
    target = guaranteed_uptime(policy)
    return ReportMonth(
        month=span.month,
        zone=policy.zone,
        policy=policy.policy_id,
        in_force=in_force,
        terms=_terms(policy),
        total_minutes=span.total_minutes,
        target=percent(target),
        allowed_minutes=_tenths(span.total_minutes * (1 - target)),
        as_of=format_instant(facts.as_of_ms),
        whole_days_before=_day_of(min(facts.as_of_ms, span.end_ms), policy.zone).isoformat(),
        statement_status=facts.statement_status,
        services=[
            _service(service, facts.summary.services[service], facts.states[service], facts.choice)
            for service in SERVICES
        ],
        platform=PlatformUptime(
            **_measured("platform", facts.summary.platform, facts.states["platform"], facts.choice)
        ),
        incidents=[_incident(service, one, span) for service in SERVICES for one in facts.incidents[service]],
        declarations=[
            ReportDeclaration(
                declaration_id=one.declaration_id,
                revision=one.revision,
                kind=one.kind,
                reason=one.reason,
                minutes=one.minutes,
            )
            for one in facts.summary.listed_declarations
        ],
        holes=[
            ReportHole(topic=one.topic, source=one.source, service=one.service, minutes=one.minutes)
            for one in facts.summary.manifest_holes
        ],
    )


def days_of(states: Sequence[int], span: MonthSpan, zone: str) -> list[ReportDay]:
    """The states of a month's minutes by local day; a day in which the clock changed is shorter or longer."""
    return [
        ReportDay(
            date=day.isoformat(),
            runs=list(_runs(states[(start_ms - span.start_ms) // MINUTE_MS : (end_ms - span.start_ms) // MINUTE_MS])),
        )
        for day, start_ms, end_ms in _local_days(span, zone)
    ]


def _service(service: Service, view: ServiceSummary, states: Sequence[int], choice: PolicyChoice) -> ServiceUptime:
    return ServiceUptime(
        **_measured(service, view, states, choice),
        missing_records=view.missing_records,
        unknown_records=view.unknown_records,
        corrected_records=view.corrected_in_our_favour,
        conflicts=view.conflicts,
        collisions=view.collisions,
        unnamed_records=view.unnamed_records,
        mended_records=view.mended_records,
        out_of_scope_ok=view.out_of_scope.ok,
        out_of_scope_failed=view.out_of_scope.failed,
        out_of_scope_down_minutes=view.out_of_scope_down_minutes,
        late_manifests=view.late_manifests,
        is_proven=view.source_completeness == "proven",
    )


def _measured(name: str, view: PlatformSummary, states: Sequence[int], choice: PolicyChoice) -> dict[str, Any]:
    """What a service and the platform have in common, as fields of `PlatformUptime`."""
    policy, _, span = choice
    target = guaranteed_uptime(policy)
    return {
        "service": name,
        **{field: getattr(view, field) for field in _MINUTES},
        "excluded": [
            Exclusion(kind=kind, clause=CLAUSES[kind], minutes=count) for kind, count in view.excluded_minutes.items()
        ],
        **{field: getattr(view, field) or "" for field in _PERCENTAGES},
        "credit_percent": view.credit_percent,
        "is_met": None if view.uptime is None else _is_met(view, policy, target),
        "is_certain": _reaches(view.uptime_low, target) == _reaches(view.uptime_high, target),
        "days": days_of(states, span, policy.zone),
    }


def _is_met(view: PlatformSummary, policy: Policy, target: Fraction) -> bool:
    """Whether the headline keeps the guarantee (M1, X5)."""
    excluded = sum(view.excluded_minutes.values()) if policy.excluded == "removed" else 0
    base = view.total_minutes - excluded
    return base - view.down_minutes >= target * base


def _reaches(shown: str | None, target: Fraction) -> bool:
    """Whether a bound does; it is rounded down, so that it never reaches a target that it misses (M1)."""
    return shown is not None and Fraction(shown) >= target * 100


def _terms(policy: Policy) -> Terms:
    credits_ = policy.commitments.credits
    return Terms(
        excluded_count_as_up=policy.excluded == "up",
        claim_days=credits_.claim_days,
        cap_percent=credits_.cap_percent,
    )


def _incident(service: Service, found: Incident, span: MonthSpan) -> ReportIncident:
    return ReportIncident(
        service=service,
        start=format_instant(found.start_ms),
        end=format_instant(found.end_ms),
        minutes=(min(found.end_ms, span.end_ms) - max(found.start_ms, span.start_ms)) // MINUTE_MS,
    )


def _tenths(minutes: Fraction) -> str:
    tenths = minutes.numerator * 10 // minutes.denominator
    return f"{tenths // 10}.{tenths % 10}"


def _runs(states: Sequence[int]) -> Iterator[StateRun]:
    first = 0
    for state, same in groupby(states):
        minutes = sum(1 for _ in same)
        yield StateRun(state=STATES[state], first=first, minutes=minutes)
        first += minutes


def _local_days(span: MonthSpan, zone: str) -> Iterator[tuple[date, int, int]]:
    """Each local day of the month, with where it begins and ends."""
    day, start_ms = date.fromisoformat(f"{span.month}-01"), span.start_ms
    while start_ms < span.end_ms:
        end_ms = _midnight_ms(day + _ONE_DAY, zone)
        yield day, start_ms, end_ms
        day, start_ms = day + _ONE_DAY, end_ms


def _midnight_ms(day: date, zone: str) -> int:
    # a midnight that the clock skips is the instant of the change, as for months (streams.rules.calendar)
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def _day_of(instant_ms: int, zone: str) -> date:
    return datetime.fromtimestamp(instant_ms // 1000, tz=ZoneInfo(zone)).date()
