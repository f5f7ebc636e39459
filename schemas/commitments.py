"""What a policy promises beside uptime, and how credits are claimed (contract M3, K2-K4, P1-P6).

Targets are shares of what was counted; limits are whole milliseconds. A service without a limit or a share is promised
nothing of that kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from schemas.account import SupportTier
from schemas.commitments_file import PerformanceTable, SupportTable
from schemas.fields import Service
from schemas.holidays import is_known
from schemas.policy_file import PolicyFile
from schemas.policy_values import PolicyError, Ratio, greater, hours, limit_ms, ratio, waited_ms
from schemas.ticket_event import Priority

Value = TypeVar("Value")
FileTerms = TypeVar("FileTerms")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms:
    """M3, K2-K4: the cap of a credit, how long it may be claimed, when a claim is answered and a credit stands."""

    cap_percent: int
    """M3: the most of an account's fees of the month."""
    claim_days: int
    """K2: local days after that on which an incident ended."""
    answer_days: int
    """K3: business days after submission."""
    complete_by_ms: int
    """K2: so long after its end a month is complete for claims."""
    lowers_until: Literal["invoice"]
    """K4: until when a restatement can lower a credit."""
    holidays: str
    """The country, by ISO 3166, whose public holidays are no business days (K3) and no silence (B2)."""


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


def read_commitments(file_terms: PolicyFile) -> Commitments:
    """The promises of a file.

    Raises:
        PolicyError: a value that is none; names the key.
    """
    for tier in ("standard", "premium"):
        if tier not in file_terms.support:
            raise PolicyError(f"support.{tier} is missing: add its hours and targets")
    if not is_known(file_terms.credits.holidays):
        raise PolicyError(
            f"credits.holidays {file_terms.credits.holidays!r} is no country (ISO 3166) of which the library "
            "`holidays` lists public holidays: write one such as PK"
        )
    return Commitments(
        credits=CreditTerms(
            cap_percent=file_terms.credits.cap_percent,
            claim_days=file_terms.credits.claim_days,
            answer_days=file_terms.credits.answer_days,
            complete_by_ms=waited_ms("credits.complete_by", file_terms.credits.complete_by),
            lowers_until=file_terms.credits.lowers_until,
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
        "credits.claim_days": after.credits.claim_days < before.credits.claim_days,
        "credits.answer_days": after.credits.answer_days > before.credits.answer_days,
        "credits.complete_by": after.credits.complete_by_ms > before.credits.complete_by_ms,
        # Another country's holidays move answers, and minutes that may be silent, to and fro.
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


def _performance(file_terms: PerformanceTable) -> PerformanceTerms:
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
        template_ms=waited_ms("performance.template_within", file_terms.template_within),
    )


def _clock(tier: str, text: str) -> tuple[int, int] | None:
    return None if text == "always" else hours(f"support.{tier}.hours", text)


def _targets_ms(tier: str, file_terms: SupportTable) -> Mapping[Priority, int]:
    def target_ms(priority: Priority) -> int:
        return waited_ms(f"support.{tier}.{priority}", getattr(file_terms, priority))

    priorities: tuple[Priority, ...] = ("critical", "high", "medium", "low")
    return {priority: target_ms(priority) for priority in priorities}
