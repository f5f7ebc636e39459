"""ClickHouse's HTTP interface over the embedded engine: one thread a connection, one session a request.

Spoken: `GET|POST /` with `query`, `param_*`, `database`, `default_format` and settings in the URL, in form fields or in
`X-ClickHouse-*` headers; data in the body, in any framing and encoding that clickhouse-connect uses; multipart external
data; `/ping`. Left out, as only a server has them: users, sessions, quotas, progress headers, compressed answers (a
loopback gains nothing by them).
"""

import itertools
import json
import re
import secrets
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from streams.stack import engine_body
from streams.stack.engine_query import EngineError, Result, Session
from streams.stack.engine_request import EngineRequest
from streams.stack.part_watch import PartWatch

_REQUEST_LINE_BYTES = 8 << 20
_PATIENCE_S = 30.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1", ""})
_UNFIT_IN_HEADER = re.compile(r"[^ -~]")
_NOT_FOUND = {"UNKNOWN_TABLE", "UNKNOWN_FUNCTION", "UNKNOWN_IDENTIFIER", "UNKNOWN_TYPE", "UNKNOWN_STORAGE",
              "UNKNOWN_DATABASE", "UNKNOWN_SETTING", "UNKNOWN_FORMAT", "UNKNOWN_AGGREGATE_FUNCTION",
              "UNKNOWN_DATABASE_ENGINE", "UNKNOWN_DIRECTION_OF_SORTING", "UNKNOWN_TYPE_OF_QUERY"}  # fmt: skip
_BAD_REQUEST = {"SYNTAX_ERROR", "BAD_ARGUMENTS", "TYPE_MISMATCH", "INCORRECT_DATA", "CANNOT_COMPILE_REGEXP",
                "UNKNOWN_ELEMENT_IN_AST", "TOO_DEEP_AST", "TOO_BIG_AST", "UNEXPECTED_AST_STRUCTURE",
                "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", "ILLEGAL_TYPE_OF_ARGUMENT"}  # fmt: skip


