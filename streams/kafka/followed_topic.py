"""A topic of few records that is asked again and again: read once from its beginning, then only what was added."""

from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.archive import ArchivedRecord, OffsetSpan, TopicArchive


class FollowedTopic:
    """Keeps what it has read; a topic created anew, which has another id, is read from its beginning."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._records: dict[int, list[ArchivedRecord]] = {}
        self._next: dict[int, int] = {}
        self._topic_id = ""

    def read_on(self) -> list[ArchivedRecord]:
        """All records of the topic, partition after partition: what was acknowledged before the call is among them.

        Raises:
            ZectoError: no broker answers, it has no such topic, or it stops answering.
        """
        self._forget_other_incarnation()
        archive = TopicArchive(self._settings, self._topic)
        try:
            for span in archive.spans:
                self._take(archive, span)
        finally:
            archive.close()
        return [record for partition in sorted(self._records) for record in self._records[partition]]

    def _take(self, archive: TopicArchive, span: OffsetSpan) -> None:
        first = max(span.first, self._next.get(span.partition, 0))
        unread = OffsetSpan(partition=span.partition, first=first, end=span.end)
        records = self._records.setdefault(span.partition, [])
        for record in archive.records_of(unread):
            records.append(record)
            # Not the end: what stands there may be of a transaction that is open, and come later.
            self._next[span.partition] = record.offset + 1

    def _forget_other_incarnation(self) -> None:
        states = Admin(self._settings).describe([self._topic])
        topic_id = states[self._topic].topic_id if self._topic in states else ""
        if topic_id != self._topic_id:
            self._topic_id = topic_id
            self._records.clear()
            self._next.clear()
