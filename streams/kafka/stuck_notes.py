"""The notes that workers leave beside their committed offsets: what keeps them from going on."""

from collections.abc import Sequence
from typing import Final

import msgspec
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka.admin import AdminClient

from streams.core.settings import Settings
from streams.core.waits import RecordPlace
from streams.kafka.connection import client_config
from streams.kafka.errors import unanswered

_TIMEOUT_S: Final = 6.0
# A broker takes 4,096 bytes (offset.metadata.max.bytes); of other alphabets a character may take four.
_MESSAGE_CHARS: Final = 800


class StuckNote(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is stuck at: since when, with what error, because of which record; None: of none alone."""

    since_ms: int
    code: str
    message: str
    record: RecordPlace | None


def write_note(note: StuckNote) -> str:
    """The note as the broker keeps it."""
    return msgspec.json.encode(msgspec.structs.replace(note, message=note.message[:_MESSAGE_CHARS])).decode()


def read_notes(settings: Settings) -> Sequence[StuckNote]:
    """The notes of the group now, one of each thing that is waited for.

    Raises:
        ZectoError: no broker answers.
    """
    try:
        client = AdminClient({**client_config(settings), "log_level": 0})
        asked = client.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(settings.kafka_group)], request_timeout=_TIMEOUT_S
        )
        found = asked[settings.kafka_group].result(_TIMEOUT_S + 1)
    except (KafkaException, TimeoutError) as error:
        raise unanswered(error, settings.kafka_bootstrap) from error
    notes = [_read(place.metadata) for place in found.topic_partitions if place.metadata]
    return sorted({note for note in notes if note}, key=lambda note: (note.since_ms, str(note.record)))


def _read(text: str) -> StuckNote | None:
    """None: somebody else's note."""
    try:
        return msgspec.json.decode(text, type=StuckNote)
    except (msgspec.DecodeError, UnicodeError):
        return None
