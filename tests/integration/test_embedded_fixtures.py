"""The fixtures themselves: what every other test stands on."""

from clickhouse_connect.driver.client import Client
from confluent_kafka.admin import AdminClient

from streams.settings import Settings


def test_each_test_gets_a_migrated_database_of_its_own(client: Client, database: Settings) -> None:
    assert client.command("SELECT currentDatabase()") == database.clickhouse_database
    assert client.command("EXISTS TABLE ledger_requests") == 1


def test_each_test_gets_empty_topics(settings: Settings) -> None:
    topics = AdminClient({"bootstrap.servers": settings.kafka_bootstrap}).list_topics(timeout=10).topics
    assert {"api.requests", "sla.minutes", "sla.dead-letters"} <= set(topics)
