"""The numbers of the contract's second edition, one field each; no rule of this package holds one of its own."""

from dataclasses import dataclass
from typing import Literal

from schemas.policies import Ratio, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPolicy:
    """What the SLA leaves open, as the table at the end of the contract has it; each field names its rule.

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
    answer_within_ms: int
    """C2: what comes later is no answer."""
    handover_within_ms: int
    """C3: how long a message may wait for its carrier."""
    pending_for_ms: int
    """C3: how long a final receipt is waited for."""
    claimed_counts_as: Literal["unknown", "operator"]
    """C7: what an operator's failure is that only the platform tells and no window vouches for."""
    grace_ms: int
    """B5: how far the frontier passes a minute's end before the minute is decided."""
    tiers: tuple[Tier, ...]
    """M2: the credit by uptime."""
    cap_percent: int
    """M3: the most that an account is credited, of its fees of the month."""
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
    """B2: minutes with a probe, of the hour before a run without any, that put the run in doubt."""
    hole_max_minutes: int
    """B3: the minutes of a hole that count, and those before it that are looked at."""
    hole_after_minutes: int
    """B3: minutes with a manifest, of those before a hole, without which it is none."""
    lost_lead_ms: int
    """B3: how far before the last record read offsets are taken for lost."""
    late_manifest_ms: int
    """B3: a manifest that reaches the broker so long after its minute is late."""
    complete_by_ms: int
    """K2: so long after its end a month is complete for claims, come what may."""
    claim_days: int
    """K2: local days after an incident's in which it can be claimed."""
    answer_business_days: int
    """K3: business days in which a claim is answered."""
    lowers_until: Literal["invoice"]
    """K4: until when a restatement can lower a credit."""
