"""Minutes of which nothing is known (contract B2, B3): silences, holes between manifests, lost offsets, missing counts.

Minutes are their starts in milliseconds since the epoch; runs of them are ranges with a step of a minute.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

from schemas.instants import MINUTE_MS
from schemas.policies import Policy
from streams.rules.calendar import minutes_touched


def silences(active: Collection[int], valid: Mapping[int, int], frontier_ms: int, policy: Policy) -> list[range]:
    """The silent runs of a service before the frontier (B2).

    Args:
        active: minutes with any request or message record, in scope or not, or a manifest of any count.
        valid: `ok` and `platform` in scope, requests and messages together, by minute; absent is 0.
        frontier_ms: only whole minutes before it can be silent.
        policy: how many valid records must have been expected, by which minutes before, and the longest silence.
    """
    end = frontier_ms // MINUTE_MS * MINUTE_MS
    # The last run has no end yet; what is seen of it is all there is to measure.
    borders = [*sorted(active), max(end, *active)] if active else []
    runs = (range(before + MINUTE_MS, after, MINUTE_MS) for before, after in pairwise(borders))
    return [seen for run in runs if (seen := _seen(run, end)) and _is_silence(run, seen, valid, policy)]


def holes(manifest_minutes: Iterable[int], policy: Policy) -> list[range]:
    """Runs without a manifest between two of one source for one service and topic (B3).

    A run longer than the policy's limit is none: the source had gone.
    """
    runs = (range(before + MINUTE_MS, after, MINUTE_MS) for before, after in pairwise(sorted(set(manifest_minutes))))
    return [run for run in runs if 0 < len(run) <= policy.hole_max_minutes]


def lost_minutes(last_read_ms: int, first_after_ms: int, policy: Policy) -> range:
    """The minutes blinded by offsets that were lost: from before the last record read to the first after it (B3)."""
    return minutes_touched(last_read_ms - policy.lost_lead_ms, first_after_ms + 1)


def missing_by_manifest(manifest_counts: Mapping[str, int], seen: Mapping[str, int]) -> int:
    """How many identities of a service-minute its manifests count and no record of the same source shows (B3)."""
    return sum(max(0, count - seen.get(source, 0)) for source, count in manifest_counts.items())


def _seen(run: range, end: int) -> range:
    return range(run.start, min(run.stop, end), MINUTE_MS)


def _is_silence(run: range, seen: range, valid: Mapping[int, int], policy: Policy) -> bool:
    if len(run) > policy.silence_max_minutes:
        return False
    lead_ms = policy.silence_minutes_before * MINUTE_MS
    before = sum(valid.get(minute, 0) for minute in range(run.start - lead_ms, run.start, MINUTE_MS))
    # before / minutes before * seen >= expected, without dividing; by the first policy: before * seen >= 600.
    return before * len(seen) >= policy.silence_expected * policy.silence_minutes_before
