"""Topics as somebody beside the program changes them."""

from confluent_kafka.admin import AdminClient

from streams.core.settings import Settings
from streams.kafka.connection import client_config


def delete_topic(settings: Settings, name: str) -> None:
    """Delete a topic; returns once the broker has said so."""
    client = AdminClient({**client_config(settings), "log_level": 0})
    client.delete_topics([name])[name].result(30)