class EngineServer(ThreadingHTTPServer):
    """The listening socket, the data directory, and a count of requests under way."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], *, path: str, version: str, defaults: Mapping[str, str]) -> None:
        self.path = path
        self.version = version
        self.defaults = dict(defaults)
        self.parts = PartWatch(path, self.alone)
        self._under_way = 0
        self._is_closed = False
        self._moved = threading.Condition()
        super().__init__(address, EngineHandler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def begin(self) -> None:
        """A request begins, or goes on; while somebody wants to be alone it waits."""
        with self._moved:
            self._moved.wait_for(lambda: not self._is_closed)
            self._under_way += 1

    def end(self) -> None:
        """A request ends, or rests."""
        with self._moved:
            self._under_way -= 1
            self._moved.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no request is under way; False: some still are."""
        with self._moved:
            return self._moved.wait_for(lambda: not self._under_way, timeout_s)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no request begin, and those under way end, or take their time."""
        with self._moved:
            self._is_closed = True
        try:
            self.wait_idle(_PATIENCE_S)
            yield
        finally:
            with self._moved:
                self._is_closed = False
                self._moved.notify_all()

    def undone(self, error: EngineError) -> EngineError:
        """What a client is to be told of an error, once what can be done about it is done."""
        self.end()
        try:
            return self.parts.undone(error)
        finally:
            self.begin()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as inherited
        """A client that goes away is its own affair; anything else is told to the log."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class EngineHandler(BaseHTTPRequestHandler):
    """One client connection."""

    server: EngineServer
    protocol_version = "HTTP/1.1"
    server_version = "zecto-sla-engine"
    sys_version = ""
    disable_nagle_algorithm = True
    rbufsize = 64 << 10
    wbufsize = 64 << 10

    def handle_one_request(self) -> None:
        """As inherited, with room for the long URLs that parameters make."""
        self.raw_requestline = self.rfile.readline(_REQUEST_LINE_BYTES + 1)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if len(self.raw_requestline) > _REQUEST_LINE_BYTES:
            self.requestline, self.request_version, self.command = "", "", ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
            return
        if not self.parse_request():
            return
        self.server.begin()
        try:
            self._answer()
            self.wfile.flush()
        finally:
            self.server.end()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  as inherited
        """Requests are not logged."""

    def _answer(self) -> None:
        if self.command not in ("GET", "POST", "HEAD"):
            self.close_connection = True
            self._send(HTTPStatus.METHOD_NOT_ALLOWED, b"GET or POST\n", {})
        elif not self._from_here():
            self.close_connection = True
            self._send(HTTPStatus.FORBIDDEN, b"only for programs on this machine\n", {})
        else:
            self._route(urlsplit(self.path))

    def _from_here(self) -> bool:
        """No page in a browser may reach the engine under a name of its own."""
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        origin = urlsplit(self.headers.get("Origin", "")).hostname or ""
        return host in _LOOPBACK and origin in _LOOPBACK

    def _route(self, url: Any) -> None:  # noqa: ANN401  urlsplit's result
        pieces = engine_body.read_pieces(self.rfile, self.headers)  # type: ignore[arg-type]
        try:
            if url.path == "/ping":
                self._send(HTTPStatus.OK, b"Ok.\n", {})
            elif url.path not in ("", "/"):
                self._send(HTTPStatus.NOT_FOUND, b"There is no handle " + url.path.encode() + b"\n", {})
            else:
                parameters = dict(parse_qsl(url.query, keep_blank_values=True, max_num_fields=None))
                data = engine_body.decompress_pieces(pieces, self.headers.get("Content-Encoding", ""))
                self._run(parameters, data)
            for _ in pieces:
                pass  # what an error left unread, or the next request would begin with it
        except engine_body.BodyError as error:
            self.close_connection = True
            self._send(HTTPStatus.BAD_REQUEST, f"{error}\n".encode(), {})

    def _run(self, parameters: dict[str, str], data: Iterator[bytes]) -> None:
        request = EngineRequest(parameters, data, self.headers)
        if self.command != "POST" and not request.text:
            self._send(HTTPStatus.OK, b"Ok.\n", {})
            return
        tag = secrets.token_hex(8)
        headers = {
            "X-ClickHouse-Query-Id": parameters.get("query_id") or secrets.token_hex(16),
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Exception-Tag": tag,
        }
        try:
            with Session(self.server.path) as session:
                settings = {**self.server.defaults, **request.settings}
                if self.command != "POST":
                    settings.setdefault("readonly", "2")
                session.prepare(request.database, settings)
                for table in request.tables:
                    session.attach(table)
                result = request.run(session)
                if request.answers_rows or result.body:
                    headers["X-ClickHouse-Format"] = request.format
                headers["X-ClickHouse-Summary"] = _summary_header(result)
                self._send_result(result, headers, tag)
        except EngineError as error:
            self._send_error(self.server.undone(error), headers)

    def _send_error(self, error: EngineError, headers: dict[str, str]) -> None:
        text = error.text if "(version " in error.text else f"{error.text.rstrip()} (version {self.server.version})"
        headers["X-ClickHouse-Exception-Code"] = str(error.code)
        self._send(_status(error), text.encode() + b"\n", headers)

    def _send_result(self, result: Result, headers: dict[str, str], tag: str) -> None:
        if result.rest is None:
            self._send(HTTPStatus.OK, result.body, headers)
            return
        self._begin(HTTPStatus.OK, {**headers, "Transfer-Encoding": "chunked"})
        try:
            for piece in itertools.chain((result.body,), result.rest):
                self._chunk(piece)
        except EngineError as error:
            message = self.server.undone(error).text.encode() + b"\n"
            footer = f"{len(message)} {tag}\r\n__exception__\r\n".encode()
            self._chunk(b"\r\n__exception__\r\n" + tag.encode() + b"\r\n" + message + footer)
            self.close_connection = True  # no last chunk: the answer is not whole
            return
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, piece: bytes) -> None:
        if piece:
            self.wfile.write(b"%x\r\n" % len(piece))
            self.wfile.write(piece)
            self.wfile.write(b"\r\n")

    def _send(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self._begin(status, {**headers, "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begin(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, _UNFIT_IN_HEADER.sub("?", value))
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()


def _status(error: EngineError) -> HTTPStatus:
    name = error.text.rpartition("(version ")[0] or error.text
    name = name.rstrip().rpartition("(")[2].rstrip(").")
    if name in _NOT_FOUND:
        return HTTPStatus.NOT_FOUND
    if name in _BAD_REQUEST or name.startswith("CANNOT_PARSE_"):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.NOT_IMPLEMENTED if name == "NOT_IMPLEMENTED" else HTTPStatus.INTERNAL_SERVER_ERROR


def _summary_header(result: Result) -> str:
    summary = result.summary
    fields = {
        "read_rows": summary.read_rows,
        "read_bytes": summary.read_bytes,
        "written_rows": summary.written_rows,
        "written_bytes": summary.written_bytes,
        "total_rows_to_read": summary.read_rows,
        "result_rows": summary.written_rows,
        "result_bytes": len(result.body),
        "elapsed_ns": summary.elapsed_ns,
    }
    return json.dumps({name: str(value) for name, value in fields.items()})
