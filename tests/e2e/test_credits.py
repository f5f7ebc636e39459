"""A missed month from its first failure to the invoice: claimed, closed, decided, restated (M3, K1-K4)."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest

from schemas.instants import MINUTE_MS, format_instant
from streams.clickhouse.client import connect
from streams.rules.calendar import month_bounds
from streams.stack.stack import EmbeddedStack
from tests.conftest import StackFactory
from tests.e2e.running import parsed, zecto
from tests.e2e.test_closing import _closed, _request, _send

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_200), pytest.mark.deep]

MONTH: Final = "2026-09"
SPAN: Final = month_bounds(MONTH, "Asia/Karachi")
# 44 of 43,200 minutes are one too many for 99.9 %
DOWN: Final = 44
ENDED_MS: Final = SPAN.start_ms + DOWN * MINUTE_MS


def _account(name: str, fees: dict[str, str]) -> tuple[str, str, bytes]:
    record = {
        "account_id": name,
        "effective_from": "2026-01-01T00:00:00Z",
        "plan": "paid",
        "support_tier": "premium",
        "fees": fees,
        "currency": "PKR",
    }
    return "accounts", name, json.dumps(record).encode()


def _claim(claim_id: str, account: str, service: str = "sms") -> tuple[str, str, bytes]:
    record = {
        "claim_id": claim_id,
        "account_id": account,
        "service": service,
        "from": format_instant(SPAN.start_ms),
        "to": format_instant(ENDED_MS),
        "submitted_at": format_instant(ENDED_MS + MINUTE_MS),
        "evidence": ["ticket 4711"],
    }
    return "sla.claims", claim_id, json.dumps(record).encode()


def _history() -> Iterator[tuple[str, str, bytes]]:
    for minute in range(400):
        yield ("api.requests", *_request(minute, f"r-{minute}", 500 if minute < DOWN else 200))
    yield _account("acme", {"sms": "1234.55"})
    yield _account("bundled", {"platform": "0.01"})
    yield _account("silent", {"sms": "80.00"})
    for _ in range(10):  # a claim that is delivered ten times is one
        yield _claim("c-1", "acme")
    yield _claim("c-2", "acme")
    yield _claim("c-3", "acme", "voice")
    yield _claim("c-4", "bundled")
    yield _claim("c-5", "nobody")
    yield _claim("c-1", "silent")  # of another account, so another claim (I1)
    topic, key, value = _claim("c-6", "acme")
    yield topic, key, value.replace(b'Z", "to"', b'", "to"')  # a time without offset is none (T1)


def _states(stack: EmbeddedStack) -> dict[tuple[str, str], Any]:
    return {
        (claim["account_id"], claim["claim_id"]): (claim["months"][0]["state"], claim["months"][0]["refusals"])
        for claim in parsed(stack, "claims", "list")
        if claim["months"]
    }


def test_a_missed_month_is_claimed_decided_once_and_restated(
    fresh_stack: StackFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = fresh_stack()
    _send(stack, *_history())
    assert _states(stack)["acme", "c-1"] == ("approved", [])  # nobody has to close a complete month (K2)
    (refused,) = (claim for claim in parsed(stack, "claims", "list") if claim["refused"])
    assert (refused["claim_id"], refused["refused"]["path"]) == ("c-6", "$.from")
    _closed(stack)

    # one dies with its decisions published, then two at once
    with monkeypatch.context() as armed:
        armed.setenv("ZECTO_FAILPOINT", "credits_published")
        assert zecto(stack, "claims", "decide", MONTH).returncode < 0
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: zecto(stack, "claims", "decide", MONTH, "--json"), range(2)))
    assert [(done.returncode, json.loads(done.stdout)) for done in both] == [(0, []), (0, [])]

    # 10 % of 1234.55 is 123.455: half up
    told = parsed(stack, "credits", MONTH)
    (acme,) = [account for account in told["accounts"] if account["account_id"] == "acme"]
    assert [(one["amount"], one["claim_id"], one["number"]) for one in acme["decisions"]] == [("123.46", "c-1", 0)]
    # the 30 days of K2 are over: nobody could claim any more, so nothing is told as unclaimed
    assert [account["account_id"] for account in told["accounts"]] == ["acme", "silent"]

    assert _states(stack) == {
        ("acme", "c-1"): ("approved", []),
        ("acme", "c-2"): ("rejected", ["claimed_before"]),
        ("acme", "c-3"): ("rejected", ["no_fee", "unobserved", "no_incident"]),
        ("bundled", "c-4"): ("approved", []),
        ("nobody", "c-5"): ("rejected", ["unknown_account"]),
        ("silent", "c-1"): ("approved", []),
    }
    with connect(stack.settings()) as client:
        query = "SELECT account_id, toString(sum(amount)) FROM credits GROUP BY account_id ORDER BY account_id"
        assert client.query(query).result_rows == [("acme", "123.46"), ("silent", "8")]

    # what comes late keeps the month: the credit is taken back by a decision of its own
    _send(stack, *(("api.requests", *_request(0, f"late-{number}", 200)) for number in range(200)))
    _closed(stack)
    (back, other) = parsed(stack, "claims", "decide", MONTH)
    assert (other["account_id"], other["amount"]) == ("silent", "-8.00")
    assert (back["kind"], back["amount"], back["due"], back["statement"]) == ("withdrawal", "-123.46", "0.00", 1)
    overdue = zecto(stack, "claims", "overdue")
    assert (overdue.returncode, overdue.stdout) == (0, b"")
