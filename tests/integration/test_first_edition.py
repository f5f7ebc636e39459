"""Minutes that the contract's first edition counted are counted again from the ledger, once, and published."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

import sql
from streams.clickhouse.store import Store
from streams.ingest.recount import count_first_edition, count_uncounted
from tests.integration.ledger_rows import MINUTE_S, insert_rows, random_rows, records_of
from tests.integration.ledger_world import Broker
from tests.simulation.counting import EDITION, SERVICES, Place, count_minute

pytestmark = pytest.mark.engine

_EXPIRED = datetime(2026, 7, 1, tzinfo=UTC)
_LOST = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture
def counted_before(client: Client) -> dict[Place, int]:
    """A ledger whose minutes the first edition counted; the number of distinct records of each."""
    tables = random_rows(random.Random(1), minutes=3, each=5)
    insert_rows(client, tables)
    records = {place: sum(map(len, of)) for place, of in records_of(tables).items()}
    for place, of in records_of(tables).items():
        assert count_minute(place, *of)["records"] == records[place]
    rows = [
        [SERVICES[service], datetime.fromtimestamp(minute, UTC), number]
        for (service, minute), number in records.items()
    ]
    rows += [["sms", _EXPIRED, 7], ["sms", _LOST, 7]]
    client.insert("minutes", rows, column_names=["service", "minute", "version"])
    client.insert("expirations", [[202607, True]], column_names=["month", "dropped"])
    return records


def _standing(client: Client) -> dict[tuple[str, datetime], tuple[int, int]]:
    rows: list[Any] = client.query(
        "SELECT service, minute, version, records FROM minutes FINAL", tz_mode="aware"
    ).result_rows
    return {(service, minute): (version, records) for service, minute, version, records in rows}


def test_all_that_the_ledger_holds_is_counted_again(client: Client, counted_before: dict[Place, int]) -> None:
    broker = Broker()
    asyncio.run(count_first_edition(Store(client), broker))
    standing = _standing(client)
    for (service, minute), records in counted_before.items():
        assert standing[SERVICES[service], datetime.fromtimestamp(minute, UTC)] == (EDITION + records, records)
    # what the ledger cannot count again stays as it was
    assert standing["sms", _EXPIRED] == standing["sms", _LOST] == (7, 7)
    assert len(broker.minutes) == len(counted_before)


def test_what_is_counted_again_is_not_counted_twice(client: Client, counted_before: dict[Place, int]) -> None:
    asyncio.run(count_first_edition(Store(client), Broker()))
    again = Broker()
    asyncio.run(count_first_edition(Store(client), again))
    assert (len(again.minutes), len(counted_before)) == (0, len(counted_before))


def test_who_closes_counts_the_first_editions_minutes_too(client: Client, counted_before: dict[Place, int]) -> None:
    assert asyncio.run(count_uncounted(Store(client), Broker(), known_since_ms=0)) == len(counted_before)


def test_minutes_of_the_first_edition_may_lack_records(client: Client, counted_before: dict[Place, int]) -> None:
    asked = {"from": MINUTE_S - 90 * 86_400, "to": MINUTE_S + 600}
    unheld = client.query(sql.query("unheld_minutes"), parameters=asked).result_rows
    assert (list(unheld), bool(counted_before)) == ([(1, int(_LOST.timestamp()))], True)
