"""What can be read of a request is answered, whoever closes what; what contradicts itself is refused."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar

import pytest

from streams.core import http_server
from streams.core.http_server import BoundedProtocol, make_server

_WAIT_S = 5.0
_HOST = b"Host: 127.0.0.1"


async def _echo(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401  ASGI's
    """Answers with path and body, once the body is whole."""
    body, more = b"", scope["path"] != "/at-once"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect" or scope.get("is_cut"):
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)
    answer = scope["path"].encode() + b" " + body
    headers = [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


class _Kept(BoundedProtocol):
    """A connection that can be looked at."""

    made: ClassVar[list[BoundedProtocol]] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.made.append(self)


@contextmanager
def _serving(protocol: type[BoundedProtocol]) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = make_server(_echo, finish_s=1, protocol=protocol, loop="uvloop", lifespan="off", interface="asgi3")
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(http_server, "_HEAD_S", 0.3)
    with _serving(BoundedProtocol) as serving:
        yield serving


def _answer(port: int, request: bytes, *, half_closes: bool = False) -> bytes:
    """What comes back until the server closes; a connection that it resets is an error."""
    with socket.create_connection(("127.0.0.1", port), _WAIT_S) as connection:
        connection.sendall(request)
        if half_closes:
            connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def _request(*lines: bytes, body: bytes = b"", first: bytes = b"POST /a HTTP/1.1") -> bytes:
    return b"\r\n".join([first, _HOST, *lines, b"", body])


@pytest.mark.parametrize("first", [b"GET /a HTTP/1.1", b"GET /a HTTP/1.0", b"POST /a HTTP/1.1"])
def test_a_whole_request_is_answered_after_its_sender_closed(port: int, first: bytes) -> None:
    body = b"x" * 9 * first.startswith(b"POST")
    request = _request(b"Content-Length: %d" % len(body), body=body, first=first)
    for _ in range(5):
        assert _answer(port, request, half_closes=True).endswith(b"\r\n\r\n/a " + body)


def test_pipelined_requests_are_answered_after_their_sender_closed(port: int) -> None:
    requests = b"".join(_request(first=b"GET /%d HTTP/1.1" % number) for number in range(5))
    answer = _answer(port, requests, half_closes=True)
    assert [b"/%d " % number in answer for number in range(5)] == [True] * 5


def test_what_cannot_be_read_is_answered_after_what_can(port: int) -> None:
    answer = _answer(port, _request(first=b"GET /a HTTP/1.1") + b"\x00\x00\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 ") == answer.count(b"HTTP/1.1 400 ") == 1
    assert answer.index(b" 200 ") < answer.index(b" 400 ")


@pytest.mark.parametrize("half_closes", [False, True])
@pytest.mark.parametrize("more", [0, 10_000_000])
@pytest.mark.parametrize("line", [b"Content-Length: x", b"no colon", b"X: " + b"x" * 1_000_000])
def test_a_refusal_reaches_who_sends_on(port: int, line: bytes, more: int, *, half_closes: bool) -> None:
    request = _request(line, body=b"x" * more)
    assert _answer(port, request, half_closes=half_closes).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("line", [b"Connection: close", b"Connection: keep-alive"])
def test_an_answer_before_the_end_of_the_body_arrives(port: int, line: bytes) -> None:
    body = b"x" * 20_000_000
    request = _request(line, b"Content-Length: %d" % len(body), body=body, first=b"POST /at-once HTTP/1.1")
    assert _answer(port, request + _request(b"Connection: close")).startswith(b"HTTP/1.1 200 ")


def test_nothing_is_written_to_a_client_that_left() -> None:
    with _serving(_Kept) as port:
        assert _answer(port, _request(b"Connection: close")).endswith(b"/a ")
    left = _Kept.made[-1]
    with pytest.raises(RuntimeError):
        left.transport.write(b"x")
    left.cycle.transport.write(b"x")


@pytest.mark.parametrize("half", [b"G", b"GET /a HTTP/1.1\r\nHost: 127"])
def test_half_a_head_is_answered(port: int, half: bytes) -> None:
    assert _answer(port, half, half_closes=True).startswith(b"HTTP/1.1 400 ")
    assert _answer(port, half).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "request_",
    [
        _request(_HOST),
        _request(b"Host: attacker.example"),
        _request(b"Origin: http://127.0.0.1", b"Origin: null"),
        _request(b"Sec-Fetch-Site: none", b"Sec-Fetch-Site: cross-site"),
        _request(b"Authorization: Bearer a", b"Authorization: Bearer b"),
        b"GET /a HTTP/1.1\r\n\r\n",
        _request(first=b"GET http://attacker.example/a HTTP/1.1"),
        _request(first=b"GET ftp://127.0.0.1/a HTTP/1.1"),
        _request(b"Transfer-Encoding: gzip, chunked", body=b"1\r\nx\r\n0\r\n\r\n"),
        _request(b"Connection: upgrade", b"Upgrade: h2c", b"Content-Length: 1", body=b"x"),
    ],
)
def test_a_head_that_contradicts_itself_is_refused(port: int, request_: bytes) -> None:
    assert _answer(port, request_).startswith(b"HTTP/1.1 400 ")


def test_an_absolute_address_of_this_host_is_answered(port: int) -> None:
    request = _request(b"Connection: close", first=b"GET HTTP://127.0.0.1/a?b=http://c HTTP/1.1")
    assert _answer(port, request).endswith(b"/a ")


def test_an_upgrade_is_answered_and_the_connection_closed(port: int) -> None:
    request = _request(b"Connection: upgrade", b"Upgrade: websocket", first=b"GET /a HTTP/1.1")
    assert _answer(port, request).endswith(b"/a ")
