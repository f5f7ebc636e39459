"""The numbers of a month by its minutes (contract V4, V5, M1, M2), named as in `month --json`."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec

from streams.simulate.states import JudgedMinute
from streams.simulate.windows import KINDS

_TIERS: Final = ((999, 1_000, 0), (99, 100, 10), (95, 100, 25))
_LEAST_TIER_PERCENT: Final = 50
_ORDER: Final = ("down", "blind", "excluded", "good", "idle")


class PlatformTruth(msgspec.Struct, frozen=True, kw_only=True):
    """What a service and the platform have in common; percentages are null where it was not observed."""

    total_minutes: int
    good_minutes: int
    down_minutes: int
    down_minutes_low: int
    down_minutes_high: int
    down_minutes_high_lost: int
    excluded_minutes: dict[str, int]
    idle_minutes: int
    blind_minutes: int
    pending_minutes: int
    unobserved: bool
    uptime: str | None
    uptime_low: str | None
    uptime_low_lost: str | None
    uptime_high: str | None
    credit_uptime: str | None
    credit_percent: int | None


class ServiceTruth(PlatformTruth, frozen=True, kw_only=True):
    """A service's month."""

    conflicts: int
    collisions: int
    missing_records: int
    unknown_records: int
    corrected_in_our_favour: int
    unnamed_records: int
    mended_records: dict[str, int]
    out_of_scope: dict[str, int]
    out_of_scope_down_minutes: int
    late_manifests: int
    source_completeness: str


def figures(minutes: Sequence[JudgedMinute], *, observed: bool) -> PlatformTruth:
    """The sums of a month's minutes; a month that was not observed has no percentage (M2)."""
    states = Counter(one.state for one in minutes)
    kinds = Counter(one.kind for one in minutes if one.kind)
    total, down, blind = len(minutes), states["down"], states["blind"]
    low, lost = sum(one.bad_at_worst for one in minutes), sum(one.bad_if_lost for one in minutes)
    best = sum(one.bad_at_best for one in minutes)

    def percent(part: int) -> str | None:
        return _percent(total - part, total) if observed else None

    return PlatformTruth(
        total_minutes=total,
        good_minutes=states["good"],
        down_minutes=down,
        down_minutes_low=best,
        down_minutes_high=low,
        down_minutes_high_lost=lost,
        excluded_minutes={kind: kinds[kind] for kind in KINDS if kinds[kind]},
        idle_minutes=states["idle"],
        blind_minutes=blind,
        pending_minutes=0,
        unobserved=not observed,
        uptime=percent(down),
        uptime_low=percent(low),
        uptime_low_lost=percent(lost),
        uptime_high=percent(best),
        credit_uptime=percent(down + blind),
        credit_percent=_tier(total - down - blind, total) if observed else None,
    )


def together(services: Sequence[Sequence[JudgedMinute]]) -> list[JudgedMinute]:
    """The minutes of the platform: of each the first state that any service has (V5)."""
    return [_of_platform(minutes) for minutes in zip(*services, strict=True)]


@cache
def _of_platform(minutes: tuple[JudgedMinute, ...]) -> JudgedMinute:
    state = next(name for name in _ORDER if any(one.state == name for one in minutes))
    kinds = [one.kind for one in minutes if one.kind]
    worst, lost = any(one.bad_at_worst for one in minutes), any(one.bad_if_lost for one in minutes)
    return JudgedMinute(
        state=state,
        kind=min(kinds, key=KINDS.index) if state == "excluded" else "",
        bad_at_best=any(one.bad_at_best for one in minutes),
        bad_at_worst=worst,
        bad_if_lost=lost,
        lifted=any(one.lifted for one in minutes),
        lifted_if_lost=any(one.lifted_if_lost for one in minutes),
        excluded_at_worst=not worst and any(one.excluded_at_worst or one.lifted for one in minutes),
        down_with_all=any(one.down_with_all for one in minutes),
    )


def _tier(up: int, total: int) -> int:
    reached = (percent for share, of, percent in _TIERS if up * of >= share * total)
    return next(reached, _LEAST_TIER_PERCENT)


def _percent(part: int, whole: int) -> str:
    """Four decimals, rounded down (M1)."""
    scaled = part * 1_000_000 // whole
    return f"{scaled // 10_000}.{scaled % 10_000:04d}"
