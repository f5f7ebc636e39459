"""Topics as somebody beside the program changes them."""

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    ResourceType,
)

from streams.core.settings import Settings
from streams.kafka.connection import client_config


def delete_topic(settings: Settings, name: str) -> None:
    """Delete a topic; returns once the broker has said so."""
    client = _admin(settings)
    client.delete_topics([name])[name].result(30)


def bound_topic(settings: Settings, name: str, most: int) -> None:
    """Let a topic take batches of at most so many bytes; returns once the broker has said so."""
    alter_topic(settings, name, "max.message.bytes", str(most))


def alter_topic(settings: Settings, name: str, setting: str, value: str) -> None:
    """Change one of a topic's settings; returns once the broker has said so."""
    entry = ConfigEntry(
        setting,
        value,
        ConfigSource.DYNAMIC_TOPIC_CONFIG,
        incremental_operation=AlterConfigOpType.SET,
    )
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
    client = _admin(settings)
    for changed in client.incremental_alter_configs([resource]).values():
        changed.result(30)


def _admin(settings: Settings) -> AdminClient:
    """To be kept in a variable: what it was asked fails when it is collected."""
    return AdminClient({**client_config(settings), "log_level": 0})
