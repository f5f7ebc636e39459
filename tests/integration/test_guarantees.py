"""P6: tickets as the ledger holds them, with the tier that their account had when they were opened."""

import asyncio
import json

import pytest
from clickhouse_connect.driver.client import Client

from schemas.instants import parse_instant
from schemas.reference import policies
from streams.credits.records import read_accounts
from streams.guarantees.support.tickets import read_tickets
from streams.rules.policy import policy_of_month
from tests.integration.ledger_world import digest, in_blocks

pytestmark = pytest.mark.engine

NOW_MS = parse_instant("2026-10-15T00:00:00Z")
CHOICE = policy_of_month("2026-09", policies())


def account(effective_from: str, tier: str) -> bytes:
    told = {"account_id": "a", "effective_from": effective_from, "plan": "paid", "support_tier": tier}
    return json.dumps({**told, "fees": {}, "currency": "PKR"}).encode()


def event(ticket: str, time: str, what: str, priority: str = "high", who: str = "a") -> bytes:
    told = {"ticket_id": ticket, "account_id": who, "time": time, "event": what, "priority": priority}
    return json.dumps(told).encode()


def test_p6_a_ticket_counts_in_the_month_it_was_opened(client: Client) -> None:
    accounts = [account("2026-01-01T00:00:00Z", "standard"), account("2026-09-10T00:00:00Z", "premium")]
    tickets = [
        event("t-1", "2026-09-09T23:59:59Z", "opened"),
        event("t-2", "2026-09-10T00:00:00Z", "opened"),
        event("t-2", "2026-10-03T00:00:00Z", "responded"),
        event("t-3", "2026-09-01T07:00:00Z", "opened", who="stranger"),
        event("t-3", "2026-09-01T08:00:00Z", "responded", who="stranger"),
        # the month begins at 19:00 UTC on the day before
        event("t-4", "2026-08-31T18:59:59Z", "opened"),
        event("t-5", "2026-09-30T19:00:00Z", "opened"),
    ]
    blocks = [*in_blocks("accounts", accounts, []), *in_blocks("support.tickets", tickets + tickets, [])]
    asyncio.run(digest(client, blocks))
    found = read_tickets(client, read_accounts(client), CHOICE.policy, CHOICE.span, now_ms=NOW_MS)
    assert [(one.ticket_id, one.tier, one.times.is_late) for one in found] == [
        ("t-1", "standard", True),
        ("t-2", "premium", True),
        ("t-3", "standard", False),
    ]
    assert found[2].times.response_ms == 3_600_000


def test_i1_tickets_of_two_accounts_may_share_an_id(client: Client) -> None:
    tickets = [
        event("t-1", "2026-09-01T07:00:00Z", "opened", who="a"),
        event("t-1", "2026-09-01T07:00:00Z", "opened", who="b"),
        event("t-1", "2026-09-01T08:00:00Z", "responded", who="b"),
    ]
    asyncio.run(digest(client, list(in_blocks("support.tickets", tickets, []))))
    found = read_tickets(client, {}, CHOICE.policy, CHOICE.span, now_ms=NOW_MS)
    assert [(one.ticket_id, one.account_id, one.times.is_late) for one in found] == [
        ("t-1", "a", True),
        ("t-1", "b", False),
    ]


def test_p6_an_automatic_response_is_none(client: Client) -> None:
    robot = json.loads(event("t-1", "2026-09-01T07:00:01Z", "responded")) | {"automatic": True}
    tickets = [event("t-1", "2026-09-01T07:00:00Z", "opened"), json.dumps(robot).encode()]
    asyncio.run(digest(client, list(in_blocks("support.tickets", tickets, []))))
    (found,) = read_tickets(client, {}, CHOICE.policy, CHOICE.span, now_ms=NOW_MS)
    assert (found.times.responded_ms, found.times.is_late) == (None, True)
