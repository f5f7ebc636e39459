"""What a consumer group has committed, and how a test changes it behind the workers' backs."""

import time

from confluent_kafka import Consumer, ConsumerGroupState, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.kafka.admin import Admin
from streams.settings import Settings

_PATIENCE_S = 20.0


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
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
    try:
        found = admin.describe_consumer_groups([settings.kafka_group])[settings.kafka_group].result(10)
    except KafkaException:  # a young broker has no coordinator for a while
        return []
    if found.state is not ConsumerGroupState.STABLE:
        return []
    return sorted(len(member.assignment.topic_partitions) for member in found.members)


def _member(settings: Settings) -> Consumer:
    return Consumer(
        {"bootstrap.servers": settings.kafka_bootstrap, "group.id": settings.kafka_group, "enable.auto.commit": False}
    )


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
