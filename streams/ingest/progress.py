"""How far one partition is read, stored and evaluated without a gap. Pure: spans in, positions out.

A span is a half-open interval of consumer positions. Spans may come twice, overlap, and come in any order (a replay,
another worker): the prefix is what matters, not the list.

    start        stored_next      hole      already known
      |<-- stored -->|                        |<---->|
      |<- evaluated ->|  .. never claimed beyond the first gap ..
"""

import bisect
from dataclasses import dataclass, field

NEVER_READ_MS = 946_684_800_000
"""2000-01-01T00:00:00Z, the earliest instant a record may carry: what is known of a partition never read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSpan:
    """[first, next) of consumer positions and the broker timestamp of the last record before `next`."""

    first: int
    next: int
    last_recorded_at_ms: int


@dataclass(slots=True)
class Prefix:
    """The gapless prefix of a set of spans, from `next` on; spans beyond a gap wait for it to close."""

    next: int
    last_recorded_at_ms: int = NEVER_READ_MS
    _waiting: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, span: ReadSpan) -> None:
        """Take a span in; afterwards `next` is the end of the gapless prefix and cannot have fallen."""
        if span.next <= self.next:
            return
        bisect.insort(self._waiting, (span.first, span.next, span.last_recorded_at_ms))
        taken = 0
        for first, following, recorded_at_ms in self._waiting:
            if first > self.next:
                break
            taken += 1
            if following > self.next:
                self.next = following
                self.last_recorded_at_ms = max(self.last_recorded_at_ms, recorded_at_ms)
        del self._waiting[:taken]


@dataclass(slots=True)
class PartitionProgress:
    """Of one partition: what is stored, what is evaluated, and what may be claimed of it (B5)."""

    stored: Prefix
    evaluated: Prefix

    def may_claim_ms(self, *, at_end: bool, end: int, asked_at_ms: int) -> int:
        """The frontier: an instant before which nothing of this partition is unread or unevaluated (B5).

        `end` is where the broker said the partition ends, `asked_at_ms` the clock read before it was asked: whatever
        came since has a later broker timestamp. Short of the end, or unless the reader itself is `at_end` with nothing
        under way, it is the broker timestamp of the last record of the evaluated prefix, since LogAppendTime never
        falls within a partition.
        """
        if at_end and self.evaluated.next >= end:
            return max(asked_at_ms, self.evaluated.last_recorded_at_ms)
        return self.evaluated.last_recorded_at_ms
