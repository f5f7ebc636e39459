"""The numbers of the contract, from the files below `schemas/policies`, and the month they apply to (T3, M5)."""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from streams.audit.instants import MINUTE_MS, read_instant
from streams.core.errors import Code, UsageError, ZectoError

_UNITS_MS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH: Final = re.compile(r"1999-12|20[0-9]{2}-(?:0[1-9]|1[0-2])|2100-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """What the SLA leaves open, as integers and fractions; tiers are (least uptime, credit percent), highest first."""

    policy_id: str
    effective_from_ms: int
    zone: str
    failure_ratio: Fraction
    failures_at_least: int
    grace_ms: int
    receipt_wait_ms: int
    maintenance_notice_ms: int
    unproven_is_void: bool
    emergency_minutes: int
    excluded_removed: bool
    silence_expected: int
    silence_minutes_before: int
    silence_max_minutes: int
    hole_max_minutes: int
    lost_lead_ms: int
    blind_tolerance: Fraction
    tiers: tuple[tuple[Fraction, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSpan:
    """A month under a policy: its minutes since the epoch, [first, end)."""

    month: str
    policy: AuditPolicy
    first: int
    end: int

    @property
    def in_force(self) -> bool:
        """Whether the policy had taken effect before the month was over (M5)."""
        return self.policy.effective_from_ms < self.end * MINUTE_MS


def read_policies() -> list[AuditPolicy]:
    """The policies that the project ships, by effective date."""
    found = [entry for entry in (files("schemas") / "policies").iterdir() if entry.name.endswith(".toml")]
    return sorted(
        (parse_policy(entry.read_text("utf-8"), entry.name) for entry in found),
        key=lambda policy: policy.effective_from_ms,
    )


def policy_hashes() -> dict[str, str]:
    """SHA-256 of each policy's file, by its id."""
    found = [entry for entry in (files("schemas") / "policies").iterdir() if entry.name.endswith(".toml")]
    return {
        parse_policy(entry.read_text("utf-8"), entry.name).policy_id: hashlib.sha256(entry.read_bytes()).hexdigest()
        for entry in found
    }


def choose_span(month: str, policy_id: str | None, policies: list[AuditPolicy]) -> AuditSpan:
    """The month under the policy named, else under the one effective at its start, else under the first (M5).

    Raises:
        UsageError: no such month or policy.
    """
    if not _MONTH.fullmatch(month):
        raise UsageError(f"{month!r} is no month from 1999-12 to 2100-01, written as YYYY-MM")
    if policy_id is not None:
        for policy in policies:
            if policy.policy_id == policy_id:
                return span_of(month, policy)
        raise UsageError(f"no policy {policy_id}; there are {', '.join(policy.policy_id for policy in policies)}")
    spans = [span_of(month, policy) for policy in policies]
    begun = [span for span in spans if span.policy.effective_from_ms <= span.first * MINUTE_MS]
    return begun[-1] if begun else spans[0]


def span_of(month: str, policy: AuditPolicy) -> AuditSpan:
    """The calendar month in the policy's zone (T3)."""
    year, number = int(month[:4]), int(month[5:])
    following = (year, number + 1) if number < 12 else (year + 1, 1)  # noqa: PLR2004  months a year
    return AuditSpan(
        month=month,
        policy=policy,
        first=_first_minute(year, number, policy.zone),
        end=_first_minute(*following, policy.zone),
    )


def _first_minute(year: int, month: int, zone: str) -> int:
    # A midnight that a clock change skips is, read with fold 0, the instant of the change.
    return (datetime(year, month, 1, tzinfo=ZoneInfo(zone)) - _EPOCH) // timedelta(minutes=1)


def parse_policy(content: str, name: str) -> AuditPolicy:
    """One policy from the text of its file.

    Raises:
        ZectoError: it cannot be read; names the file.
    """
    try:
        return _policy(tomllib.loads(content))
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ZectoError(f"policies/{name}: {error!r}", code=Code.DATA_FILE_UNUSABLE) from error


def _policy(entries: dict[str, Any]) -> AuditPolicy:
    waiting, exclusions, blindness = entries["waiting"], entries["exclusions"], entries["blindness"]
    effective_from_ms = read_instant(entries["effective_from"])
    if effective_from_ms is None:
        raise ValueError("effective_from is no instant")
    return AuditPolicy(
        policy_id=entries["policy_id"],
        effective_from_ms=effective_from_ms,
        zone=entries["zone"],
        failure_ratio=Fraction(entries["verdict"]["failure_ratio"]),
        failures_at_least=entries["verdict"]["failures_at_least"],
        grace_ms=_duration_ms(waiting["grace"]),
        receipt_wait_ms=_duration_ms(waiting["receipt_wait"]),
        maintenance_notice_ms=_duration_ms(exclusions["maintenance_notice"]),
        unproven_is_void=exclusions["unproven_notice"] == "void",
        emergency_minutes=exclusions["emergency_minutes"],
        excluded_removed=exclusions["excluded"] == "removed",
        silence_expected=blindness["silence_expected"],
        silence_minutes_before=blindness["silence_minutes_before"],
        silence_max_minutes=_duration_ms(blindness["silence_max"]) // MINUTE_MS,
        hole_max_minutes=_duration_ms(blindness["hole_max"]) // MINUTE_MS,
        lost_lead_ms=_duration_ms(blindness["lost_lead"]),
        blind_tolerance=Fraction(blindness["tolerance"]),
        tiers=tuple((Fraction(tier["uptime"]), tier["credit_percent"]) for tier in entries["tiers"]),
    )


def _duration_ms(content: str) -> int:
    number = content.rstrip("smhd")
    return int(number) * _UNITS_MS[content.removeprefix(number)]
