"""Bring broker and ClickHouse to what this version needs: topics, migrations, views, reference data.

Outcomes that the contract's first edition decided are decided anew; a worker counts their minutes again. Running it
again is harmless.
"""

from streams.clickhouse.decide_anew import decide_outcomes_anew
from streams.clickhouse.migrate import migrate_database
from streams.clickhouse.session import open_session
from streams.core.data_files import check_data_files
from streams.core.settings import Settings
from streams.ingest.outcome_rules import outcome_rules
from streams.kafka.topics import ensure_topics


def migrate(settings: Settings) -> None:
    """Topics that are missing are created; the database is brought to this version.

    Raises:
        ZectoError: a data file, the broker, the engine or a topic is not as it must be; a migration was changed.
    """
    check_data_files()
    ensure_topics(settings)
    migrate_database(settings)
    with open_session(settings, long_parameters=True) as client:
        decide_outcomes_anew(client, outcome_rules())
