"""Policies: what the SLA leaves open or may change, as numbers (docs/reference/contract.md, every `(chosen)`).

A policy is one TOML file. Durations are written as `60s`, `5m`, `72h` or `30d`, ratios as `1/100`; read, they are whole
milliseconds, minutes or pairs of integers, so that no rule ever touches a float. Field names are those of the table
`policies`, instants with `_ms` behind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from schemas.commitments import Commitments, CommitmentsFile, lowered_performance_commitments, read_commitments
from schemas.policy_values import (
    DAY_MS,
    LONGEST_MINUTES,
    PolicyError,
    PolicyTable,
    Ratio,
    duration_minutes,
    duration_ms,
    greater,
    hours,
    instant_ms,
    ratio,
    zone,
)

__all__ = [
    "Policy",
    "PolicyError",
    "Ratio",
    "Tier",
    "credit_percent",
    "lowered_commitments",
    "order_policies",
    "parse_policy",
]

_NOTICE_DAYS: Final = 30
_UINT32_MAX: Final = 4_294_967_295

_UInt32 = Annotated[int, Meta(ge=0, le=_UINT32_MAX)]
_Percent = Annotated[int, Meta(ge=0, le=100)]


class Tier(NamedTuple):
    """Credit for an uptime of at least numerator/denominator (M2)."""

    numerator: int
    denominator: int
    credit_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the contract's numbers; tiers are highest first, and the last takes every uptime."""

    policy_id: str
    effective_from_ms: int
    published_at_ms: int
    zone: str
    failure_ratio: Ratio
    failures_at_least: int
    grace_ms: int
    receipt_wait_ms: int
    maintenance_notice_ms: int
    unproven_notice: Literal["excludes", "void"]
    usual_hours: tuple[int, int]
    """First minute of the local day at which maintenance is usual, and the first at which it no longer is."""
    emergency_minutes: int
    silence_expected: int
    silence_minutes_before: int
    silence_max_minutes: int
    hole_max_minutes: int
    lost_lead_ms: int
    blind_tolerance: Ratio
    excluded: Literal["up", "removed"]
    tiers: tuple[Tier, ...]
    commitments: Commitments
    """What is promised beside uptime, and how credits are claimed."""


class _Verdict(PolicyTable, frozen=True, kw_only=True):
    failure_ratio: str
    failures_at_least: Annotated[int, Meta(ge=1, le=_UINT32_MAX)]


class _Waiting(PolicyTable, frozen=True, kw_only=True):
    grace: str
    receipt_wait: str


class _Exclusions(PolicyTable, frozen=True, kw_only=True):
    maintenance_notice: str
    unproven_notice: Literal["excludes", "void"]
    usual_hours: str
    emergency_minutes: _UInt32
    excluded: Literal["up", "removed"]


class _Blindness(PolicyTable, frozen=True, kw_only=True):
    silence_expected: Annotated[int, Meta(ge=1, le=_UINT32_MAX)]
    silence_minutes_before: Annotated[int, Meta(ge=1, le=LONGEST_MINUTES)]
    silence_max: str
    hole_max: str
    lost_lead: str
    tolerance: str


class _TierEntry(PolicyTable, frozen=True, kw_only=True):
    uptime: str
    credit_percent: _Percent


class _PolicyFile(CommitmentsFile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    policy_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)")]
    effective_from: str
    published_at: str
    zone: str
    verdict: _Verdict
    waiting: _Waiting
    exclusions: _Exclusions
    blindness: _Blindness
    tiers: Annotated[list[_TierEntry], Meta(min_length=1)]


def parse_policy(text: str, file: str) -> Policy:
    """One policy from the text of its file.

    Raises:
        PolicyError: not TOML, a key missing, unknown or out of bounds; names the file and the key.
    """
    try:
        entries = msgspec.toml.decode(text, type=_PolicyFile)
        return _policy(entries)
    except RecursionError as error:
        raise PolicyError(f"{file}: it nests too deep") from error
    except (msgspec.DecodeError, ValueError, ArithmeticError) as error:
        raise PolicyError(f"{file}: {error}") from error


