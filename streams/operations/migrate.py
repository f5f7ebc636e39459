"""Bring broker and ClickHouse to what this version needs: topics, migrations, views, reference data.

Running it again is harmless.
"""

from streams.clickhouse.migrate import migrate_database
from streams.core.data_files import check_data_files
from streams.core.settings import Settings
from streams.kafka.topics import ensure_topics


def migrate(settings: Settings) -> None:
    """Topics that are missing are created; the database is brought to this version.

    Raises:
        ZectoError: a data file, the broker, the engine or a topic is not as it must be; a migration was changed.
    """
    check_data_files()
    ensure_topics(settings)
    migrate_database(settings)
