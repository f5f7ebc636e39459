"""Migrated databases for tests: one that comes back is emptied, and lent again if it is as migrations left it.

One in which something is still running is not: a test may have cut off whoever was writing, but not the engine.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.core.settings import Settings

_numbers = itertools.count(1)
_REFERENCE: Final = ("calendar", "counting_rules", "input_topics", "policies", "schema_versions")
_DEFINED: Final = """
SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name
"""
_FILLED: Final = """
SELECT name FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND total_rows > 0
    AND name NOT IN {reference:Array(String)}
"""
_RUNNING: Final = """
SELECT count() FROM system.processes WHERE current_database = currentDatabase() AND query_id != queryID()
"""


class Databases:
    """Those on one engine. To migrate takes a second, to empty a fraction of it: hundreds of tests ask for one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._free: list[Settings] = []
        self._migrated: dict[str, Any] = {}

    @contextmanager
    def lent(self) -> Iterator[Settings]:
        """An empty, migrated database that nobody else has meanwhile, and a consumer group nobody had before."""
        settings = self._free.pop() if self._free else self._made()
        yield settings.model_copy(update={"kafka_group": f"test-{os.getpid()}-{next(_numbers)}"})
        with connect(settings) as client:
            is_at_rest = client.query(_RUNNING).first_row == (0,)
            if is_at_rest and _as_migrated(client) == self._migrated[settings.clickhouse_database]:
                _empty(client)
                self._free.append(settings)
            else:
                client.command(f"DROP DATABASE {settings.clickhouse_database} SYNC")

    def _made(self) -> Settings:
        settings = Settings(
            kafka_bootstrap="127.0.0.1:1",
            clickhouse_url=self._url,
            clickhouse_database=f"test_{next(_numbers)}",
            kafka_group="none",
        )
        migrate_database(settings)
        with connect(settings) as client:
            self._migrated[settings.clickhouse_database] = _as_migrated(client)
        return settings


def _as_migrated(client: Client) -> object:
    """Every table and view as it was created, and what the reference tables hold."""
    held = [f"SELECT sum(DISTINCT sipHash64(formatRow('TSV', *))) FROM {name}" for name in _REFERENCE]
    return [client.query(query).result_rows for query in (_DEFINED, *held)]


def _empty(client: Client) -> None:
    for (name,) in client.query(_FILLED, parameters={"reference": list(_REFERENCE)}).result_rows:
        client.command(f"TRUNCATE TABLE {name} SYNC")
