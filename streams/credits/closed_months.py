"""Closed months as claims are held against them: tiers, and incidents across the months' borders (K1, K2, M2, M5)."""

from collections.abc import Callable, Iterable

from schemas.fields import SERVICES, Service
from schemas.policies import Policy
from streams.rules.amounts_due import ClosedMonth, ServiceTier
from streams.rules.calendar import MonthSpan, month_of
from streams.rules.incidents import Incident, incidents
from streams.rules.policy import PolicyChoice, apply_policy
from streams.statements.replay import StatedMonth

Stated = Callable[[str, str], StatedMonth | None]
"""The month and policy as they are effective; None: not closed."""


class ClosedMonthReader:
    """Reads each month once, and works it out once."""

    def __init__(self, stated: Stated) -> None:
        self._read = stated
        self._stated: dict[tuple[str, str], StatedMonth | None] = {}
        self._months: dict[tuple[str, str], ClosedMonth] = {}

    def month(self, choice: PolicyChoice) -> ClosedMonth:
        """A month under a policy; a month that is not closed is not complete, and keeps every claim waiting.

        A month that was not in force credits nothing (M5).
        """
        place = (choice.span.month, choice.policy.policy_id)
        if place not in self._months:
            self._months[place] = self._closed(choice)
        return self._months[place]

    def _closed(self, choice: PolicyChoice) -> ClosedMonth:
        span, policy = choice.span, choice.policy
        here = self._of(span.month, policy)
        if here is None:
            unknown = {service: ServiceTier(percent=0, incidents=()) for service in SERVICES}
            return ClosedMonth(span=span, complete=False, statement=0, services=unknown)
        return ClosedMonth(
            span=span,
            complete=True,
            statement=here.number,
            services={
                service: ServiceTier(
                    percent=here.percents[service] if choice.in_force else 0,
                    incidents=self._incidents(service, span, policy),
                )
                for service in SERVICES
            },
        )

    def _incidents(self, service: Service, span: MonthSpan, policy: Policy) -> list[Incident]:
        # What goes on beyond a border is one incident (K1), as far as the month there is closed, too.
        around = [month_of(span.start_ms - 1, policy.zone), span.month, month_of(span.end_ms, policy.zone)]
        minutes = [at_ms for month in around for at_ms in self._bad_minutes(month, service, policy)]
        found = incidents(minutes, joined_minutes=policy.commitments.credits.joined_minutes)
        return [incident for incident in found if _has_minute_in(incident.minutes_ms, span)]

    def _bad_minutes(self, month: str, service: Service, policy: Policy) -> list[int]:
        """Down minutes, and blind ones where the month has more of these than are tolerated (M2)."""
        stated = self._of(month, policy)
        if stated is None:
            return []
        total = apply_policy(month, policy).span.total_minutes
        blind = stated.minutes_ms(service, "blind")
        tolerance = policy.blind_tolerance
        if len(blind) * tolerance.denominator > tolerance.numerator * total:
            return [*stated.minutes_ms(service, "down"), *blind]
        return stated.minutes_ms(service, "down")

    def _of(self, month: str, policy: Policy) -> StatedMonth | None:
        place = (month, policy.policy_id)
        if place not in self._stated:
            self._stated[place] = self._read(*place)
        return self._stated[place]


def _has_minute_in(minutes_ms: Iterable[int], span: MonthSpan) -> bool:
    return any(span.start_ms <= at_ms < span.end_ms for at_ms in minutes_ms)
