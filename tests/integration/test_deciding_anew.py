"""A ledger of the contract's first edition: its outcomes are decided anew from what its rows keep, once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

import sql
from schemas.codes import CodeTable, Responsible, assemble_tables
from schemas.reference import code_tables
from streams.clickhouse.decide_anew import decide_outcomes_anew
from streams.clickhouse.session import open_session
from streams.core.settings import Settings
from streams.rules.classify import OutcomeRules
from streams.rules.identity import identity_key

pytestmark = pytest.mark.engine

MINUTES = (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
EDGE = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
BASE = code_tables()
DATED = CodeTable(
    name="platform_error",
    rows={**BASE.tables["platform_error"].rows, "x": ((int(EDGE.timestamp() * 1000), Responsible.CUSTOMER),)},
)
RULES = OutcomeRules(tables=assemble_tables({**BASE.tables, "platform_error": DATED}), answer_within_us=30_000_000)

# what the first edition wrote, and what the second decides: a request by status, error, milliseconds and second
Cases = Mapping[str, tuple[Mapping[str, Any], tuple[str, str]]]
DEFAULTS = {"duration_ms": None, "minute_ms": 0}
DATED_ROW = "from its row on"

REQUESTS: Cases = {
    "200": ({"status": 200, "outcome": "ok", "reason": "http_status:200"}, ("ok", "http_status:200")),
    "late": (
        {"status": 200, "duration_ms": 30_000, "outcome": "ok", "reason": "http_status:200"},
        ("platform", "answer_within:200"),
    ),
    "in time": (
        {"status": 200, "duration_ms": 29_999, "outcome": "ok", "reason": "http_status:200"},
        ("ok", "http_status:200"),
    ),
    "gone": (
        {"status": 499, "duration_ms": 12, "outcome": "unknown", "reason": "http_status:499"},
        ("customer", "http_status:499"),
    ),
    "gone some time": (
        {"status": 499, "outcome": "unknown", "reason": "http_status:499"},
        ("unknown", "http_status:499"),
    ),
    "claimed": (
        {
            "status": 503,
            "error": "dns_failure",
            "outcome": "operator",
            "reason": "platform_error:dns_failure",
        },
        ("claimed", "platform_error:dns_failure"),
    ),
    "open 5xx": ({"status": 530, "outcome": "unknown", "reason": "http_status:530"}, ("platform", "http_status:530")),
    "before its row": (
        {"status": 400, "error": "x", "minute_ms": 29_999, "outcome": "customer", "reason": "http_status:400"},
        ("customer", "http_status:400"),
    ),
    DATED_ROW: (
        {"status": 400, "error": "x", "minute_ms": 30_000, "outcome": "customer", "reason": "http_status:400"},
        ("customer", "platform_error:x"),
    ),
}
RECEIPTS: Cases = {
    "delivered": ({"state": "delivered", "outcome": "ok", "reason": "state:delivered"}, ("ok", "state:delivered")),
    "spelt": (
        {
            "state": "failed",
            "code_system": "smpp_status",
            "code": "0xb",
            "outcome": "unknown",
            "reason": "smpp_message_state:UNDELIV",
        },
        ("customer", "smpp_command_status:0x0000000B"),
    ),
    "our word": (
        {
            "state": "failed",
            "code_system": "platform",
            "code": "operator_timeout",
            "outcome": "operator",
            "reason": "platform_error:operator_timeout",
        },
        ("claimed", "platform_error:operator_timeout"),
    ),
    "their word": (
        {
            "state": "failed",
            "code_system": "gsm_map",
            "code": "map:2",
            "outcome": "operator",
            "reason": "gsm_map_error:map:2",
        },
        ("operator", "gsm_map_error:map:2"),
    ),
}


@pytest.fixture
def ledger(database: Settings, client: Client) -> Iterator[Client]:
    client.command("TRUNCATE TABLE decided_outcomes")
    insert(client, "ledger_requests", [written for written, _ in REQUESTS.values()])
    insert(client, "ledger_receipts", [written for written, _ in RECEIPTS.values()])
    with open_session(database, long_parameters=True) as session:
        yield session


def insert(client: Client, table: str, written: Sequence[Mapping[str, Any]]) -> None:
    """Rows as the first edition wrote them, in each of the minutes; what they keep tells them apart."""
    names = sorted({name for row in written for name in row})
    rows = [
        ["sms", minute, identity_key(repr(row)), 7, *(row.get(name, DEFAULTS.get(name, "")) for name in names)]
        for minute in MINUTES
        for row in written
    ]
    client.insert(table, rows, ["service", "minute", "identity", "partition", *names])


def outcomes(client: Client, table: str) -> dict[tuple[datetime, bytes], tuple[str, str]]:
    found = client.query(f"SELECT minute, identity, outcome, reason, partition FROM {table}").result_rows
    assert {row[4] for row in found} == {7}
    return {
        (minute.replace(tzinfo=UTC), bytes(identity)): (outcome, reason)
        for minute, identity, outcome, reason, _ in found
    }


def decided(rows: Cases, name: str, minute: datetime) -> tuple[str, str]:
    """What the second edition says of a row; before the edge of the table its error is not known."""
    is_early = name == DATED_ROW and minute < MINUTES[-1]
    return ("customer", "http_status:400") if is_early else rows[name][1]


def expected(rows: Cases) -> dict[tuple[datetime, bytes], tuple[str, str]]:
    return {
        (minute, identity_key(repr(written))): decided(rows, name, minute)
        for minute in MINUTES
        for name, (written, _) in rows.items()
    }


def changes(rows: Cases) -> int:
    return sum(
        (written["outcome"], written["reason"]) != decided(rows, name, minute)
        for minute in MINUTES
        for name, (written, _) in rows.items()
    )


def test_c2_c3_every_row_is_decided_by_the_second_edition(ledger: Client) -> None:
    assert decide_outcomes_anew(ledger, RULES) == changes(REQUESTS) + changes(RECEIPTS)
    assert outcomes(ledger, "ledger_requests") == expected(REQUESTS)
    assert outcomes(ledger, "ledger_receipts") == expected(RECEIPTS)


def test_what_is_decided_is_not_looked_at_again(ledger: Client) -> None:
    assert decide_outcomes_anew(ledger, RULES) > 0
    insert(ledger, "ledger_requests", [{"status": 530, "outcome": "unknown", "reason": "left alone"}])
    assert decide_outcomes_anew(ledger, RULES) == 0
    assert ("unknown", "left alone") in outcomes(ledger, "ledger_requests").values()


def test_who_was_stopped_on_the_way_finds_what_is_left(ledger: Client) -> None:
    some = {"outcome": "customer", "reason": "http_status:499", "within": RULES.answer_within_us}
    cases = [(499, "", 0, validity) for validity in range(len(RULES.tables.edges_ms) + 1)]
    ledger.raw_query(
        sql.query("decide_requests"), parameters={**some, "edges": list(RULES.tables.edges_ms), "cases": cases}
    )
    assert decide_outcomes_anew(ledger, RULES) == changes(REQUESTS) + changes(RECEIPTS) - len(MINUTES)
    assert outcomes(ledger, "ledger_requests") == expected(REQUESTS)


def test_more_cases_than_a_statement_holds_are_all_decided(ledger: Client) -> None:
    errors = [f"{number:>04}" + "😀" * 60 for number in range(1_100)]
    rows = [["sms", MINUTES[0], identity_key(error), 530, error, "unknown", "http_status:530"] for error in errors]
    names = ["service", "minute", "identity", "status", "error", "outcome", "reason"]
    ledger.insert("ledger_requests", rows, names)
    assert decide_outcomes_anew(ledger, RULES) == changes(REQUESTS) + changes(RECEIPTS) + 1_100
    left = ledger.query("SELECT count() FROM ledger_requests WHERE status = 530 AND outcome != 'platform'")
    assert left.first_row == (0,)


def test_migrating_a_new_database_leaves_nothing_to_decide(database: Settings) -> None:
    with open_session(database, long_parameters=True) as session:
        assert decide_outcomes_anew(session, RULES) == 0
