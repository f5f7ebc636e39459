"""How far each partition has been seen, and why a month is not complete by that (B5).

How far the pipeline has seen a partition, whether it has a backlog there, and whether it has read it at all, only the
pipeline knows: these three are taken from its answer. What follows from them is the auditor's own: which partitions
must be named, the reasons of each, the instants that they wait for, and their order.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from streams.audit.instants import MINUTE_MS, read_any_instant, short_instant_text
from streams.audit.policy import AuditSpan
from streams.audit.records import RECEIPTS

Where = tuple[str, int | None]
"""A partition by topic and number, or all of a topic that is seen alike."""

_BACKLOG: Final = "backlog_unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPartition:
    """How far a partition has been seen; 0: nothing of it was read."""

    topic: str
    partition: int | None
    seen_ms: int
    has_backlog: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How far the records have been seen: each of these partitions, and none beyond the clock."""

    clock_ms: int
    partitions: tuple[SeenPartition, ...] = ()

    @property
    def all_ms(self) -> int:
        """Of all topics."""
        return min([self.clock_ms, *(one.seen_ms for one in self.partitions)])

    @property
    def receipts_ms(self) -> int:
        """Of receipts."""
        return min([self.clock_ms, *(one.seen_ms for one in self.partitions if one.topic == RECEIPTS)])


def seen_by(month: Mapping[str, Any], clock_ms: int, known: Collection[Where]) -> Seen:
    """How far the pipeline has seen, by the reasons that it gives for a provisional month.

    What it does not name has been seen to the clock: that of the partitions known, and of input topics without any.
    """
    named = _named(month)
    topics = {topic for topic, _ in (*named, *known)}
    rest = {*known, *((topic, None) for topic in _input_topics() if topic not in topics)} - named.keys()
    return _seen(clock_ms, [*named.values(), *(_to_the_clock(where, clock_ms) for where in rest)])


def seen_at(cut_ms: int) -> Seen:
    """At a cut every input topic has been seen to it, and no further."""
    return _seen(cut_ms, [_to_the_clock((topic, None), cut_ms) for topic in _input_topics()])


def names_partitions(month: Mapping[str, Any]) -> bool:
    """Whether the pipeline speaks of partitions, as of a month now, or of none, as of one at a cut."""
    return any(partition is not None for _, partition in _named(month))


def incomplete_because(span: AuditSpan, seen: Seen) -> Iterator[dict[str, Any]]:
    """The reasons, in the order of topics and partitions, as `month --json` has them (B5)."""
    end_ms = span.end * MINUTE_MS
    settled_ms, received_ms = end_ms + span.policy.grace_ms, end_ms + span.policy.pending_for_ms
    for one in seen.partitions:
        if one.seen_ms == 0:
            yield _reason(one, "not_read_yet")
            continue
        if one.seen_ms < settled_ms:
            yield _reason(one, "before_month_end_and_grace", settled_ms)
        elif one.topic == RECEIPTS and one.seen_ms < received_ms:
            yield _reason(one, "receipts_may_come", received_ms)
        if one.has_backlog:
            yield _reason(one, _BACKLOG)


def _reason(one: SeenPartition, code: str, until_ms: int | None = None) -> dict[str, Any]:
    return {
        "code": code,
        "topic": one.topic,
        "partition": one.partition,
        "seen_to": short_instant_text(one.seen_ms) if one.seen_ms else None,
        "until": None if until_ms is None else short_instant_text(until_ms),
    }


def _named(month: Mapping[str, Any]) -> dict[Where, SeenPartition]:
    """The partitions that the answer names; what is no reason by the reference names none, and will differ."""
    named: dict[Where, SeenPartition] = {}
    for reason in month.get("incomplete_because", ()):
        match reason:
            case {"code": str(code), "topic": str(topic), "partition": int() | None as partition, "seen_to": seen_to}:
                earlier = named.get((topic, partition))
                named[topic, partition] = SeenPartition(
                    topic=topic,
                    partition=partition,
                    seen_ms=read_any_instant(seen_to) or 0,
                    has_backlog=code == _BACKLOG or (earlier is not None and earlier.has_backlog),
                )
    return named


def _to_the_clock(where: Where, clock_ms: int) -> SeenPartition:
    topic, partition = where
    return SeenPartition(topic=topic, partition=partition, seen_ms=clock_ms)


def _seen(clock_ms: int, partitions: Collection[SeenPartition]) -> Seen:
    ordered = sorted(partitions, key=lambda one: (one.topic, -1 if one.partition is None else one.partition))
    return Seen(clock_ms=clock_ms, partitions=tuple(ordered))


def _input_topics() -> list[str]:
    """The topics that are read, from the file of the topics."""
    entries = tomllib.loads((files("schemas") / "topics.toml").read_text("utf-8"))["topics"]
    return [name for name, entry in entries.items() if entry["direction"] == "in"]