def order_policies(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """Policies by effective date, checked against each other (M5, §10.2).

    Raises:
        PolicyError: no policy, one id or date twice, or a commitment lowered with less than 30 days' notice.
    """
    ordered = tuple(sorted(policies, key=lambda policy: policy.effective_from_ms))
    if not ordered:
        raise PolicyError("there is no policy")
    if len({policy.policy_id for policy in ordered}) < len(ordered):
        raise PolicyError("two policies have the same policy_id")
    for before, after in pairwise(ordered):
        _check_succession(before, after)
    return ordered


def lowered_commitments(before: Policy, after: Policy) -> list[str]:
    """The fields by which `after` promises less than `before`: what it counts later, excuses more or credits less."""
    lowered = {
        "failure_ratio": greater(after.failure_ratio, before.failure_ratio),
        "failures_at_least": after.failures_at_least > before.failures_at_least,
        "maintenance_notice": after.maintenance_notice_ms < before.maintenance_notice_ms,
        "unproven_notice": (before.unproven_notice, after.unproven_notice) == ("void", "excludes"),
        "emergency_minutes": after.emergency_minutes > before.emergency_minutes,
        "excluded": (before.excluded, after.excluded) == ("removed", "up"),
        "silence_expected": after.silence_expected > before.silence_expected,
        "silence_minutes_before": after.silence_minutes_before != before.silence_minutes_before,
        "silence_max": after.silence_max_minutes < before.silence_max_minutes,
        "hole_max": after.hole_max_minutes < before.hole_max_minutes,
        "lost_lead": after.lost_lead_ms < before.lost_lead_ms,
        "tolerance": greater(after.blind_tolerance, before.blind_tolerance),
        "tiers": _credits_less(before.tiers, after.tiers),
        # Another zone moves every month's border, to whose good cannot be told.
        "zone": after.zone != before.zone,
    }
    return [field for field, is_lower in lowered.items() if is_lower] + lowered_performance_commitments(
        before.commitments, after.commitments
    )


def credit_percent(tiers: Iterable[Tier], numerator: int, denominator: int) -> int:
    """The credit for an uptime of numerator/denominator: that of the first tier it reaches (M2)."""
    for tier in tiers:
        if numerator * tier.denominator >= tier.numerator * denominator:
            return tier.credit_percent
    raise PolicyError("tiers: the last one must take every uptime")


def _check_succession(before: Policy, after: Policy) -> None:
    if before.effective_from_ms == after.effective_from_ms:
        raise PolicyError(f"{before.policy_id} and {after.policy_id} take effect at the same instant")
    lowered = lowered_commitments(before, after)
    if lowered and after.effective_from_ms - after.published_at_ms < _NOTICE_DAYS * DAY_MS:
        raise PolicyError(
            f"{after.policy_id} lowers {', '.join(lowered)} of {before.policy_id}: "
            f"effective_from must be at least {_NOTICE_DAYS} days after published_at (§10.2)"
        )


def _policy(entries: _PolicyFile) -> Policy:
    return Policy(
        policy_id=entries.policy_id,
        effective_from_ms=instant_ms("effective_from", entries.effective_from),
        published_at_ms=instant_ms("published_at", entries.published_at),
        zone=zone(entries.zone),
        failure_ratio=ratio("verdict.failure_ratio", entries.verdict.failure_ratio),
        failures_at_least=entries.verdict.failures_at_least,
        grace_ms=duration_ms("waiting.grace", entries.waiting.grace),
        receipt_wait_ms=duration_ms("waiting.receipt_wait", entries.waiting.receipt_wait),
        maintenance_notice_ms=duration_ms("exclusions.maintenance_notice", entries.exclusions.maintenance_notice),
        unproven_notice=entries.exclusions.unproven_notice,
        usual_hours=hours("exclusions.usual_hours", entries.exclusions.usual_hours),
        emergency_minutes=entries.exclusions.emergency_minutes,
        silence_expected=entries.blindness.silence_expected,
        silence_minutes_before=entries.blindness.silence_minutes_before,
        silence_max_minutes=duration_minutes("blindness.silence_max", entries.blindness.silence_max),
        hole_max_minutes=duration_minutes("blindness.hole_max", entries.blindness.hole_max),
        lost_lead_ms=duration_ms("blindness.lost_lead", entries.blindness.lost_lead),
        blind_tolerance=ratio("blindness.tolerance", entries.blindness.tolerance),
        excluded=entries.exclusions.excluded,
        tiers=_tiers(entries.tiers),
        commitments=read_commitments(entries),
    )


def _tiers(entries: list[_TierEntry]) -> tuple[Tier, ...]:
    tiers = tuple(Tier(*ratio("tiers.uptime", entry.uptime), entry.credit_percent) for entry in entries)
    for higher, lower in pairwise(tiers):
        if not greater(Ratio(higher[0], higher[1]), Ratio(lower[0], lower[1])):
            raise PolicyError("tiers: uptime must fall from one to the next")
    if tiers[-1].numerator != 0:
        raise PolicyError("tiers: the last one must have uptime 0/1, so that every uptime has a tier")
    return tiers


def _credits_less(before: tuple[Tier, ...], after: tuple[Tier, ...]) -> bool:
    # Both are steps that hold from a tier's uptime up to the next, so looking at every step's foot is looking at all.
    return any(
        credit_percent(after, tier.numerator, tier.denominator)
        < credit_percent(before, tier.numerator, tier.denominator)
        for tier in (*before, *after)
    )
