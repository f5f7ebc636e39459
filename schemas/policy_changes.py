"""What differs between policies: key by key as their files have it, and which commitments a later one lowers (M5)."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import Final

from schemas.commitments import lowered_performance_commitments
from schemas.policies import Policy, PolicyError, Tier, credit_percent
from schemas.policy_values import DAY_MS, PartOf, greater

_PACKAGE: Final = "schemas"
_NOTICE_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A key whose value is another; empty: it is not there."""

    key: str
    before: str
    after: str


def policy_text(policy_id: str) -> str:
    """The file of a policy that comes with this version.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    return (files(_PACKAGE) / "policies" / f"{policy_id}.toml").read_text("utf-8")


def changes(before: str, after: str) -> list[Changed]:
    """The keys that differ between the texts of two policies, by name."""
    was, has_become = dict(_leaves(tomllib.loads(before))), dict(_leaves(tomllib.loads(after)))
    return [
        Changed(key=key, before=was.get(key, ""), after=has_become.get(key, ""))
        for key in sorted({*was, *has_become})
        if was.get(key) != has_become.get(key)
    ]


def order_policies(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """Policies by effective date, checked against each other (M5, §10.2).

    Raises:
        PolicyError: no policy, one id or date twice, a commitment lowered with less than 30 days' notice, or another
            answer_within or handover_within: records and minutes are counted once for all policies.
    """
    ordered = tuple(sorted(policies, key=lambda policy: policy.effective_from_ms))
    if not ordered:
        raise PolicyError("there is no policy")
    if len({policy.policy_id for policy in ordered}) < len(ordered):
        raise PolicyError("two policies have the same policy_id: give each its own")
    for before, after in pairwise(ordered):
        _check_counting(before, after)
        _check_succession(before, after)
    return ordered


def lowered_commitments(before: Policy, after: Policy) -> list[str]:
    """The fields by which `after` lowers commitments: what it counts later, excuses more or credits less."""
    lowered = {
        **_lowered_verdict(before, after),
        **_lowered_exclusions(before, after),
        **_lowered_blindness(before, after),
        "tiers": _credits_less(before.tiers, after.tiers),
        # Another zone moves every month's border, to whose good nobody can say.
        "zone": after.zone != before.zone,
    }
    return [field for field, is_lower in lowered.items() if is_lower] + lowered_performance_commitments(
        before.commitments, after.commitments
    )


def _lowered_verdict(before: Policy, after: Policy) -> dict[str, bool]:
    return {
        "failure_ratio": greater(after.failure_ratio, before.failure_ratio),
        "failures_at_least": after.failures_at_least > before.failures_at_least,
        # A longer window brings more failures together, and more successes.
        "failures_window": after.failures_window_minutes != before.failures_window_minutes,
        "answer_within": after.answer_within_ms > before.answer_within_ms,
        "told_by_us": (before.told_by_us, after.told_by_us) == ("unknown", "operator"),
        "handover_within": after.handover_within_ms > before.handover_within_ms,
        "pending_for": after.pending_for_ms > before.pending_for_ms,
    }


def _lowered_exclusions(before: Policy, after: Policy) -> dict[str, bool]:
    both_void = before.outside_usual_hours == after.outside_usual_hours == "void"
    return {
        "broker_time_from": after.broker_time_from_ms > before.broker_time_from_ms,
        "notice": after.notice_ms < before.notice_ms,
        "usual_hours": both_void and not _within(after.usual_hours, before.usual_hours),
        "outside_usual_hours": (before.outside_usual_hours, after.outside_usual_hours) == ("void", "excludes"),
        "emergency_minutes": after.emergency_minutes > before.emergency_minutes,
        "evidence_within": after.evidence_within_ms > before.evidence_within_ms,
        "excluded": (before.excluded, after.excluded) == ("removed", "up"),
    }


def _lowered_blindness(before: Policy, after: Policy) -> dict[str, bool]:
    return {
        "silence_expected": after.silence_expected > before.silence_expected,
        "silence_busy": _rarer(before.silence_busy, after.silence_busy),
        "silence_images": _rarer(before.silence_images, after.silence_images),
        "probe_minutes_before": _rarer(before.probe_minutes_before, after.probe_minutes_before),
        "hole_max": after.hole_max_minutes < before.hole_max_minutes,
        "hole_after": after.hole_after_minutes > before.hole_after_minutes,
        "lost_lead": after.lost_lead_ms < before.lost_lead_ms,
    }


def _rarer(before: PartOf, after: PartOf) -> bool:
    """Whether more are asked for, or are looked for among fewer: not every such change makes it rarer, but it can."""
    return after.least > before.least or after.of < before.of


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _credits_less(before: tuple[Tier, ...], after: tuple[Tier, ...]) -> bool:
    # Both are steps that hold from a tier's uptime up to the next, so looking at every step's foot is looking at all.
    return any(
        credit_percent(after, tier.numerator, tier.denominator)
        < credit_percent(before, tier.numerator, tier.denominator)
        for tier in (*before, *after)
    )


def _check_counting(before: Policy, after: Policy) -> None:
    """See that two policies agree on what is decided where records arrive and minutes are counted."""
    for field in ("answer_within", "handover_within"):
        was, has_become = (getattr(policy, f"{field}_ms") for policy in (before, after))
        if was != has_become:
            raise PolicyError(
                f"{after.policy_id} has another {field} ({has_become}ms) than {before.policy_id} ({was}ms): "
                "records are counted once for all policies, so give it the same"
            )


def _check_succession(before: Policy, after: Policy) -> None:
    if before.effective_from_ms == after.effective_from_ms:
        raise PolicyError(
            f"{before.policy_id} and {after.policy_id} take effect at the same instant: "
            "give each its own effective_from"
        )
    lowered = lowered_commitments(before, after)
    if lowered and after.effective_from_ms - after.published_at_ms < _NOTICE_DAYS * DAY_MS:
        raise PolicyError(
            f"{after.policy_id} lowers {', '.join(lowered)} of {before.policy_id}: "
            f"effective_from must be at least {_NOTICE_DAYS} days after published_at (§10.2)"
        )


def _leaves(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        match value:
            case dict():
                yield from _leaves(value, f"{prefix}{key}.")
            case list():
                for place, entry in enumerate(value):
                    yield from _leaves(entry, f"{prefix}{key}[{place}].")
            case _:
                yield f"{prefix}{key}", str(value)
