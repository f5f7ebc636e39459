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
from streams.rules.calendar import month_of, months_between
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
    """The months that may have changed and were not judged since.

    The one that all is read to comes first, but gives every second turn to those that have waited longer: where months
    change faster than they are judged, none waits for ever.
    """

    policy: Policy
    _last: Look | None = None
    _waiting: dict[str, None] = field(default_factory=dict)
    _running: str = ""
    _taken: str = ""

    def look(self, client: Client) -> None:
        """Find out which months may have changed since the last look; at the first all may have."""
        self.add(look_for_changes(client))

    def add(self, now: Look) -> None:
        """Months that may have changed since the last look, the latest first, behind those that wait already."""
        for month in sorted(changed_months(self._last, now, self.policy.zone), reverse=True):
            self._waiting.setdefault(month)
        self._last = now
        self._running = month_of(now.progress.frontier_ms(), self.policy.zone)

    def take(self) -> str | None:
        """The month whose turn it is; None: none may have changed."""
        others = (month for month in self._waiting if month != self._running)
        longest = next(others, None)
        is_next = self._running in self._waiting and (longest is None or self._taken != self._running)
        month = self._running if is_next else longest
        if month is not None:
            del self._waiting[month]
            self._taken = month
        return month

    def is_running(self, month: str) -> bool:
        """Whether a month is the one that all is read to."""
        return month == self._running

    def put_back(self, month: str) -> None:
        """A month that could not be judged."""
        self._waiting.setdefault(month)


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
    """Every month on which stored minutes or manifests bear, and those since to the one that all is read to.

    On months between two whose records lie years apart nothing bears. There is nothing to store of these: who asks for
    one has it judged then.
    """
    partitions = {partition for _, partition in now.progress.insertions if partition}
    if not partitions:
        return []
    first_ms, latest_ms = _start_ms(min(partitions)), _start_ms(max(partitions))
    # A day after a UTC month began it has begun in every zone.
    last_ms = max(latest_ms + _DAY_MS, min(now.progress.frontier_ms(), latest_ms + OPEN_DAYS * _DAY_MS))
    since = month_of(latest_ms, zone)
    return [month for month in months_between(first_ms, last_ms, zone) if month > since or _bears_on(partitions, month)]


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
