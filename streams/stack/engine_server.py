"""uvicorn as the engine runs it: on a socket of ours, in a thread, silent, half-open requests ended in time."""

import asyncio
import logging
import socket
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_S: Final = 30.0
_HEAD_BYTES: Final = 8 << 20
_IDLE_S: Final = 300
_BACKLOG: Final = 128


class Protocol(HttpToolsProtocol):
    """A connection whose requests must begin and their heads end in time; long addresses are taken."""

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connects; its first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """A client is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes come; a head that has no end is refused."""
        if self._head_timer:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_timer and self._head_bytes > _HEAD_BYTES:
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._stop_waiting()
        super().on_headers_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The client sends no more: in mid-body it is told so, else the connection ends."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.more_body:
            return None
        self.scope["is_cut"] = True  # type: ignore[typeddict-unknown-key]
        cycle.message_event.set()
        return True

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(_HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


def make_server(app: Any, *, finish_s: float) -> uvicorn.Server:  # noqa: ANN401  an ASGI application
    """A server that is told to stop by `should_exit` and gives requests under way `finish_s` seconds to end."""
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    logging.getLogger("uvicorn").propagate = False
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        loop="uvloop",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=int(finish_s),
    )
    return uvicorn.Server(config)


def listen(port: int) -> socket.socket:
    """A socket on the loopback interface; 0: any free port.

    Raises:
        OSError: the port is taken.
    """
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
