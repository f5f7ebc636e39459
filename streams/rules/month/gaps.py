"""Gaps: minutes in which records are known to be lost (B1, B3)."""

from collections.abc import Iterable
from typing import Final

from schemas.fields import Service
from schemas.instants import MINUTE_MS
from schemas.manifest import CountedTopic
from streams.rules.month.exact import Flags, any_of
from streams.rules.month.inputs import DeclarationRevision, LostOffsets
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import flags_of, touched_minutes

COUNTED_TOPICS: Final[tuple[CountedTopic, CountedTopic]] = ("api.requests", "carrier.receipts")
PROBES: Final = "probes"
MANIFESTS: Final = "telemetry.manifests"


def declared_gaps(current: Iterable[DeclarationRevision], service: Service, first: int, size: int) -> Flags:
    """(size,): the minutes that effective `telemetry_gap` declarations of a service touch (B1, T2)."""
    gaps = (one for one in current if one.kind == "telemetry_gap" and not one.retracted and service in one.services)
    return any_of((flags_of(first, size, *touched_minutes(one.start_ms, one.end_ms)) for one in gaps), size)


def lost_minutes(lost: LostOffsets, policy: MonthPolicy) -> tuple[int, int]:
    """The minutes [first, end) of which records may lie in lost offsets (B3).

    From the last frontier before the hole, or a lead before the last record read if that is earlier, to the first
    record after it.
    """
    before = [lost.frontier_ms] if lost.frontier_ms is not None else []
    before += [lost.last_read_ms - policy.lost_lead_ms] if lost.last_read_ms is not None else []
    return min(before, default=0) // MINUTE_MS, lost.first_after_ms // MINUTE_MS + 1


def lost_gaps(lost: Iterable[LostOffsets], without_valid: Flags, first: int, policy: MonthPolicy) -> Flags:
    """(t,): gaps of every service by lost offsets (B3); those of `probes` only in minutes without a valid record.

    Lost manifests are no gap: they make completeness unproven.
    """
    size = without_valid.size
    records = (one for one in lost if one.topic in COUNTED_TOPICS)
    probes = (one for one in lost if one.topic == PROBES)
    blind = any_of((flags_of(first, size, *lost_minutes(one, policy)) for one in records), size)
    blind |= any_of((flags_of(first, size, *lost_minutes(one, policy)) for one in probes), size) & without_valid
    return blind
