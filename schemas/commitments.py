"""What a policy promises beside uptime, and how credits are claimed (contract M3, K1-K3, P1-P6).

Targets are shares of what was counted; limits are whole milliseconds. A service without a limit or a share is promised
nothing of that kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from schemas.account import SupportTier
from schemas.fields import Service
from schemas.holidays import is_known
from schemas.policy_values import (
    PolicyError,
    PolicyTable,
    Ratio,
    duration_minutes,
    duration_ms,
    greater,
    hours,
    limit_ms,
    ratio,
)
from schemas.ticket_event import Priority

Value = TypeVar("Value")
FileTerms = TypeVar("FileTerms")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms:
    """M3, K1-K3: the cap of a credit, what an incident is, how long it may be claimed, when a claim is answered."""

    cap_percent: int
    joined_minutes: int
    claim_ms: int
    answer_business_days: int
    holidays: str
    """The country, by ISO 3166, whose public holidays are no business days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceTerms:
    """P1-P5: limits by service, and the share that must keep within them."""

    response_ms: Mapping[Service, int]
    response_share: Ratio
    delivery_ms: Mapping[Service, int]
    delivery_time_share: Ratio
    delivery_share: Mapping[Service, Ratio]
    connect_ms: int
    connect_share: Ratio
    hd_share: Ratio
    template_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportTerms:
    """P6: first responses by tier and priority, and the hours in which a tier's clock runs; None: always."""

    hours: Mapping[SupportTier, tuple[int, int] | None]
    targets_ms: Mapping[SupportTier, Mapping[Priority, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitments:
    """All of it."""

    credits: CreditTerms
    performance: PerformanceTerms
    support: SupportTerms


class _Credits(PolicyTable, frozen=True, kw_only=True):
    cap_percent: Annotated[int, Meta(ge=0, le=100)]
    incident_joins: str
    claim_within: str
    answer_business_days: Annotated[int, Meta(ge=1, le=365)]
    holidays: Annotated[str, Meta(pattern="^[A-Z]{2}$")]


class _Performance(PolicyTable, frozen=True, kw_only=True):
    response_within: dict[Service, str]
    response_share: str
    delivery_within: dict[Service, str]
    delivery_time_share: str
    delivery_share: dict[Service, str]
    connect_within: str
    connect_share: str
    hd_share: str
    template_within: str


class _Support(PolicyTable, frozen=True, kw_only=True):
    hours: str
    critical: str
    high: str
    medium: str
    low: str


class CommitmentsFile(Struct, frozen=True, kw_only=True):
    """The tables of a policy's file that are read here."""

    credits: _Credits
    performance: _Performance
    support: dict[SupportTier, _Support]


def read_commitments(file_terms: CommitmentsFile) -> Commitments:
    """The promises of a file.

    Raises:
        PolicyError: a value that is none; names the key.
    """
    for tier in ("standard", "premium"):
        if tier not in file_terms.support:
            raise PolicyError(f"support.{tier} is missing")
    if not is_known(file_terms.credits.holidays):
        raise PolicyError(
            f"credits.holidays {file_terms.credits.holidays!r} is no country (ISO 3166) of which the library "
            "`holidays` lists public holidays"
        )
    return Commitments(
        credits=CreditTerms(
            cap_percent=file_terms.credits.cap_percent,
            joined_minutes=duration_minutes("credits.incident_joins", file_terms.credits.incident_joins),
            claim_ms=duration_ms("credits.claim_within", file_terms.credits.claim_within),
            answer_business_days=file_terms.credits.answer_business_days,
            holidays=file_terms.credits.holidays,
        ),
        performance=_performance(file_terms.performance),
        support=SupportTerms(
            hours={tier: _clock(tier, entry.hours) for tier, entry in file_terms.support.items()},
            targets_ms={tier: _targets_ms(tier, entry) for tier, entry in file_terms.support.items()},
        ),
    )


def lowered_performance_commitments(before: Commitments, after: Commitments) -> list[str]:
    """The fields by which `after` promises less than `before` (§10.2)."""
    lowered = {
        "credits.cap_percent": after.credits.cap_percent < before.credits.cap_percent,
        "credits.incident_joins": after.credits.joined_minutes < before.credits.joined_minutes,
        "credits.claim_within": after.credits.claim_ms < before.credits.claim_ms,
        "credits.answer_business_days": after.credits.answer_business_days > before.credits.answer_business_days,
        # Another country's holidays move answers to and fro.
        "credits.holidays": after.credits.holidays != before.credits.holidays,
        **_lowered_performance(before.performance, after.performance),
        **_lowered_support(before.support, after.support),
    }
    return [field for field, is_lower in lowered.items() if is_lower]


def _lowered_performance(before: PerformanceTerms, after: PerformanceTerms) -> dict[str, bool]:
    return {
        "performance.response_within": _any_worse(before.response_ms, after.response_ms, _slower),
        "performance.response_share": greater(before.response_share, after.response_share),
        "performance.delivery_within": _any_worse(before.delivery_ms, after.delivery_ms, _slower),
        "performance.delivery_time_share": greater(before.delivery_time_share, after.delivery_time_share),
        "performance.delivery_share": _any_worse(before.delivery_share, after.delivery_share, greater),
        "performance.connect_within": after.connect_ms > before.connect_ms,
        "performance.connect_share": greater(before.connect_share, after.connect_share),
        "performance.hd_share": greater(before.hd_share, after.hd_share),
        "performance.template_within": after.template_ms > before.template_ms,
    }


def _lowered_support(before: SupportTerms, after: SupportTerms) -> dict[str, bool]:
    return {
        "support.hours": _any_worse(before.hours, after.hours, _shorter),
        **{
            f"support.{tier}": _any_worse(targets_ms, after.targets_ms[tier], _slower)
            for tier, targets_ms in before.targets_ms.items()
        },
    }


def _any_worse(
    before: Mapping[FileTerms, Value], after: Mapping[FileTerms, Value], is_worse: Callable[[Value, Value], bool]
) -> bool:
    """Whether something that was promised is gone or worse."""
    return any(key not in after or is_worse(value, after[key]) for key, value in before.items())


def _slower(before: int, after: int) -> bool:
    return after > before


def _shorter(before: tuple[int, int] | None, after: tuple[int, int] | None) -> bool:
    if before is None or after is None:
        return before is None and after is not None
    return after[0] > before[0] or after[1] < before[1]


def _performance(file_terms: _Performance) -> PerformanceTerms:
    def limits(key: str, by_service: Mapping[Service, str]) -> Mapping[Service, int]:
        return {service: limit_ms(f"performance.{key}.{service}", text) for service, text in by_service.items()}

    return PerformanceTerms(
        response_ms=limits("response_within", file_terms.response_within),
        response_share=ratio("performance.response_share", file_terms.response_share),
        delivery_ms=limits("delivery_within", file_terms.delivery_within),
        delivery_time_share=ratio("performance.delivery_time_share", file_terms.delivery_time_share),
        delivery_share={
            service: ratio(f"performance.delivery_share.{service}", text)
            for service, text in file_terms.delivery_share.items()
        },
        connect_ms=limit_ms("performance.connect_within", file_terms.connect_within),
        connect_share=ratio("performance.connect_share", file_terms.connect_share),
        hd_share=ratio("performance.hd_share", file_terms.hd_share),
        template_ms=duration_ms("performance.template_within", file_terms.template_within),
    )


def _clock(tier: str, text: str) -> tuple[int, int] | None:
    return None if text == "always" else hours(f"support.{tier}.hours", text)


def _targets_ms(tier: str, file_terms: _Support) -> Mapping[Priority, int]:
    def target_ms(priority: Priority) -> int:
        return duration_ms(f"support.{tier}.{priority}", getattr(file_terms, priority))

    priorities: tuple[Priority, ...] = ("critical", "high", "medium", "low")
    return {priority: target_ms(priority) for priority in priorities}
