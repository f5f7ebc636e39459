"""The feed over HTTP: it does what its description says, and says what the log and the view say."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from litestar.types import ASGIApp
from schemathesis.core.result import Ok

from streams.clickhouse.client import connect
from streams.core.canonical_json import seal, sha256_of
from streams.core.settings import Settings
from streams.credits.decision_store import DecisionStore
from streams.credits.issue import Logged
from streams.rules.decisions import AmountDue, Decision, Subject, decision_id
from streams.web.app import build
from streams.web.health import Health, Trouble

pytestmark = pytest.mark.engine

TOKEN = "a-token-of-the-feed"  # noqa: S105  of this test
Case = Any
KNOWN = {"Authorization": f"Bearer {TOKEN}"}
DOCUMENT = seal({"document": "statement", "month": "2026-09"})


@pytest.fixture
def web(database: Settings, client: Client) -> Iterator[ASGIApp]:
    """The application over a database with three decisions and a statement."""
    DecisionStore(client).put(logged(number, offset) for number, offset in ((0, 3), (1, 5), (2, 9)))
    columns = ["month", "policy", "sha256", "cut", "document"]
    row = ["2026-09", "zecto-1.0", sha256_of(DOCUMENT), 1_790_000_000, DOCUMENT.decode()]
    client.insert("statements", [row], columns)
    asking = connect(database)
    yield build(asking, TOKEN, lambda: Health(healthy=True, troubles=[]))
    asking.close()


def logged(number: int, offset: int) -> Logged:
    subject = Subject(account_id="acme", fee="sms", month="2026-09", currency="PKR")
    decision = Decision(
        decision_id=decision_id(subject, number),
        subject=subject,
        number=number,
        kind="credit",
        amount=Decimal("-0.01") if number else Decimal("123.46"),
        amount_due=AmountDue(amount=Decimal("123.45"), percent=10, claim_id="c-1", statement=0),
        invoice_month="2026-11",
    )
    return Logged(offset=offset, policy="zecto-1.0", decision=decision)


def ask(web: ASGIApp, path: str, **headers: str) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(web)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://feed") as client:
            return await client.get(path, headers={**KNOWN, **headers})

    return asyncio.run(once())


def test_decisions_come_page_by_page_in_log_order_never_twice(web: ASGIApp) -> None:
    first = ask(web, "/v1/decisions?limit=2").json()
    assert [one["decision"]["number"] for one in first["decisions"]] == [0, 1]
    second = ask(web, f"/v1/decisions?limit=2&cursor={first['next']}").json()
    assert [one["decision"]["amount"] for one in second["decisions"]] == ["-0.01"]
    third = ask(web, f"/v1/decisions?cursor={second['next']}").json()
    assert (third["decisions"], third["next"]) == ([], second["next"])


def test_a_decision_leads_to_the_bytes_of_its_statement(web: ASGIApp) -> None:
    href = ask(web, "/v1/decisions?account_id=acme&month=2026-09").json()["decisions"][0]["links"]["statement"]
    found = ask(web, href)
    assert (found.content, found.headers["etag"]) == (DOCUMENT, f'"{sha256_of(DOCUMENT)}"')
    (entry,) = ask(web, "/v1/statements").json()["statements"]
    assert (entry["href"], entry["sha256"]) == (href, sha256_of(DOCUMENT))
    assert ask(web, "/v1/statements/2026-09/zecto-1.0/1").status_code == 404


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/statements", "/v1/statements/2026-09/zecto-1.0/0"])
def test_what_a_reader_has_already_is_not_sent_again(web: ASGIApp, path: str) -> None:
    etag = ask(web, path).headers["etag"]
    again = ask(web, path, **{"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")


def test_a_stuck_worker_is_no_health(web: ASGIApp, client: Client) -> None:
    stuck = Health(healthy=False, troubles=[Trouble(code="topic-unreadable", message="a", record="probes/0@5")])
    found = ask(build(client, TOKEN, lambda: stuck), "/v1/health")
    assert (found.status_code, found.json()) == (503, msgspec.to_builtins(stuck))
    assert ask(web, "/v1/health").json() == {"healthy": True, "troubles": []}


@pytest.mark.parametrize(
    "path", ["/v1/decisions", "/v1/openapi.json", "/v1/health", "/", "/nothing", "/v1/statements/2026-09/x/0"]
)
def test_a_wrong_token_gets_401_whatever_it_asks(web: ASGIApp, path: str) -> None:
    refused = ask(web, path, Authorization="Bearer wrong")
    assert (refused.status_code, refused.json()["detail"]) == (401, "a bearer token is needed")


def test_what_cannot_be_asked_is_told(web: ASGIApp) -> None:
    assert ask(web, "/v1/decisions?cursor=nonsense").status_code == 400
    assert ask(web, "/v1/decisions?limit=0").status_code == 400


def test_the_feed_keeps_to_its_own_description(web: ASGIApp) -> None:
    described = schemathesis.openapi.from_asgi("/v1/openapi.json", web, headers=KNOWN)
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    assert [operation.path for operation in operations] == [
        "/v1/decisions",
        "/v1/statements",
        "/v1/statements/{month}/{policy}/{number}",
        "/v1/health",
    ]
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        def validate(case: Case) -> None:
            case.call_and_validate(headers=KNOWN)

        validate()
