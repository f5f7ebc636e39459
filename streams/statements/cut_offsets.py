"""Where a cut falls in every partition of the input topics, as the broker gives it."""

from collections.abc import Sequence

from schemas.closing import EndOffset
from schemas.reference import input_topics
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings
from streams.kafka.admin import Admin


class CutOffsets:
    """The offsets of cuts in the topics of one broker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def at(self, cut_ms: int) -> Sequence[EndOffset]:
        """Of each partition the first offset whose broker timestamp is not before the cut, else its end.

        Raises:
            ZectoError: no broker answers, or a topic is missing.
        """
        return _end_offsets(Admin(self._settings), cut_ms)


def _end_offsets(admin: Admin, cut_ms: int) -> Sequence[EndOffset]:
    topics = admin.describe([topic.name for topic in input_topics()])
    missing = sorted({topic.name for topic in input_topics()} - topics.keys())
    if missing:
        raise ZectoError(
            f"the broker has no topic {', '.join(missing)}: run zecto-sla migrate", code=Code.TOPIC_MISSING
        )
    partitions = [(name, number) for name, state in sorted(topics.items()) for number in range(state.partitions)]
    # The ends first: what is known before the cut was in the log already, so it lies before each of them.
    ends = admin.end_offsets(partitions)
    after = admin.offsets_from(partitions, cut_ms)
    return [
        EndOffset(
            topic=topic,
            topic_id=topics[topic].topic_id,
            partition=number,
            offset=_first(after[topic, number], ends[topic, number]),
        )
        for topic, number in partitions
    ]


def _first(found: int | None, end: int) -> int:
    return end if found is None else found
