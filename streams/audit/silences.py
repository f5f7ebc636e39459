"""Silences: runs of minutes from which nothing came though something was to be expected (B2)."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from streams.audit.failing import runs
from streams.audit.missing import DAY
from streams.audit.policy import AuditPolicy

_WEEK: Final = 7 * DAY
_HOUR: Final = 60


class Doubt(IntEnum):
    """What a silence makes of a minute, the greater of several silences counting."""

    NONE = 0
    IN_DOUBT = 1
    SILENT = 2


class AuditMeasure:
    """Valid and missing records of one sort, by minute: what a silence is a silence of."""

    def __init__(self, valid: Mapping[int, int], missing: Mapping[int, int]) -> None:
        """Both by minute, those with none left out."""
        self.valid_minutes = sorted(valid)
        weights = {minute: valid.get(minute, 0) + missing.get(minute, 0) for minute in {*valid, *missing}}
        self._active = sorted(weights)
        self._sums = list(accumulate((weights[minute] for minute in self._active), initial=0))

    def total(self, first: int, stop: int) -> int:
        """The valid and missing records of [first, stop)."""
        return self._sums[bisect_left(self._active, stop)] - self._sums[bisect_left(self._active, first)]

    def active(self, first: int, stop: int) -> int:
        """The active minutes of [first, stop)."""
        return bisect_left(self._active, stop) - bisect_left(self._active, first)

    @property
    def first(self) -> int | None:
        """The first active minute."""
        return self._active[0] if self._active else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditActivity:
    """What of a service can fall silent: requests, messages, both, and probes (by minute, those with one)."""

    requests: AuditMeasure
    either: AuditMeasure
    messages: AuditMeasure
    probed: AuditMeasure
    first_record: int | None
    """The minute of the service's first valid or missing record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceListener:
    """Judges the silences of one service in the minutes [first, end), all that is over for the frontier."""

    activity: AuditActivity
    policy: AuditPolicy
    first: int
    end: int
    seen_to: int
    """The first minute that is not over for the frontier."""
    holidays: frozenset[object]

    def doubts(self) -> dict[int, Doubt]:
        """By minute; those without doubt are left out. What has V > 0 is not looked at for probes: `probe_doubts`."""
        found: dict[int, Doubt] = {}
        activity = self.activity
        for measure, only_messages in ((activity.requests, False), (activity.either, False), (activity.messages, True)):
            for minute, doubt in self._of_measure(measure, only_messages=only_messages):
                found[minute] = max(found.get(minute, Doubt.NONE), doubt)
        return found

    def probe_doubts(self) -> Iterator[int]:
        """The first day of each run of minutes without any probe, where probes were usual in the hour before."""
        for start, stop in runs(self.activity.probed.valid_minutes, self.seen_to):
            before = self.activity.probed.active(start - self.policy.probe_minutes, start)
            if before >= self.policy.probe_minutes_before:
                yield from self._inside(start, min(stop, start + DAY, self.seen_to))

    def _of_measure(self, measure: AuditMeasure, *, only_messages: bool) -> Iterator[tuple[int, Doubt]]:
        for start, stop in runs(measure.valid_minutes, self.seen_to):
            inside = self._inside(start, min(stop, self.seen_to))
            if not inside or not self._was_expected(measure, start, min(stop, self.seen_to)):
                continue
            for minute in inside:
                doubt = self._of_minute(measure, minute, start)
                if doubt == Doubt.SILENT and (only_messages or self._is_holiday(minute)):
                    yield minute, Doubt.IN_DOUBT
                elif doubt == Doubt.SILENT or (doubt == Doubt.IN_DOUBT and not only_messages):
                    yield minute, doubt

    def _inside(self, start: int, stop: int) -> range:
        return range(max(start, self.first), min(stop, self.end))

    def _was_expected(self, measure: AuditMeasure, start: int, stop: int) -> bool:
        """Whether the run is a silence: as many records were to be expected in it as B2 asks for."""
        age = start - (self.activity.first_record or start)
        if age < _WEEK:
            lately = measure.total(start - _HOUR, start)
            return lately * (stop - start) >= self.policy.silence_expected * _HOUR
        weeks = range(1, self.policy.silence_weeks + 1)
        sums = sorted(measure.total(start - week * _WEEK, stop - week * _WEEK) for week in weeks)
        return (sums[-1] if age < 2 * _WEEK else sums[-2]) >= self.policy.silence_expected

    def _of_minute(self, measure: AuditMeasure, minute: int, start: int) -> Doubt:
        """What a minute of a silence that began at `start` is, by its images."""
        first_record = self.activity.first_record
        if first_record is None:
            return Doubt.IN_DOUBT
        weeks = range(1, self.policy.silence_weeks + 1)
        images = [image for week in weeks if (image := minute - week * _WEEK) >= first_record]
        is_young = minute - first_record < 2 * _WEEK and minute - start < DAY
        sides = [self._around(measure, image) for image in images]
        busy = sum(min(active) >= self.policy.silence_busy for active in sides)
        if busy >= (1 if is_young else self.policy.silence_images):
            return Doubt.SILENT
        all_quiet = bool(images) and all(min(active) == 0 for active in sides)
        return Doubt.NONE if all_quiet else Doubt.IN_DOUBT

    def _around(self, measure: AuditMeasure, image: int) -> tuple[int, int]:
        """The active minutes before an image, and from it on."""
        width = self.policy.silence_busy_minutes
        return measure.active(image - width, image), measure.active(image, image + width)

    def _is_holiday(self, minute: int) -> bool:
        return bool(self.holidays) and local_time(minute, self.policy.zone).date() in self.holidays


def local_time(minute: int, zone: str) -> datetime:
    """A minute as the clocks of a zone show it (T3)."""
    return datetime.fromtimestamp(minute * 60, UTC).astimezone(ZoneInfo(zone))
