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
    failures_window: int
    """Minutes that V1 sums over, the minute itself included."""
    answer_within_us: int
    handover_within_ms: int
    pending_for_ms: int
    claims_are_unknown: bool
    """C7: else they are the operator's, whoever tells it."""
    grace_ms: int
    excluded_removed: bool
    broker_time_from_ms: int
    notice_ms: int
    usual_hours: tuple[int, int]
    """X1: the first minute of the local day that is usual, and the first that no longer is."""
    unusual_is_void: bool
    emergency_minutes: int
    evidence_within_ms: int
    silence_expected: int
    silence_busy: int
    silence_busy_minutes: int
    silence_images: int
    silence_weeks: int
    probe_minutes_before: int
    probe_minutes: int
    """B2: of how many minutes before a run without probes."""
    hole_max: int
    """B3: the minutes of a hole that count, and of those before it that are looked at."""
    hole_after: int
    lost_lead_ms: int
    late_manifest_ms: int
    tiers: tuple[tuple[Fraction, int], ...]
    holidays: str
    """K3: whose public holidays, as a country of ISO 3166."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSpan:
    """A month under a policy: its minutes since the epoch, [first, end)."""

    month: str
    policy: AuditPolicy
    first: int
    end: int

    @property
    def in_force(self) -> bool:
        """Whether the policy had taken effect when the month began (M5)."""
        return self.policy.effective_from_ms <= self.first * MINUTE_MS


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
    verdict, waiting = entries["verdict"], entries["waiting"]
    exclusions, blindness = entries["exclusions"], entries["blindness"]
    busy, images = _part(blindness["silence_busy"]), _part(blindness["silence_images"])
    return AuditPolicy(
        policy_id=entries["policy_id"],
        effective_from_ms=_instant_ms(entries["effective_from"]),
        zone=entries["zone"],
        failure_ratio=Fraction(verdict["failure_ratio"]),
        failures_at_least=verdict["failures_at_least"],
        failures_window=_minutes(verdict["failures_window"]),
        answer_within_us=_duration_ms(verdict["answer_within"]) * 1_000,
        claims_are_unknown=verdict["told_by_us"] == "unknown",
        grace_ms=_duration_ms(waiting["grace"]),
        handover_within_ms=_duration_ms(waiting["handover_within"]),
        pending_for_ms=_duration_ms(waiting["pending_for"]),
        broker_time_from_ms=_instant_ms(exclusions["broker_time_from"]),
        notice_ms=_duration_ms(exclusions["notice"]),
        usual_hours=_hours(exclusions["usual_hours"]),
        unusual_is_void=exclusions["outside_usual_hours"] == "void",
        emergency_minutes=exclusions["emergency_minutes"],
        evidence_within_ms=_duration_ms(exclusions["evidence_within"]),
        excluded_removed=exclusions["excluded"] == "removed",
        silence_expected=blindness["silence_expected"],
        silence_busy=busy[0],
        silence_busy_minutes=busy[1],
        silence_images=images[0],
        silence_weeks=images[1],
        probe_minutes_before=_part(blindness["probe_minutes_before"])[0],
        probe_minutes=_part(blindness["probe_minutes_before"])[1],
        hole_max=_minutes(blindness["hole_max"]),
        hole_after=_minutes(blindness["hole_after"]),
        lost_lead_ms=_duration_ms(blindness["lost_lead"]),
        late_manifest_ms=_duration_ms(blindness["late_manifest"]),
        tiers=tuple((Fraction(tier["uptime"]), tier["credit_percent"]) for tier in entries["tiers"]),
        holidays=entries["credits"]["holidays"],
    )


def _instant_ms(content: object) -> int:
    instant_ms = read_instant(content)
    if instant_ms is None:
        raise ValueError(f"{content!r} is no instant")
    return instant_ms


def _part(content: str) -> tuple[int, int]:
    """`20 of 30`."""
    least, _, of = content.partition(" of ")
    return int(least), int(of)


def _hours(content: str) -> tuple[int, int]:
    """`02:00-05:00` as minutes of the day."""
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in content.split("-"))
    return first, last


def _minutes(content: str) -> int:
    return _duration_ms(content) // MINUTE_MS


def _duration_ms(content: str) -> int:
    number = content.rstrip("smhd")
    return int(number) * _UNITS_MS[content.removeprefix(number)]
