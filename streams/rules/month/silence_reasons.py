"""Which silences a minute lies in, what was to be expected in them, and what its images were (B2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, unique

import numpy as np

from schemas.fields import Service
from streams.rules.month.exact import Counts, prefix_sums, runs
from streams.rules.month.images import active_around
from streams.rules.month.reading import SpanContext, activity_of, missing_records
from streams.rules.month.silences import Activity, is_expected, sums_ago, weeks_back
from streams.rules.month.span import WEEK


@unique
class SilenceMeasure(StrEnum):
    """What a silence is one of: (a), (b) and (c) of B2."""

    REQUESTS = "requests"
    BOTH = "requests_and_messages"
    MESSAGES = "messages"


@unique
class ImageSort(StrEnum):
    """What the same minute of an earlier week was."""

    BUSY = "busy"
    QUIET = "quiet"
    NEITHER = "neither"
    BEFORE_FIRST_RECORD = "before_first_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The same minute so many weeks earlier: active minutes among those before it and from it on, and records then.

    `records` are those of the whole run, so many weeks earlier.
    """

    weeks: int
    minute: int
    active_before: int
    active_after: int
    sort: ImageSort
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceReason:
    """A run [start, end) in minutes since the epoch without a valid record of a measure, in which some were due."""

    measure: SilenceMeasure
    start: int
    end: int
    images: tuple[Image, ...]


def silence_reasons(service: Service, minute: int, context: SpanContext) -> tuple[SilenceReason, ...]:
    """The silences that a minute of a service lies in, by measure."""
    counts = context.inputs.services[service]
    activity = activity_of(counts, missing_records(service, context), context)
    found = (_silence(measure, activity, minute, context) for measure in SilenceMeasure)
    return tuple(one for one in found if one is not None)


def _silence(measure: SilenceMeasure, activity: Activity, minute: int, context: SpanContext) -> SilenceReason | None:
    heard, missing = _of(measure, activity)
    first = context.frame.first
    starts, ends = runs(heard[: context.over] == 0)
    at = minute - first
    inside = (starts <= at) & (at < ends)
    weight = heard + missing
    record = context.frame.size if activity.first_record is None else activity.first_record - first
    due = is_expected(prefix_sums(weight), starts[inside], ends[inside], record, context.policy)
    if not due.any():
        return None
    start, end = int(starts[inside][0]), int(ends[inside][0])
    return SilenceReason(
        measure=measure,
        start=start + first,
        end=end + first,
        images=tuple(_images((start, end), at, weight, record, context)),
    )


def _of(measure: SilenceMeasure, activity: Activity) -> tuple[Counts, Counts]:
    requests = activity.requests_heard, activity.requests_missing
    messages = activity.messages_heard, activity.messages_missing
    match measure:
        case SilenceMeasure.REQUESTS:
            return requests
        case SilenceMeasure.MESSAGES:
            return messages
        case SilenceMeasure.BOTH:
            return requests[0] + messages[0], requests[1] + messages[1]


def _images(run: tuple[int, int], at: int, weight: Counts, record: int, context: SpanContext) -> Iterator[Image]:
    policy = context.policy
    active, records = prefix_sums(weight > 0), prefix_sums(weight)
    starts, ends = np.array([run[0]]), np.array([run[1]])
    for weeks in weeks_back(policy):
        image = at - weeks * WEEK
        before, after = (
            int(found[0]) for found in active_around(np.array([image]), active, policy.silence_busy_minutes)
        )
        yield Image(
            weeks=weeks,
            minute=image + context.frame.first,
            active_before=before,
            active_after=after,
            sort=_sort(before, after, policy.silence_busy) if image >= record else ImageSort.BEFORE_FIRST_RECORD,
            records=int(sums_ago(records, starts, ends, weeks)[0]),
        )


def _sort(before: int, after: int, busy: int) -> ImageSort:
    if before >= busy and after >= busy:
        return ImageSort.BUSY
    return ImageSort.QUIET if before == 0 or after == 0 else ImageSort.NEITHER
