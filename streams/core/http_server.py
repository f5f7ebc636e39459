"""uvicorn as engine and feed run it: silent, half-open requests ended in time, stopped within seconds."""

import asyncio
import logging
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_S: Final = 30.0
_IDLE_S: Final = 300


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose requests must begin and their heads end in time, and whose heads have a longest size."""

    most_head_bytes = 64 << 10
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
        if self._head_timer and self._head_bytes > self.most_head_bytes:
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
        cycle.keep_alive = False  # or the connection stays open where the answer did not need the rest of the body
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


def make_server(app: Any, *, finish_s: float, protocol: type[BoundedProtocol], **options: Any) -> uvicorn.Server:  # noqa: ANN401  an ASGI application, and uvicorn's own options
    """A server that, once told to stop, gives requests under way `finish_s` seconds to end."""
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=int(finish_s),
        **options,
    )
    return uvicorn.Server(config)
