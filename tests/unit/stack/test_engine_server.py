"""Half-open requests at the engine's HTTP server: each is ended in time, and holds up nobody else."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest

from streams.core import http_server
from streams.stack import engine_bridge
from streams.stack.engine_body import BodyError
from streams.stack.engine_bridge import Bridge, ClientGoneError, Message, Receive, Send
from streams.stack.engine_server import listen, make_engine_server

_SHORT_S = 0.3
_LATEST_S = 5.0


class EchoApp:
    """Answers with its body; keeps how each request ended."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        bridge = Bridge(scope, receive, send)

        def work() -> None:
            try:
                body, status = b"".join(bridge.pieces()), HTTPStatus.OK
            except (BodyError, ClientGoneError) as error:
                body, status = str(error).encode(), HTTPStatus.BAD_REQUEST
                self.ends.append(type(error).__name__)
            with_length = [(b"content-length", b"%d" % len(body))]
            bridge.send(
                {"type": "http.response.start", "status": status.value, "headers": with_length},
                {"type": "http.response.body", "body": body},
            )

        await bridge.run(work)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> EchoApp:
    monkeypatch.setattr(http_server, "_HEAD_S", _SHORT_S)
    monkeypatch.setattr(engine_bridge, "_BODY_S", _SHORT_S)
    return EchoApp()


@contextmanager
def serving(app: EchoApp) -> Iterator[int]:
    server = make_engine_server(app, finish_s=1)
    listening = listen(0)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def answer_to(port: int, request: bytes) -> bytes:
    """What comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), _LATEST_S) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


@pytest.mark.parametrize("head", [b"", b"POST /", b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "])
def test_a_head_that_never_ends_is_cut_off(app: EchoApp, head: bytes) -> None:
    with serving(app) as port:
        start = time.monotonic()
        assert answer_to(port, head)[:13] == (b"HTTP/1.1 408 " if head else b"")
        assert _SHORT_S * 0.9 < time.monotonic() - start < _LATEST_S
    assert app.ends == []


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 9\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
def test_a_body_that_stops_coming_is_answered_in_time(app: EchoApp, framing: bytes) -> None:
    with serving(app) as port:
        found = answer_to(port, b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + framing)
    assert found.startswith(b"HTTP/1.1 400 ")
    assert b"nothing more of the body came" in found
    assert app.ends == ["BodyError"]


def test_half_open_requests_hold_up_no_other(app: EchoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_HEAD_S", 60.0)
    whole = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 5\r\n\r\nwhole"
    with serving(app) as port:
        held = [socket.create_connection(("127.0.0.1", port), _LATEST_S) for _ in range(100)]
        for connection in held:
            connection.sendall(b"POST / HTTP/1.1\r\n")
        assert answer_to(port, whole).endswith(b"\r\n\r\nwhole")
        for connection in held:
            connection.close()


def test_a_client_that_leaves_in_mid_body_ends_its_request(app: EchoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_bridge, "_BODY_S", 60.0)
    with serving(app) as port:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nhalf")
            time.sleep(_SHORT_S)
        latest = time.monotonic() + _LATEST_S
        while not app.ends and time.monotonic() < latest:
            time.sleep(0.01)
    assert len(app.ends) == 1


@pytest.mark.parametrize("framing", [b"Content-Length: 9", b"Transfer-Encoding: chunked"])
def test_a_body_cut_short_is_answered_at_once(app: EchoApp, framing: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_bridge, "_BODY_S", 60.0)
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + framing + b"\r\n\r\n"
    with serving(app) as port:
        # In one piece or in two: the end comes with the last bytes, or after them.
        for pause_s in (0.0, 0.01) * 10:
            with socket.create_connection(("127.0.0.1", port), _LATEST_S) as connection:
                connection.sendall(head + b"4\r\nhalf"[3 * framing.startswith(b"C") :])
                time.sleep(pause_s)
                connection.shutdown(socket.SHUT_WR)
                assert connection.makefile("rb").read().startswith(b"HTTP/1.1 ")
