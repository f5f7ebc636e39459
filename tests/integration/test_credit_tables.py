"""I1, I2, K2, M6: accounts, claims, refused records and answers as ClickHouse holds them."""

from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.instants import parse_instant
from streams.core.instants import to_datetime
from streams.credits.decision_store import DecisionStore
from streams.credits.issue import Logged
from streams.credits.records import read_account_records, read_accounts, read_claims
from streams.credits.refused import RefusedRecord, read_refused_accounts, read_refused_claims
from streams.rules.decisions import AmountDue, Decision, Subject, decision_id
from streams.web.feed import decision_page

pytestmark = pytest.mark.stack

LATE = "2026-10-05T00:00:00Z"


def instant(text: str) -> datetime:
    return to_datetime(parse_instant(text))


def put(client: Client, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        client.insert(table, [[*row.values()]], [*row])


def account(account_id: str, effective_from: str, recorded_at: str = LATE, **changed: object) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "content": 1,
        "revision": 0,
        "effective_from": instant(effective_from),
        "plan": "paid",
        "support_tier": "standard",
        "fees": {"sms": "10.00"},
        "currency": "PKR",
        "recorded_at": instant(recorded_at),
    } | changed


def claim(claim_id: str, account_id: str, submitted_at: str, **changed: object) -> dict[str, Any]:
    return {
        "claim_id": claim_id,
        "account_id": account_id,
        "service": "sms",
        "from": instant("2026-09-01T00:00:00Z"),
        "to": instant("2026-09-02T00:00:00Z"),
        "submitted_at": instant(submitted_at),
        "evidence": [],
        "content": 1,
        "recorded_at": instant(LATE),
    } | changed


def letter(topic: str, record_id: str, account_id: str, recorded_at: str = LATE, **changed: object) -> dict[str, Any]:
    return {
        "topic": topic,
        "content": bytes(16),
        "element": 0,
        "record_id": record_id,
        "account_id": account_id,
        "reason": "bad_instant",
        "path": "$.from",
        "recorded_at": instant(recorded_at),
    } | changed


def test_i1_claims_of_two_accounts_with_one_id_are_two(client: Client) -> None:
    put(
        client,
        "claims",
        claim("1", "ali", "2026-09-20T00:00:00Z"),
        claim("1", "bano", "2026-09-20T00:00:00Z", content=2),
    )
    assert [(one.account_id, one.claimed.claim_id) for one in read_claims(client)] == [("ali", "1"), ("bano", "1")]


def test_i2_of_a_claims_records_the_earlier_submitted_counts(client: Client) -> None:
    put(
        client,
        "claims",
        claim("1", "ali", "2026-09-20T00:00:00.001Z", content=9, service="voice"),
        claim("1", "ali", "2026-09-20T00:00:00Z", content=1, service="sms"),
        claim("2", "ali", "2026-09-21T00:00:00Z", content=1, service="voice"),
        claim("2", "ali", "2026-09-21T00:00:00Z", content=2, service="email"),
    )
    assert [(one.claimed.claim_id, one.claimed.service) for one in read_claims(client)] == [
        ("1", "sms"),
        ("2", "email"),
    ]


def test_m6_an_account_record_carries_its_earliest_broker_timestamp(client: Client) -> None:
    first, again = "2026-09-30T00:00:00.123Z", "2026-10-30T00:00:00Z"
    put(client, "accounts", account("a", "2026-01-01T00:00:00Z", again), account("a", "2026-01-01T00:00:00Z", first))
    (record,) = read_account_records(client)["a"]
    assert record.recorded_ms == parse_instant(first)
    assert [version.effective_from_ms for version in read_accounts(client, ["a"])["a"]] == [
        parse_instant("2026-01-01T00:00:00Z")
    ]


def test_k2_a_refused_claim_is_read_until_it_came_readable(client: Client) -> None:
    put(
        client,
        "dead_letters",
        letter(
            "sla.claims", "c-5", "ali", content=b"\x01" * 16, excerpt='{"submitted_at": "2026-09-28T04:00:00.5Z", "from'
        ),
        letter("sla.claims", "c-6", "ali", content=b"\x02" * 16),
        letter("sla.claims", "", "", content=b"\x03" * 16, element=1),
        letter("api.requests", "c-7", "ali", content=b"\x04" * 16),
    )
    put(client, "claims", claim("c-6", "ali", LATE), claim("c-5", "bano", LATE, content=2))
    found = read_refused_claims(client)
    assert [(one.dead_letter, one.record_id, one.account_id) for one in found] == [
        ("01" * 16 + "-0", "c-5", "ali"),
        ("03" * 16 + "-1", "", ""),
    ]
    assert (found[0].reason, found[0].path, found[0].recorded_ms) == ("bad_instant", "$.from", parse_instant(LATE))
    assert [one.submitted_ms for one in found] == [parse_instant("2026-09-28T04:00:00.5Z"), None]


