"""Topics as somebody beside the program changes them."""

from confluent_kafka.admin import AdminClient

from streams.core.settings import Settings


def delete_topic(settings: Settings, name: str) -> None:
    """Delete a topic; returns once the broker has said so."""
    client = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
    client.delete_topics([name])[name].result(30)
