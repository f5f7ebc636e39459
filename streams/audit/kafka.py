"""Raw records of a broker: every partition of the topics that are asked for, to its end at the call."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import confluent_kafka

from streams.audit.reading import Raw, Source
from streams.audit.records import MONTH_TOPICS
from streams.core.errors import Code, UsageError, ZectoError
from streams.core.settings import Settings

_REACH_S: Final = 6.0
_FETCH_RECORDS: Final = 10_000
_FETCH_S: Final = 0.2
_HELD_BYTES: Final = 32 * 1024 * 1024
_SILENT_FETCHES_MAX: Final = 150

Place = tuple[str, int]


def open_kafka(settings: Settings, topics: Iterable[str] = MONTH_TOPICS) -> Source:
    """What the broker holds now; what comes later is left out.

    Raises:
        UsageError: SASL without a user name.
        ZectoError: no broker answers, or a topic is missing.
    """
    heard: list[confluent_kafka.KafkaError] = []
    try:
        consumer = confluent_kafka.Consumer({**_config(settings), "error_cb": heard.append})
    except confluent_kafka.KafkaException as error:
        raise ZectoError(
            f"the Kafka connection cannot be set up: {error.args[0].str()}", code=Code.SETTING_UNUSABLE
        ) from error
    try:
        spans = {place: span for topic in topics for place, span in _spans(consumer, topic).items()}
    except confluent_kafka.KafkaException as error:
        consumer.poll(0)  # hears what the client has said meanwhile
        raise _unanswered(settings, heard or [error.args[0]]) from error
    finally:
        consumer.close()
    return Source(
        records=lambda: _read(_config(settings), spans), starts={place: first for place, (first, _) in spans.items()}
    )


def _unanswered(settings: Settings, heard: Sequence[confluent_kafka.KafkaError]) -> ZectoError:
    """The error for a question that the broker did not answer, by what the client said of it."""
    for error in heard:
        if error.code() == confluent_kafka.KafkaError._AUTHENTICATION:  # noqa: SLF001  its public name
            return ZectoError(
                f"the broker at {settings.kafka_bootstrap} refuses: {error.str()}",
                hint="see ZECTO_KAFKA_SASL_USERNAME and its password",
                code=Code.BROKER_REFUSES,
            )
    said = heard[0].str()
    return ZectoError(f"no broker answers at {settings.kafka_bootstrap} ({said})", code=Code.BROKER_UNREACHABLE)


def _spans(consumer: Any, topic: str) -> dict[Place, tuple[int, int]]:  # noqa: ANN401  the library is untyped
    known = consumer.list_topics(timeout=_REACH_S).topics.get(topic)
    if known is None or not known.partitions:
        raise ZectoError(f"the broker has no topic {topic}: run zecto-sla migrate", code=Code.TOPIC_MISSING)
    return {
        (topic, number): consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, number), timeout=_REACH_S)
        for number in sorted(known.partitions)
    }


def _read(config: dict[str, str | int | bool], spans: dict[Place, tuple[int, int]]) -> Iterator[Raw]:
    """The records of all spans, those of one partition in their order."""
    left = {place: end for place, (first, end) in spans.items() if first < end}
    consumer = confluent_kafka.Consumer(config)
    try:
        consumer.assign([confluent_kafka.TopicPartition(*place, spans[place][0]) for place in left])
        silent, room = 0, _FETCH_RECORDS
        while left:
            messages = consumer.consume(room, _FETCH_S)
            room = _room(messages, room)
            taken = [raw for message in messages for raw in _take(message, left)]
            silent = 0 if taken else silent + 1
            if silent == _SILENT_FETCHES_MAX:
                raise ZectoError(
                    f"the broker sends nothing more of {', '.join(f'{t}/{p}' for t, p in left)}",
                    code=Code.TOPIC_UNREADABLE,
                )
            yield from taken
    finally:
        consumer.close()


def _room(messages: list[Any], room: int) -> int:
    """How many records to take next, where they are as large as the largest of these."""
    if not messages:
        return room
    return max(1, min(_FETCH_RECORDS, _HELD_BYTES // max(1, *(len(message) for message in messages), 1)))


def _take(message: Any, left: dict[Place, int]) -> Iterator[Raw]:  # noqa: ANN401  the library is untyped
    """The record, if it lies before its partition's end; a partition that is read to its end is left no more."""
    place = (message.topic(), message.partition())
    error = message.error()
    if error is not None:
        if error.code() != confluent_kafka.KafkaError._PARTITION_EOF:  # noqa: SLF001  its public name
            raise ZectoError(f"{place[0]}/{place[1]} cannot be read: {error.str()}", code=Code.TOPIC_UNREADABLE)
        left.pop(place, None)
        return
    offset, end = message.offset(), left.get(place, 0)
    if offset < end:
        yield Raw(*place, offset, message.timestamp()[1], message.value())
    if offset + 1 >= end:
        left.pop(place, None)


def _config(settings: Settings) -> dict[str, str | int | bool]:
    """Read-only, member of no group, committed transactions only."""
    config: dict[str, str | int | bool] = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_security_protocol,
        "client.id": "zecto-sla-audit",
        "group.id": "zecto-sla-audit",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
        "isolation.level": "read_committed",
        # The client unpacks whole what one fetch brings, and what a few kilobytes unpack to is bounded by nothing.
        "fetch.message.max.bytes": 16 * 1024,
        "receive.message.max.bytes": 2_147_483_647,
        "queued.max.messages.kbytes": 8 * 1024,  # fetched ahead, of each partition
        "log_level": 0,
    }
    if settings.kafka_ca_file:
        config["ssl.ca.location"] = settings.kafka_ca_file
    if settings.kafka_wants_password:
        if not settings.kafka_sasl_username:
            raise UsageError("SASL needs a user name: set ZECTO_KAFKA_SASL_USERNAME and ZECTO_KAFKA_SASL_PASSWORD")
        config["sasl.mechanism"] = settings.kafka_sasl_mechanism
        config["sasl.username"] = settings.kafka_sasl_username
        config["sasl.password"] = settings.kafka_sasl_password.get_secret_value()
    is_clear = settings.kafka_security_protocol == "SASL_PLAINTEXT" and not settings.kafka_is_here
    if is_clear or (settings.kafka_sasl_username and not settings.kafka_wants_password):
        raise UsageError("a password never travels in cleartext: set ZECTO_KAFKA_SECURITY_PROTOCOL=SASL_SSL")
    return config
