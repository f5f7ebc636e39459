"""Which months may have changed since a look: told from insertions and frontiers alone, for next to nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.instants import MINUTE_MS
from schemas.policies import Policy
from streams.judge.declared import read_lost
from streams.judge.progress import ReadProgress, read_progress
from streams.judge.seen import OPEN_DAYS
from streams.rules.calendar import months_between
from streams.rules.month.inputs import LostOffsets
from streams.rules.month.span import DAY

_DAY_MS: Final = DAY * MINUTE_MS
_MONTHS_AFTER: Final = 3
"""B2: minutes bear on the months after theirs, four weeks and as long as a silence lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What tells whether anything has changed."""

    progress: ReadProgress
    lost: tuple[LostOffsets, ...]


@dataclass(slots=True)
class MonthChanges:
    """The months that may have changed and were not judged since, the latest first."""

    policy: Policy
    _last: Look | None = None
    _open: set[str] = field(default_factory=set)

    def look(self, client: Client) -> None:
        """Find out which months may have changed since the last look; at the first all may have."""
        now = look_for_changes(client)
        self._open |= changed_months(self._last, now, self.policy.zone)
        self._last = now

    def take(self) -> str | None:
        """The latest month that may have changed; None: there is none."""
        latest = max(self._open, default=None)
        self._open.discard(latest or "")
        return latest

    def put_back(self, month: str) -> None:
        """A month that could not be judged."""
        self._open.add(month)


def look_for_changes(client: Client) -> Look:
    """Ask how much was inserted, and how far all is read."""
    progress = read_progress(client)
    lost = read_lost(client, progress.known_before_ms) if progress.may_have_lost else ()
    return Look(progress=progress, lost=lost)


def changed_months(last: Look | None, now: Look, zone: str) -> set[str]:
    """The months of a zone that may be judged otherwise than at the last look."""
    every = _months(now, zone)
    if last is None or last.lost != now.lost:
        return set(every)
    before, after = last.progress.insertions, now.progress.insertions
    changed = {place for place, number in after.items() if before.get(place) != number}
    if any(partition == 0 for _, partition in changed):
        return set(every)
    partitions = {partition for _, partition in changed}
    moved = last.progress.minutes_read != now.progress.minutes_read
    return {month for month in every if _bears_on(partitions, month) or (moved and _is_open(month, now))}


def _months(now: Look, zone: str) -> list[str]:
    """Every month of which minutes or manifests are stored, to the one that all is read to."""
    starts = [_start_ms(partition) for _, partition in now.progress.insertions if partition]
    if not starts:
        return []
    last_ms = max(*starts, min(now.progress.frontier_ms(), max(starts) + OPEN_DAYS * _DAY_MS))
    return list(months_between(min(starts) + _DAY_MS, last_ms + _DAY_MS, zone))


def _bears_on(partitions: Iterable[int], month: str) -> bool:
    """Whether minutes of any of these UTC months bear on a month."""
    number = _number(int(month[:4]), int(month[5:]))
    return any(-1 <= number - _number(*divmod(partition, 100)) <= _MONTHS_AFTER for partition in partitions)


def _is_open(month: str, now: Look) -> bool:
    """Whether the frontier may still move what a month is judged by."""
    year, number = divmod(_number(int(month[:4]), int(month[5:])) + 1, 12)
    end_ms = _start_ms(year * 100 + number + 1)
    return end_ms + OPEN_DAYS * _DAY_MS > now.progress.frontier_ms()


def _number(year: int, month: int) -> int:
    return year * 12 + month - 1


def _start_ms(partition: int) -> int:
    year, month = divmod(partition, 100)
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1000
