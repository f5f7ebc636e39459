"""What a consumer group has committed, and how a test changes it behind the workers' backs."""

import time

from confluent_kafka import Consumer, ConsumerGroupState, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.connection import client_config

_PATIENCE_S = 20.0
_LOOK_S = 0.01


def committed(settings: Settings, topic: str) -> dict[int, int]:
    """The committed offset of each partition of a topic; 0 where nothing is."""
    places = [TopicPartition(topic, number) for number in range(_partitions(settings, topic))]
    consumer = _member(settings)
    try:
        return {place.partition: max(0, place.offset) for place in _patiently(consumer, places)}
    finally:
        consumer.close()


def commit(settings: Settings, topic: str, offsets: dict[int, int]) -> None:
    """Commit offsets for a group without members."""
    consumer = _member(settings)
    try:
        consumer.commit(
            offsets=[TopicPartition(topic, number, offset) for number, offset in offsets.items()], asynchronous=False
        )
    finally:
        consumer.close()


def members(settings: Settings) -> list[int]:
    """How many partitions each member of the group holds; none while it is being shared out."""
    admin = AdminClient({**client_config(settings), "log_level": 0})
    try:
        found = admin.describe_consumer_groups([settings.kafka_group])[settings.kafka_group].result(10)
    except KafkaException:  # a young broker has no coordinator for a while
        return []
    if found.state is not ConsumerGroupState.STABLE:
        return []
    return sorted(len(member.assignment.topic_partitions) for member in found.members)


def unsettled(settings: Settings, *, within_s: float) -> str:
    """The state of the group as soon as it is no longer stable, in the broker's words; empty: it stayed so."""
    admin = AdminClient({**client_config(settings), "log_level": 0})
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        state = admin.describe_consumer_groups([settings.kafka_group])[settings.kafka_group].result(10).state
        if state in (ConsumerGroupState.PREPARING_REBALANCING, ConsumerGroupState.COMPLETING_REBALANCING):
            return str(state.name)
        time.sleep(_LOOK_S)
    return ""


def empty(settings: Settings) -> bool:
    """Whether the group has no member left."""
    admin = AdminClient({**client_config(settings), "log_level": 0})
    try:
        found = admin.describe_consumer_groups([settings.kafka_group])[settings.kafka_group].result(10)
    except KafkaException:  # its coordinator is away for a while
        return False
    return found.state in (ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD)


def _member(settings: Settings) -> Consumer:
    return Consumer({**client_config(settings), "group.id": settings.kafka_group, "enable.auto.commit": False})


def _partitions(settings: Settings, topic: str) -> int:
    return Admin(settings).describe([topic])[topic].partitions


def _patiently(consumer: Consumer, places: list[TopicPartition]) -> list[TopicPartition]:
    """A young broker has no coordinator for a while."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return list(consumer.committed(places, timeout=10))
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
