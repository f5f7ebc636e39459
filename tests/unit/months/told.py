"""Months made by hand: numbers of services and of the platform, nothing of which is remarkable unless it is named."""

from typing import Any

from msgspec.structs import replace

from schemas.fields import SERVICES
from schemas.reference import policies
from streams.months.month import MonthSummary, OutOfScope, PlatformSummary, ServiceSummary
from streams.rules.policy import PolicyChoice, apply_policy

MINUTES = 43_200
_PERCENTAGES = ("uptime", "uptime_low", "uptime_low_lost", "uptime_high", "credit_uptime")


def choice(month: str = "2026-09") -> PolicyChoice:
    """A month under the first policy."""
    return apply_policy(month, policies()[0])


def platform(**numbers: Any) -> PlatformSummary:  # noqa: ANN401  the struct's own types
    """The platform's numbers."""
    return PlatformSummary(**_measured() | numbers)


def service(**numbers: Any) -> ServiceSummary:  # noqa: ANN401
    """A service's numbers."""
    records: dict[str, Any] = dict.fromkeys(ServiceSummary.__struct_fields__, 0)
    texts = {"mended_records": {}, "out_of_scope": OutOfScope(ok=0, failed=0), "source_completeness": "proven"}
    return ServiceSummary(**records | texts | _measured() | numbers)


def unobserved() -> ServiceSummary:
    """A service of which nothing speaks (M2)."""
    none = dict.fromkeys((*_PERCENTAGES, "credit_percent"))
    return service(**none, unobserved=True, good_minutes=0, idle_minutes=MINUTES)


def month(name: str = "2026-09", services: dict[str, ServiceSummary] | None = None, **fields: Any) -> MonthSummary:  # noqa: ANN401
    """A month; services that are not named kept every minute."""
    chosen = choice(name)
    found = MonthSummary(
        month=name,
        policy=chosen.policy.policy_id,
        in_force=True,
        zone=chosen.policy.zone,
        complete=True,
        incomplete_because=[],
        services={one: service() for one in SERVICES} | (services or {}),
        platform=platform(),
        listed_declarations=[],
        manifest_holes=[],
        plan_mismatch=[],
        account_backdated=[],
    )
    return replace(found, **fields)


def _measured() -> dict[str, Any]:
    zeros: dict[str, Any] = dict.fromkeys(PlatformSummary.__struct_fields__, 0)
    shares = dict.fromkeys(_PERCENTAGES, "100.0000")
    minutes = {"total_minutes": MINUTES, "good_minutes": MINUTES, "excluded_minutes": {}}
    return zeros | shares | minutes | {"unobserved": False}
