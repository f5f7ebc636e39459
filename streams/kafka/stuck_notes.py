"""The notes that workers leave beside their committed offsets: what keeps them from going on."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from schemas.reference import input_topics
from streams.core.settings import Settings
from streams.core.waits import RecordPlace
from streams.kafka.admin import Admin
from streams.kafka.connection import client_config
from streams.kafka.errors import error_code, unanswered

_TIMEOUT_S: Final = 6.0
_PAUSE_S: Final = 0.2
# A broker that has just started has nobody yet who knows the group.
_SOON: Final = frozenset(
    {
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError._WAIT_COORD,  # noqa: SLF001  librdkafka's name for its own errors
    }
)
# A broker takes 4,096 bytes (offset.metadata.max.bytes); of other alphabets a character may take four.
_MESSAGE_CHARS: Final = 800
# librdkafka keeps the text without an end, and its client for Python reads on in memory until there is one.
_END: Final = "\0"


class StuckNote(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is stuck at: since when, with what error, because of which record; None: of none alone."""

    since_ms: int
    code: str
    message: str
    record: RecordPlace | None


def write_note(note: StuckNote) -> str:
    """The note as the broker keeps it."""
    cut = msgspec.structs.replace(note, message=note.message[:_MESSAGE_CHARS])
    return msgspec.json.encode(cut).decode() + _END


def read_notes(settings: Settings, *, timeout_s: float = _TIMEOUT_S) -> Sequence[StuckNote]:
    """The notes of the group now, one of each thing that is waited for.

    A consumer is asked, which joins nothing. The admin client's way to list a group's offsets ends the whole process
    when the group's coordinator is not known yet (librdkafka issue 5040).

    Raises:
        ZectoError: no broker answers.
    """
    places = _places(settings)
    client = Consumer(
        {**client_config(settings), "group.id": settings.kafka_group, "enable.auto.commit": False, "log_level": 0}
    )
    try:
        found = _committed(client, places, timeout_s)
    except KafkaException as error:
        raise unanswered(error, settings.kafka_bootstrap) from error
    finally:
        client.close()
    notes = [_read(place) for place in found]
    return sorted({note for note in notes if note}, key=lambda note: (note.since_ms, str(note.record)))


def _places(settings: Settings) -> list[TopicPartition]:
    """Where workers commit: every partition of the input topics that exist, fit or not."""
    states = Admin(settings).describe([topic.name for topic in input_topics()])
    return [TopicPartition(state.name, number) for state in states.values() for number in range(state.partitions)]


def _committed(client: Consumer, places: list[TopicPartition], timeout_s: float) -> list[TopicPartition]:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return list(client.committed(places, timeout=timeout_s)) if places else []
        except KafkaException as error:
            if error_code(error) not in _SOON or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)


def _read(place: TopicPartition) -> StuckNote | None:
    """None: no note, or somebody else's."""
    try:
        text = place.metadata
        return msgspec.json.decode(text.removesuffix(_END), type=StuckNote) if text else None
    except (msgspec.DecodeError, UnicodeError):
        return None
