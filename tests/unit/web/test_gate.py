"""Nothing is said without the token."""

import asyncio
from typing import Any

import pytest
from litestar.types import Message, Receive, Scope, Send

from streams.web.gate import TokenGate

TOKEN = "a-token-of-the-feed"  # noqa: S105  of this test


def ask(*headers: tuple[bytes, bytes], hosts: frozenset[str] = frozenset()) -> list[Any]:
    """What a request with these headers is sent; the application behind the gate sends `through`."""
    sent: list[Any] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send("through")  # type: ignore[arg-type]

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    scope: Any = {"type": "http", "headers": list(headers)}
    asyncio.run(TokenGate(app, TOKEN, hosts)(scope, None, send))  # type: ignore[arg-type]
    return sent


def test_who_knows_the_token_comes_through() -> None:
    assert ask((b"authorization", f"Bearer {TOKEN}".encode())) == ["through"]
    assert ask((b"authorization", f"bearer  {TOKEN}".encode())) == ["through"]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"authorization", b"")],
        [(b"authorization", TOKEN.encode())],
        [(b"authorization", b"Bearer")],
        [(b"authorization", f"Basic {TOKEN}".encode())],
        [(b"authorization", f"Bearer {TOKEN}x".encode())],
        [(b"authorization", f"Bearer {TOKEN[:-1]}".encode())],
        [(b"authorization", b"Bearer \xff")],
        [(b"authorization", f"Bearer {TOKEN}".encode())] * 2,
    ],
    ids=repr,
)
def test_everybody_else_is_told_401_and_nothing_else(headers: list[tuple[bytes, bytes]]) -> None:
    begin, end = ask(*headers)
    assert (begin["status"], end["body"]) == (401, b'{"status_code":401,"detail":"a bearer token is needed"}')


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"127.0.0.1:8080", None),
        (b"LocalHost", None),
        (b"page.example:8080", 403),
        (b"127.0.0.1.page.example", 403),
        (b"[::1", 403),
        (b"localhost.", 403),
        (b"", 403),
    ],
)
def test_a_page_that_gave_our_address_a_name_is_refused(host: bytes, status: int | None) -> None:
    headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"host", host)]
    begin = ask(*headers, hosts=frozenset({"127.0.0.1", "localhost"}))[0]
    assert (begin == "through") == (status is None)
    assert begin == "through" or begin["status"] == status
    assert ask(*headers) == ["through"]
