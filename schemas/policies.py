"""Policies: what the SLA leaves open or may change, as numbers (docs/reference/policy-fields.md).

A policy is one TOML file. Durations are written as `60s`, `5m`, `72h` or `30d`, ratios as `1/100`; read, they are whole
milliseconds, minutes or pairs of integers, so that no rule ever touches a float.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import msgspec

from schemas.commitments import Commitments, read_commitments
from schemas.commitments_file import TierEntry
from schemas.policy_file import PolicyFile
from schemas.policy_refusals import in_words, refuse_what_is_gone
from schemas.policy_values import (
    PartOf,
    PolicyError,
    Ratio,
    duration_minutes,
    duration_ms,
    greater,
    hours,
    instant_ms,
    part,
    ratio,
    waited_ms,
    zone,
)

__all__ = ["PartOf", "Policy", "PolicyError", "Ratio", "Tier", "credit_percent", "parse_policy"]

_DAY_MINUTES: Final = 1_440
_YEAR_WEEKS: Final = 52


class Tier(NamedTuple):
    """Credit for a credit uptime of at least numerator/denominator (M2)."""

    numerator: int
    denominator: int
    credit_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the contract's numbers; tiers are highest first, and the last takes every uptime.

    `_ms` are milliseconds, `_minutes` whole minutes. What each does stands in docs/reference/policy-fields.md.
    """

    policy_id: str
    effective_from_ms: int
    published_at_ms: int
    zone: str
    failure_ratio: Ratio
    failures_at_least: int
    failures_window_minutes: int
    answer_within_ms: int
    told_by_us: Literal["unknown", "operator"]
    grace_ms: int
    handover_within_ms: int
    pending_for_ms: int
    broker_time_from_ms: int
    notice_ms: int
    usual_hours: tuple[int, int]
    """First minute of the local day at which maintenance is usual, and the first at which it no longer is."""
    outside_usual_hours: Literal["void", "excludes"]
    emergency_minutes: int
    evidence_within_ms: int
    excluded: Literal["removed", "up"]
    silence_expected: int
    silence_busy: PartOf
    """Active minutes that make an image busy, of so many before it and from it on."""
    silence_images: PartOf
    """Busy images that make a minute silent, of so many weeks."""
    probe_minutes_before: PartOf
    """Minutes with a probe, of so many before a run without, that put the run in doubt."""
    hole_max_minutes: int
    hole_after_minutes: int
    lost_lead_ms: int
    late_manifest_ms: int
    tiers: tuple[Tier, ...]
    commitments: Commitments
    """Commitments beside uptime, and how credits are claimed."""


def parse_policy(text: str, file: str) -> Policy:
    """One policy from the text of its file.

    Raises:
        PolicyError: not TOML, a key missing, unknown, gone since the first edition or out of bounds, or two that
            contradict each other; names the file and the key, in one line.
    """
    try:
        entries = tomllib.loads(text)
        refuse_what_is_gone(entries)
        return _checked(_policy(msgspec.convert(entries, type=PolicyFile)))
    except RecursionError as error:
        raise PolicyError(f"{file}: it nests too deep") from error
    except msgspec.ValidationError as error:
        raise PolicyError(f"{file}: {in_words(error)}") from error
    except (ValueError, ArithmeticError) as error:
        raise PolicyError(f"{file}: {error}") from error


def credit_percent(tiers: Iterable[Tier], numerator: int, denominator: int) -> int:
    """The credit for an uptime of numerator/denominator: that of the first tier it reaches (M2)."""
    for tier in tiers:
        if numerator * tier.denominator >= tier.numerator * denominator:
            return tier.credit_percent
    raise PolicyError("tiers: the last one must take every uptime")


def _policy(entries: PolicyFile) -> Policy:
    verdict, waiting, exclusions, unknown = entries.verdict, entries.waiting, entries.exclusions, entries.blindness
    return Policy(
        policy_id=entries.policy_id,
        effective_from_ms=instant_ms("effective_from", entries.effective_from),
        published_at_ms=instant_ms("published_at", entries.published_at),
        zone=zone(entries.zone),
        failure_ratio=ratio("verdict.failure_ratio", verdict.failure_ratio),
        failures_at_least=verdict.failures_at_least,
        failures_window_minutes=duration_minutes("verdict.failures_window", verdict.failures_window, most=_DAY_MINUTES),
        answer_within_ms=waited_ms("verdict.answer_within", verdict.answer_within),
        told_by_us=verdict.told_by_us,
        grace_ms=duration_ms("waiting.grace", waiting.grace),
        handover_within_ms=waited_ms("waiting.handover_within", waiting.handover_within),
        pending_for_ms=waited_ms("waiting.pending_for", waiting.pending_for),
        broker_time_from_ms=instant_ms("exclusions.broker_time_from", exclusions.broker_time_from),
        notice_ms=duration_ms("exclusions.notice", exclusions.notice),
        usual_hours=hours("exclusions.usual_hours", exclusions.usual_hours),
        outside_usual_hours=exclusions.outside_usual_hours,
        emergency_minutes=exclusions.emergency_minutes,
        evidence_within_ms=duration_ms("exclusions.evidence_within", exclusions.evidence_within),
        excluded=exclusions.excluded,
        silence_expected=unknown.silence_expected,
        silence_busy=part("blindness.silence_busy", unknown.silence_busy, of_at_most=_DAY_MINUTES),
        silence_images=part("blindness.silence_images", unknown.silence_images, of_at_least=2, of_at_most=_YEAR_WEEKS),
        probe_minutes_before=part(
            "blindness.probe_minutes_before", unknown.probe_minutes_before, of_at_most=_DAY_MINUTES
        ),
        hole_max_minutes=duration_minutes("blindness.hole_max", unknown.hole_max),
        hole_after_minutes=duration_minutes("blindness.hole_after", unknown.hole_after),
        lost_lead_ms=duration_ms("blindness.lost_lead", unknown.lost_lead),
        late_manifest_ms=duration_ms("blindness.late_manifest", unknown.late_manifest),
        tiers=_tiers(entries.tiers),
        commitments=read_commitments(entries),
    )


def _tiers(entries: list[TierEntry]) -> tuple[Tier, ...]:
    tiers = tuple(Tier(*ratio("tiers.uptime", entry.uptime), entry.credit_percent) for entry in entries)
    for higher, lower in pairwise(tiers):
        if not greater(Ratio(higher[0], higher[1]), Ratio(lower[0], lower[1])):
            raise PolicyError("tiers: uptime must fall from one to the next")
        if lower.credit_percent < higher.credit_percent:
            raise PolicyError("tiers: credit_percent must not fall from one to the next: less uptime is worth no less")
    if tiers[-1].numerator != 0:
        raise PolicyError("tiers: the last one must have uptime 0/1, so that every uptime has a tier")
    return tiers


def _checked(policy: Policy) -> Policy:
    """The same policy, if its values agree with each other.

    Raises:
        PolicyError: they do not; says which of two must be at least the other.
    """
    least_ms = policy.pending_for_ms + policy.grace_ms
    if policy.handover_within_ms > policy.pending_for_ms:
        raise PolicyError("waiting.handover_within must be at most waiting.pending_for: shorten it, or wait for longer")
    if policy.commitments.credits.complete_by_ms < least_ms:
        raise PolicyError(
            f"credits.complete_by must be at least {least_ms}ms: waiting.pending_for and waiting.grace together"
        )
    if policy.hole_after_minutes > policy.hole_max_minutes:
        raise PolicyError("blindness.hole_after must be at most blindness.hole_max: shorten it, or look back further")
    return policy
