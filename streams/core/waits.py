"""What a long-running process waits for, since when, and for which record: so that nothing is tried in silence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

from streams.core import clock
from streams.core.errors import ZectoError


class RecordPlace(NamedTuple):
    """Where a record is, or the first of those that are worked on."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


_concerned: ContextVar[RecordPlace | None] = ContextVar("concerned", default=None)


@contextmanager
def concerning(place: RecordPlace | None) -> Iterator[None]:
    """What is waited for meanwhile, in this task, is waited for because of the record there."""
    token = _concerned.set(place)
    try:
        yield
    finally:
        _concerned.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something that failed and is tried again: with what error, since when, and because of which record."""

    since_ms: int
    error: ZectoError
    place: RecordPlace | None


Key = tuple[str, RecordPlace | None]


class Waits:
    """The waits of a process, by what is waited for. For use on one event loop."""

    def __init__(self, now_ms: Callable[[], int] = clock.now_ms) -> None:
        self._now_ms = now_ms
        self._waits: dict[Key, Wait] = {}

    def failed(self, what: str, error: ZectoError, place: RecordPlace | None = None) -> None:
        """An attempt failed, and there will be another."""
        place = place or _concerned.get()
        known = self._waits.get((what, place))
        since_ms = known.since_ms if known else self._now_ms()
        self._waits[what, place] = Wait(since_ms=since_ms, error=error, place=place)

    def ended(self, what: str, place: RecordPlace | None = None) -> None:
        """An attempt succeeded, or there will be none."""
        self._waits.pop((what, place or _concerned.get()), None)

    def longer_than(self, some_ms: int) -> dict[Key, Wait]:
        """What is waited for that long."""
        since_ms = self._now_ms() - some_ms
        return {key: wait for key, wait in self._waits.items() if wait.since_ms <= since_ms}
