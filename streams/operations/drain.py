"""When everything that was in the input topics at a moment is stored and its minutes are evaluated."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from schemas.reference import input_topics
from streams.core.errors import Code, ZectoError
from streams.kafka.admin import Admin

_POLL_S = 0.25
_PROGRESS_QUERY = """
SELECT topic, topic_id, partition, max(evaluated_next)
FROM frontiers
GROUP BY topic, topic_id, partition
"""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DrainTarget:
    """A partition with something to be read in it, and where it ended when it was looked at."""

    topic: str
    topic_id: str
    partition: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainProgress:
    """How far evaluation is, by partition; offsets, half-open."""

    evaluated: Mapping[DrainTarget, int]

    @property
    def lagging(self) -> list[DrainTarget]:
        """The partitions that are not there yet, in order."""
        return sorted(target for target, position in self.evaluated.items() if position < target.end)

    @property
    def offsets_left(self) -> int:
        """How many offsets are still to be evaluated; markers of transactions count as any other."""
        return sum(max(0, target.end - position) for target, position in self.evaluated.items())


def take_targets(admin: Admin) -> list[DrainTarget]:
    """Where the input topics end now; partitions with nothing to read are left out.

    Raises:
        ZectoError: no broker answers, or a topic is missing.
    """
    names = [topic.name for topic in input_topics()]
    states = admin.describe(names)
    missing = [name for name in names if name not in states]
    if missing:
        raise ZectoError(
            f"the broker has no topic {', '.join(missing)}", hint="run zecto-sla migrate", code=Code.TOPIC_MISSING
        )
    partitions = {(name, number) for name, state in states.items() for number in range(state.partitions)}
    # Ends first: what retention takes meanwhile can only make a start later, never an end.
    ends = admin.end_offsets(partitions)
    starts = admin.start_offsets(partitions)
    return sorted(
        DrainTarget(topic=name, topic_id=states[name].topic_id, partition=number, start=starts[name, number], end=end)
        for (name, number), end in ends.items()
        if starts[name, number] < end
    )


def look(client: Client, targets: list[DrainTarget]) -> DrainProgress:
    """How far each target is evaluated now; retention may have taken its beginning unread, the ledger says so later."""
    rows = client.query(_PROGRESS_QUERY).result_rows
    known = {(topic, topic_id, int(number)): int(position) for topic, topic_id, number, position in rows}
    return DrainProgress(
        evaluated={
            target: known.get((target.topic, target.topic_id, target.partition), target.start) for target in targets
        }
    )


def watch(client: Client, targets: list[DrainTarget], *, timeout_s: float | None) -> Iterator[DrainProgress]:
    """Look again and again; the last one either has nothing lagging, or came when time was up."""
    until = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        progress = look(client, targets)
        yield progress
        if not progress.lagging or (until is not None and time.monotonic() >= until):
            return
        time.sleep(_POLL_S)
