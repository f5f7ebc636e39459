"""I1-I4, C1, C3, C5, V2, B3, B5: counts that the engine makes of the ledger are what the plain rules make of it."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_args

import pyarrow.compute as pc
import pytest
from clickhouse_connect.driver.client import Client

import sql
from streams.clickhouse.arrow import ask_text
from streams.clickhouse.client import connect
from streams.counting.rows import MAPS, minute_counts, named_minutes
from streams.ingest.count_minutes import touched_by_name
from tests.counted import count_now
from tests.databases import Databases
from tests.integration.ledger_rows import MINUTE_S, RECORDED_MS, LedgerRow, insert_rows, random_rows, records_of
from tests.simulation.counting import COLUMNS, SERVICES, Place, count_minute

pytestmark = pytest.mark.engine

_MINUTES = 150
_SPAN = {"from": MINUTE_S, "to": MINUTE_S + 60 * _MINUTES}
_CUTS_MS = (RECORDED_MS + 1, RECORDED_MS + 500)
_NO_CUT_MS = 2**63 - 1

Counts = Mapping[Place, Mapping[str, Any]]


class Compared(NamedTuple):
    """What the engine counted, and what the rules count of the same records: as all is known, and before cuts."""

    found: Counts
    wanted: Counts
    found_at: tuple[Counts, ...]
    wanted_at: tuple[Counts, ...]


@pytest.fixture(scope="module")
def compared(databases: Databases) -> Iterator[Compared]:
    tables = random_rows(random.Random(0), minutes=_MINUTES, each=7)
    with databases.lent() as settings, connect(settings) as client:
        insert_rows(client, tables)
        yield Compared(
            found=counted(client),
            wanted=without_version(expected(tables)),
            found_at=tuple(counted(client, cut_ms) for cut_ms in _CUTS_MS),
            wanted_at=tuple(without_version(expected(tables, cut_ms)) for cut_ms in _CUTS_MS),
        )


def expected(tables: dict[str, list[LedgerRow]], as_of_ms: int = _NO_CUT_MS) -> Counts:
    return {place: count_minute(place, *records) for place, records in records_of(tables, as_of_ms=as_of_ms).items()}


def without_version(counts: Counts) -> Counts:
    """As of a cut: what is stored has a version, and what is counted to be read has none."""
    return {place: {name: row[name] for name in row if name != "version"} for place, row in counts.items()}


def counted(client: Client, as_of_ms: int = _NO_CUT_MS) -> Counts:
    """As a cut is counted."""
    asked = {**_SPAN, "as_of": as_of_ms}
    found = minute_counts([ask_text(client, sql.counting(kind, "between"), asked) for kind in get_args(sql.Kind)])
    return {
        (row["service"], row["minute"]): {
            **row,
            **{name: dict(row[name]) for name in MAPS},
            "service": SERVICES[row["service"]],
            "minute": datetime.fromtimestamp(row["minute"], UTC),
        }
        for row in found.to_pylist()
    }


def stored(client: Client) -> Counts:
    """As an evaluation has written it."""
    numbers = {name: number for number, name in SERVICES.items()}
    rows = list(client.query("SELECT * FROM minutes FINAL", tz_mode="aware").named_results())
    found = {(numbers[row["service"]], int(row["minute"].timestamp())): row for row in rows}
    assert len(found) == len(rows)
    return found


def _same(compared: Compared, *parts: str) -> None:
    """The columns whose names hold one of these parts are alike, and not all of them empty."""
    names = [name for name in COLUMNS if any(part in name for part in parts)]
    assert any(row[name] for row in compared.wanted.values() for name in names)
    for place, row in compared.wanted.items():
        assert {name: compared.found[place][name] for name in names} == {name: row[name] for name in names}, place


def test_c1_outcomes_are_counted_as_the_rules_do(compared: Compared) -> None:
    _same(compared, *(f"messages_{outcome}" for outcome in ("ok", "operator", "customer", "content", "recipient")))


def test_i1_records_whose_id_names_nothing_count_each(compared: Compared) -> None:
    _same(compared, "unnamed")


def test_i2_what_counts_is_what_the_rules_say(compared: Compared) -> None:
    _same(compared, "requests_", "messages_", "probes_", "records")


def test_i3_conflicts_and_collisions_are_those_of_the_rules(compared: Compared) -> None:
    _same(compared, "conflicts", "collisions")


def test_i4_corrected_and_heard_are_those_of_the_rules(compared: Compared) -> None:
    _same(compared, "corrected", "heard")


def test_c3_what_was_held_is_what_the_rules_say(compared: Compared) -> None:
    _same(compared, "messages_platform", "messages_out_of_scope_platform")


def test_c5_what_is_out_of_scope_is_counted_apart(compared: Compared) -> None:
    _same(compared, "out_of_scope")


def test_v2_vantages_are_those_of_the_rules(compared: Compared) -> None:
    _same(compared, "vantages")


def test_b3_sources_and_mended_are_those_of_the_rules(compared: Compared) -> None:
    _same(compared, "sources", "unsourced", "mended")


def test_b5_before_a_cut_later_records_are_not_there(compared: Compared) -> None:
    assert compared.found_at == compared.wanted_at
    assert compared.found == compared.wanted


def test_an_evaluation_writes_what_is_counted(client: Client) -> None:
    tables = random_rows(random.Random(6), minutes=5, each=7)
    insert_rows(client, tables)
    wanted = expected(tables)
    named = list(wanted)[::2]
    assert count_now(client, minutes=named) == len(named)
    assert stored(client) == {place: wanted[place] for place in named}


def test_i2_where_none_meet_tallies_are_the_counts(client: Client) -> None:
    tables = random_rows(random.Random(8), minutes=200, each=3)
    del tables["ledger_receipts"], tables["ledger_probes"]
    insert_rows(client, tables)
    wanted = expected(tables)
    tallied = ask_text(client, sql.tallies("by_name"), touched_by_name(wanted))
    plain = tallied.filter(pc.equal(tallied["is_plain"], 1))
    assert 0 < len(plain) < len(wanted), "some meet others, and some do not"
    records = records_of(tables)
    requests = [records[place][0] for place in named_minutes(plain)]
    assert all(len({request.identity for request in of}) == len(of) for of in requests)
    count_now(client, minutes=list(wanted))
    assert stored(client) == wanted


def test_what_is_counted_fills_every_column(client: Client) -> None:
    columns = client.query("SELECT * FROM minutes LIMIT 0").column_names
    assert sorted(columns) == sorted(COLUMNS)


def test_what_has_expired_is_not_counted(client: Client) -> None:
    insert_rows(client, random_rows(random.Random(7), minutes=2, each=7))
    assert counted(client)
    client.insert("expirations", [[202609, True]], column_names=["month", "dropped"])
    assert not counted(client)
