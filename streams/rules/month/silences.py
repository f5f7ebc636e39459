"""Silences: minutes without a valid record in which some were to be expected; and minutes in doubt (B2)."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from streams.rules.month.exact import Counts, Flags, Indices, prefix_sums, runs, spread
from streams.rules.month.images import images_of
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import DAY, HOUR, WEEK, MinuteFrame

_YOUNG_WEEKS: Final = 2
"""B2: a service whose first record lies less than so many weeks back is judged by what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What a service's silences are found by, over the frame."""

    requests_heard: Counts
    messages_heard: Counts
    """(n,): identities with a valid record."""
    requests_missing: Counts
    messages_missing: Counts
    """(n,): with the estimate in holes."""
    first_record: int | None
    """The minute of the service's first valid or missing record; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceFlags:
    """(t,) each, of the minutes judged; no minute is both."""

    silent: Flags
    in_doubt: Flags


def silences(
    activity: Activity, frame: MinuteFrame, *, part: slice, over: int, holidays: Flags, policy: MonthPolicy
) -> SilenceFlags:
    """Which minutes are silent or in doubt, by requests, by both, and by messages (B2 (a), (b), (c)).

    Args:
        activity: what was heard of the service.
        frame: which minutes the arrays hold.
        part: which of them are judged.
        over: how many minutes of the frame are over for the frontier.
        holidays: (t,) whether a judged minute lies on a public holiday, when nobody is silent.
        policy: what was to be expected, and how many images of what sort.
    """
    first = frame.size if activity.first_record is None else activity.first_record - frame.first
    heard, missing = activity.requests_heard, activity.requests_missing
    messages, lost_messages = activity.messages_heard, activity.messages_missing
    measure = partial(_silence, first=first, part=part, over=over, policy=policy)
    by_requests = measure(heard, missing)
    by_both = measure(heard + messages, missing + lost_messages)
    by_messages = measure(messages, lost_messages)
    would_be = by_requests.silent | by_both.silent
    silent = would_be & ~holidays
    in_doubt = by_requests.in_doubt | by_both.in_doubt | would_be | by_messages.silent
    return SilenceFlags(silent=silent, in_doubt=in_doubt & ~silent)


def probes_stopped(probed: Flags, valid: Counts, part: slice, over: int, policy: MonthPolicy) -> Flags:
    """(t,): minutes without a valid record in the first day of a run without any probe, after many with one (B2).

    Args:
        probed: (n,) whether a minute has a probe.
        valid: (t,) V, requests and messages together.
        part: which minutes of the frame are judged.
        over: how many minutes of the frame are over for the frontier.
        policy: how many of the minutes before must have had a probe.
    """
    starts, ends = _touching(*runs(~probed[:over]), part)
    sums = prefix_sums(probed)
    many = sums[starts] - sums[np.maximum(starts - policy.probe_minutes, 0)] >= policy.probe_minutes_before
    flags = np.zeros(probed.size, dtype=np.bool_)
    flags[spread(starts[many], np.minimum(ends, starts + DAY)[many])[0]] = True
    stopped: Flags = flags[part] & (valid == 0)
    return stopped


def _silence(
    heard: Counts, missing: Counts, *, first: int, part: slice, over: int, policy: MonthPolicy
) -> SilenceFlags:
    """By one measure, holidays aside. `first` is where the first record lies, relative to the frame."""
    starts, ends = _touching(*runs(heard[:over] == 0), part)
    weight = heard + missing
    expected = is_expected(prefix_sums(weight), starts, ends, first, policy)
    starts, ends = starts[expected], ends[expected]
    at, owners = spread(np.maximum(starts, part.start), np.minimum(ends, part.stop))
    images = images_of(at, weight > 0, first, policy)
    young = (at - first < _YOUNG_WEEKS * WEEK) & (at - starts[owners] < DAY)
    silent = images.busy >= np.where(young, 1, policy.silence_images)
    return SilenceFlags(silent=_flags(at[silent], part), in_doubt=_flags(at[~silent & ~images.all_quiet], part))


def is_expected(sums: Counts, starts: Indices, ends: Indices, first: int, policy: MonthPolicy) -> Flags:
    """(r,): whether enough records were to be expected in each run (B2): the second greatest of the weeks before.

    Of a young service it is the greatest; in its first week the hour before the run, for as many hours.
    """
    weeks = np.sort(np.stack([sums_ago(sums, starts, ends, week) for week in weeks_back(policy)]), axis=0)
    age = starts - first
    by_weeks = np.where(age < _YOUNG_WEEKS * WEEK, weeks[-1], weeks[-2]) >= policy.silence_expected
    hour_before = sums[starts] - sums[np.maximum(starts - HOUR, 0)]
    by_hour = hour_before * (ends - starts) >= policy.silence_expected * HOUR
    return np.where(age < WEEK, by_hour, by_weeks)


def weeks_back(policy: MonthPolicy) -> range:
    """How many weeks before a minute its images lie."""
    return range(1, policy.silence_weeks + 1)


def sums_ago(sums: Counts, starts: Indices, ends: Indices, weeks: int) -> Counts:
    """(r,): records in the same minutes so many weeks before."""
    earlier: Counts = sums[np.maximum(ends - weeks * WEEK, 0)] - sums[np.maximum(starts - weeks * WEEK, 0)]
    return earlier


def _touching(starts: Indices, ends: Indices, part: slice) -> tuple[Indices, Indices]:
    """The runs that reach into the minutes judged, whole."""
    touching = (ends > part.start) & (starts < part.stop)
    return starts[touching], ends[touching]


def _flags(at: Indices, part: slice) -> Flags:
    flags = np.zeros(part.stop - part.start, dtype=np.bool_)
    flags[at - part.start] = True
    return flags