def test_k2_a_refused_account_is_read_until_a_later_record(client: Client) -> None:
    put(
        client,
        "dead_letters",
        letter("accounts", "a", "a", "2026-10-01T00:00:00Z", content=b"\x01" * 16),
        letter("accounts", "a", "a", "2026-10-03T00:00:00Z", content=b"\x02" * 16),
        letter("accounts", "b", "", "2026-10-01T00:00:00Z", content=b"\x03" * 16),
    )
    put(client, "accounts", account("a", "2026-01-01T00:00:00Z", "2026-10-02T00:00:00Z"))
    assert [(one.account_id, one.dead_letter[:2]) for one in read_refused_accounts(client)] == [
        ("b", "03"),
        ("a", "02"),
    ]


def decided(amount: str, currency: str, statement: int | None) -> Logged:
    subject = Subject(account_id="ali", fee="sms", month="2026-09", currency=currency)
    due = AmountDue(amount=Decimal(amount), percent=10, claim_id="1", statement=statement)
    decision = Decision(
        decision_id=decision_id(subject, 0),
        subject=subject,
        number=0,
        kind="credit",
        amount=Decimal(amount),
        amount_due=due,
        invoice_month="2026-11",
    )
    return Logged(offset=7, policy="zecto-1.0", decision=decision)


@pytest.mark.parametrize(
    ("amount", "currency", "statement"),
    [("20.00", "PKR", 0), ("101", "JPY", None), ("0.120", "KWD", 3), ("499999999999999.9999", "CLF", None)],
)
def test_m3_the_feed_shows_amounts_as_the_topic_does(
    client: Client, amount: str, currency: str, statement: int | None
) -> None:
    DecisionStore(client).put([decided(amount, currency, statement)])
    (linked,) = decision_page(client, cursor=0, limit=1, account_id="", month="").decisions
    assert (linked.decision.amount, linked.decision.due, linked.decision.statement) == (amount, amount, statement)
    assert linked.links.statement == (None if statement is None else f"/v1/statements/2026-09/zecto-1.0/{statement}")


def test_k2_a_refused_claims_answer_stays_as_old_as_first(client: Client) -> None:
    store = DecisionStore(client)
    refused = RefusedRecord(
        dead_letter="00-0", record_id="c-5", account_id="ali", reason="bad_instant", path="$.from", recorded_ms=0
    )
    for at in ("2026-10-02T00:00:00Z", "2026-10-01T00:00:00Z", "2026-10-03T00:00:00Z"):
        store.answer_refused([refused], at_ms=parse_instant(at))
    (answer,) = store.answers().items()
    assert answer[0] == ("ali", "c-5", "00-0", "")
    assert (answer[1].state, answer[1].refusals) == ("rejected", ("bad_instant", "$.from"))
    assert answer[1].answered_ms == parse_instant("2026-10-01T00:00:00Z")


def test_answers_of_the_first_edition_are_taken_along_however_often(client: Client) -> None:
    """The migration is begun again after its last statement, with the first edition's table gone."""
    statements = (files("sql") / "migrations" / "0017_credit_by_the_second_edition.sql").read_text("utf-8").split(";\n")
    client.command("DROP TABLE IF EXISTS claim_answers")
    client.command(next(one for one in statements if "EXISTS claim_answers" in one))
    at = instant("2026-10-01T00:00:00Z")
    columns = ["claim_id", "month", "state", "refusals", "statement", "account_id", "fee", "answered_at"]
    client.insert("claim_answers", [["c-1", "2026-09", "approved", [], 2, "ali", "sms", at]], columns)
    for _ in range(2):
        for one in filter(str.strip, statements):
            client.command(one)
    found = client.query("SELECT account_id, claim_id, month, toString(state), fees, statement FROM claim_states")
    assert found.result_rows == [("ali", "c-1", "2026-09", "approved", ["sms"], 2)]
