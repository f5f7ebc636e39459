"""Why a minute may have been better or worse than its headline: everything that B4 adds at worst or takes at best."""

from collections.abc import Iterator

import numpy as np

from schemas.manifest import CountedTopic
from streams.months.explanation import DoubtCode, ExplainedImage, ExplainedSilence, MinuteDoubt, MissingSource
from streams.months.grounds import ServiceGrounds, gaps_at
from streams.months.minutes import format_minute
from streams.rules.month.inputs import TrafficCounts
from streams.rules.month.missing_reasons import missing_reasons
from streams.rules.month.silence_reasons import silence_reasons
from streams.rules.month.states import TrafficReading
from streams.rules.month.windows import VOUCHING_KINDS
from streams.rules.verdict import EXCLUDING_KINDS, MinuteState

_TOPICS: tuple[tuple[str, CountedTopic], ...] = (("requests", "api.requests"), ("messages", "carrier.receipts"))


def doubts_of(grounds: ServiceGrounds, minute: int) -> list[MinuteDoubt]:
    """What is not known of a minute, or stands apart at best or worst (B4)."""
    counts, reading = grounds.context.inputs.services[grounds.service], grounds.judged.reading
    found = [
        *_of_traffic("requests", counts.requests, reading.requests, grounds, minute),
        *_of_traffic("messages", counts.messages, reading.messages, grounds, minute),
    ]
    return found + [MinuteDoubt(code=code) for code in _of_minute(grounds, minute)]


def missing_of_sources(grounds: ServiceGrounds, minute: int) -> list[MissingSource]:
    """What each source misses of a minute's requests and messages (B3)."""
    return [
        MissingSource(
            of=of,
            source=one.source,
            counted=one.counted,
            greatest=one.greatest,
            seen=one.seen,
            dead_letters=one.dead_letters,
            estimate=one.estimate,
            missing=one.missing,
            missing_at_worst=one.missing_at_worst,
        )
        for of, topic in _TOPICS
        for one in missing_reasons(topic, grounds.service, minute, grounds.context)
    ]


def silences_of(grounds: ServiceGrounds, minute: int) -> list[ExplainedSilence]:
    """The silences that a minute lies in, with the same minute of the weeks before (B2)."""
    return [
        ExplainedSilence(
            measure=one.measure,
            start=format_minute(one.start),
            end=format_minute(one.end),
            images=[
                ExplainedImage(
                    weeks=image.weeks,
                    minute=format_minute(image.minute),
                    sort=image.sort,
                    active_before=image.active_before,
                    active_after=image.active_after,
                    records=image.records,
                )
                for image in one.images
            ],
        )
        for one in silence_reasons(grounds.service, minute, grounds.context)
    ]


def _of_traffic(
    of: str, counts: TrafficCounts, reading: TrafficReading, grounds: ServiceGrounds, minute: int
) -> Iterator[MinuteDoubt]:
    at, in_frame = grounds.at(minute), minute - grounds.context.frame.first
    claimed, settled = int(counts.in_scope.claimed[in_frame]), reading.settled
    believed = _is_vouched(grounds, minute) or grounds.policy.told_by_us == "operator"
    numbers = {
        DoubtCode.UNKNOWN: int(settled.unknown[at]) - (0 if believed else claimed),
        DoubtCode.VOUCHED_FOR if believed else DoubtCode.CLAIMED: claimed,
        DoubtCode.PENDING: int(settled.pending[at]),
        DoubtCode.MISSING: int(reading.missing_at_worst[at]),
        DoubtCode.CORRECTED: int(settled.corrected[at]),
        DoubtCode.NEVER_HANDED_OVER: int(settled.never_handed_over[at]),
    }
    return (MinuteDoubt(code=code, of=of, records=records) for code, records in numbers.items() if records)


def _is_vouched(grounds: ServiceGrounds, minute: int) -> bool:
    """Whether a valid window of a kind that vouches covers the minute (C7)."""
    kinds = grounds.judged.reading.kinds[:, grounds.at(minute)]
    return bool(np.any(kinds[[EXCLUDING_KINDS.index(kind) for kind in VOUCHING_KINDS]]))


def _of_minute(grounds: ServiceGrounds, minute: int) -> Iterator[DoubtCode]:
    at, reading, bounds = grounds.at(minute), grounds.judged.reading, grounds.judged.verdict.bounds
    state = grounds.state(minute)
    found = {
        DoubtCode.GAP: bool(gaps_at(grounds, minute)),
        DoubtCode.HOLE: reading.in_hole[at],
        DoubtCode.SILENT: reading.silent[at],
        DoubtCode.IN_DOUBT: reading.in_doubt[at],
        DoubtCode.VANTAGES: reading.vantages_failed[at] > 0,
        DoubtCode.UNPROVEN_WINDOW: state is MinuteState.EXCLUDED and bounds.bad_at_worst[at],
        DoubtCode.LIFTED: bounds.lifted[at],
        DoubtCode.OVER: state is MinuteState.PENDING and bounds.bad_at_worst[at],
    }
    return (code for code, is_so in found.items() if is_so)
