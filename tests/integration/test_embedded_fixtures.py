"""The fixtures themselves: what every other test stands on."""

from clickhouse_connect.driver.client import Client
from confluent_kafka.admin import AdminClient

from streams.settings import Settings
from tests.chaos.waiting import until


def test_each_test_gets_a_migrated_database_of_its_own(client: Client, database: Settings) -> None:
    assert client.command("SELECT currentDatabase()") == database.clickhouse_database
    assert client.command("EXISTS TABLE ledger_requests") == 1


def test_each_test_gets_empty_topics(settings: Settings) -> None:
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    # a broker under load lists what it has made a little later
    until(
        lambda: {"api.requests", "sla.minutes", "sla.dead-letters"} <= set(admin.list_topics(timeout=10).topics),
        named="all topics",
    )
