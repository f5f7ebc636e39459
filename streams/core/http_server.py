"""uvicorn as engine and feed run it: silent, half-open requests ended in time, stopped within seconds.

What can be read of a request is answered, be it with what is wrong with it, and also where its sender closes its own
side: whoever sends everything at once and then listens hears of it.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from streams.core.http_head import check_head

_HEAD_S: Final = 30.0
_IDLE_S: Final = 300
_LINGER_S: Final = 5.0
_LINGER_BYTES: Final = 1 << 30


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose requests must begin and their heads end in time, and whose heads have a longest size."""

    most_head_bytes = 64 << 10
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_in_head = False
    _refusal: bytes = b""
    _is_lingering = False
    _linger_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connects; its first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """A client is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes come; a head that has no end is refused, and what comes after our end is not looked at."""
        if self._refusal or self._is_lingering:
            self._linger(len(data))
            return
        if self._head_timer:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_timer and self._head_bytes > self.most_head_bytes:
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._await_head()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """A head is whole.

        Raises:
            ValueError: it contradicts itself; the parser makes 400 of it.
        """
        self._stop_waiting()
        is_upgrade = self.parser.should_upgrade()
        check_head(self.url, self.headers, version=self.parser.get_http_version(), is_upgrade=is_upgrade)
        super().on_headers_complete()
        self.cycle.transport = _OfOneRequest(self)  # type: ignore[assignment]
        if is_upgrade:
            self.cycle.keep_alive = False  # the parser reads no further

    def on_response_complete(self) -> None:
        """An answer is out; what could not be read of the requests after it is answered now."""
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and self._refusal:
            self._answer_and_close()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The client sends no more: what is whole is answered, in mid-head and in mid-body it is told so."""
        if self._is_in_head:
            self.send_400_response("The head of the request ended early.")
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return None
        if cycle.more_body:
            self.scope["is_cut"] = True  # type: ignore[typeddict-unknown-key]
        if not self._refusal:
            cycle.keep_alive = False  # or the connection stays open where the answer did not need the rest of the body
        cycle.message_event.set()
        return True

    def shutdown(self) -> None:
        """The server ends: nothing is waited for but answers."""
        if self._refusal or self._is_lingering:
            self.transport.close()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read, after what was read before it, and close."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self._refusal = _plain_answer(status, text)
        self._stop_waiting()
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self._answer_and_close()
        elif cycle.more_body:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started or self.pipeline:
                self.transport.close()  # there is no place for another answer
            else:
                self._answer_and_close()

    def _answer_and_close(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self._refusal)
            self._linger_and_close()

    @property
    def has_ended(self) -> bool:
        """Whether nothing can be written any more."""
        return self._is_lingering or self.transport.is_closing()

    def close_gently(self) -> None:
        """Close once the answer is out, though the request may not be."""
        if self.cycle.more_body and not self.scope.get("is_cut") and not self.transport.is_closing():
            self._linger_and_close()
        else:
            self.transport.close()

    def _linger_and_close(self) -> None:
        """Close our side alone, and take what still comes: a client that is cut off would lose the answer."""
        self._is_lingering = True
        self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(_LINGER_S, self.transport.close)

    def _linger(self, size: int) -> None:
        self._linger_bytes += size
        if self._linger_bytes > _LINGER_BYTES:
            self.transport.close()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(_HEAD_S, self._give_up)

    def _give_up(self) -> None:
        if self._is_in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The head of the request did not come in time.")
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        self._is_in_head = False
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


class _OfOneRequest:
    """A transport as one request and its answer see it, which are cut off from nobody, and write to nobody who left."""

    def __init__(self, protocol: BoundedProtocol) -> None:
        self._protocol = protocol

    def write(self, data: bytes) -> None:
        """Write, unless the connection has ended since: uvicorn hears of that a moment later."""
        if not self._protocol.has_ended:
            self._protocol.transport.write(data)

    def is_closing(self) -> bool:
        """Whether nothing can be written."""
        return self._protocol.has_ended

    def close(self) -> None:
        """Close without a reset."""
        self._protocol.close_gently()


def _plain_answer(status: HTTPStatus, text: str) -> bytes:
    lines = f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n{text}"
    return STATUS_LINE[status] + lines.encode("ascii")


def make_server(app: Any, *, finish_s: float, protocol: type[BoundedProtocol], **options: Any) -> uvicorn.Server:  # noqa: ANN401  an ASGI application, and uvicorn's own options
    """A server that, once told to stop, gives requests under way `finish_s` seconds to end."""
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    # Each request that cannot be read is a warning to uvicorn: anybody could fill the disk with them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
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
