"""The numbers of a policy that the rules over arrays read, one field each; no rule holds one of its own."""

from dataclasses import dataclass
from typing import Literal

from schemas.policies import Policy, Ratio, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPolicy:
    """What the SLA leaves open, as far as a month is judged by it; each field names its rule.

    `_ms` are milliseconds, `_minutes` whole minutes. `tiers` are highest first, and the last takes every uptime.
    """

    zone: str
    """T3: whose calendar months and hours are meant, by its name in the tz database."""
    failure_ratio: Ratio
    """V1: r; a minute is bad above it, not at it."""
    failures_at_least: int
    """V1: failures in the window that make a ratio above r count."""
    failures_window_minutes: int
    """V1: the minutes summed, the minute itself included; at least 1."""
    pending_for_ms: int
    """C3: how long a final receipt is waited for."""
    told_by_us: Literal["unknown", "operator"]
    """C7: what an operator's failure is that only the platform tells and no window vouches for."""
    grace_ms: int
    """B5: how far the frontier passes a minute's end before the minute is decided."""
    tiers: tuple[Tier, ...]
    """M2: the credit by uptime."""
    excluded: Literal["up", "removed"]
    """X5: whether excluded minutes count as up, or are taken out of T."""
    broker_time_from_ms: int
    """X: for windows that start earlier, `announced_at` is believed."""
    notice_ms: int
    """X1: how long before its start scheduled maintenance is declared."""
    usual_hours: tuple[int, int]
    """X1: first minute of the local day at which maintenance is usual, and the first at which it no longer is."""
    outside_usual_hours: Literal["void", "excludes"]
    """X1: what maintenance outside of them is."""
    emergency_minutes: int
    """X2: minutes of a calendar month that emergency maintenance can excuse."""
    evidence_within_ms: int
    """X3: how long after a minute another's fault may be declared."""
    silence_expected: int
    """B2: records that were to be expected in a silence, at least."""
    silence_busy: int
    """B2: active minutes, before and from an image on, that make it busy."""
    silence_busy_minutes: int
    """B2: the minutes before an image, and from it on, that are looked at."""
    silence_images: int
    """B2: busy images that make a minute silent."""
    silence_weeks: int
    """B2: how many weeks are looked back; at least 2."""
    probe_minutes_before: int
    """B2: minutes with a probe, before a run without any, that put the run in doubt."""
    probe_minutes: int
    """B2: the minutes before such a run that are looked at."""
    hole_max_minutes: int
    """B3: the minutes of a hole that count, and those before it that are looked at."""
    hole_after_minutes: int
    """B3: minutes with a manifest, of those before a hole, without which it is none."""
    lost_lead_ms: int
    """B3: how far before the last record read offsets are taken for lost."""
    late_manifest_ms: int
    """B3: a manifest that reaches the broker so long after its minute is late."""


def month_policy(policy: Policy) -> MonthPolicy:
    """What of a policy's numbers the rules over arrays read."""
    return MonthPolicy(
        zone=policy.zone,
        failure_ratio=policy.failure_ratio,
        failures_at_least=policy.failures_at_least,
        failures_window_minutes=policy.failures_window_minutes,
        pending_for_ms=policy.pending_for_ms,
        told_by_us=policy.told_by_us,
        grace_ms=policy.grace_ms,
        tiers=policy.tiers,
        excluded=policy.excluded,
        broker_time_from_ms=policy.broker_time_from_ms,
        notice_ms=policy.notice_ms,
        usual_hours=policy.usual_hours,
        outside_usual_hours=policy.outside_usual_hours,
        emergency_minutes=policy.emergency_minutes,
        evidence_within_ms=policy.evidence_within_ms,
        silence_expected=policy.silence_expected,
        silence_busy=policy.silence_busy.least,
        silence_busy_minutes=policy.silence_busy.of,
        silence_images=policy.silence_images.least,
        silence_weeks=policy.silence_images.of,
        probe_minutes_before=policy.probe_minutes_before.least,
        probe_minutes=policy.probe_minutes_before.of,
        hole_max_minutes=policy.hole_max_minutes,
        hole_after_minutes=policy.hole_after_minutes,
        lost_lead_ms=policy.lost_lead_ms,
        late_manifest_ms=policy.late_manifest_ms,
    )
