"""ClickHouse's HTTP interface over the embedded engine: an ASGI application, one session a request.

Spoken: `GET|POST /` with `query`, `param_*`, `database`, `default_format` and settings in the URL, in form fields or in
`X-ClickHouse-*` headers; data in the body, in any framing and encoding that clickhouse-connect uses; multipart external
data; `/ping`; user and password. Left out, as only a server has them: sessions, quotas, progress headers, compressed
answers (a loopback gains nothing by them).
"""

import json
import re
import secrets
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from streams.stack.engine_body import BodyError, decompress_pieces
from streams.stack.engine_bridge import Bridge, ClientGoneError, Message, Receive, Send
from streams.stack.engine_door import USER, comes_from_here, knows_password
from streams.stack.engine_query import EngineError, Result, Session
from streams.stack.engine_request import EngineRequest
from streams.stack.engine_status import status_of
from streams.stack.engine_turns import Turns
from streams.stack.part_watch import PartWatch

_UNFIT_IN_HEADER: Final = re.compile(r"[^ -~]")
_WRONG_PASSWORD: Final = (
    f"Code: 516. DB::Exception: {USER}: Authentication failed: password is incorrect, or there is no user with such"
    " name. (AUTHENTICATION_FAILED)"
)
_READ_ONLY: Final = ("1", "2")


class EngineApp:
    """The application: the data directory, its password, and a count of requests under way."""

    def __init__(self, path: str, *, version: str, defaults: Mapping[str, str], password: str) -> None:
        self.path = path
        self.version = version
        self.defaults = dict(defaults)
        self.turns = Turns()
        self.parts = PartWatch(path, self.turns.alone)
        self._password = password

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        bridge = Bridge(scope, receive, send)
        exchange = Exchange(self, scope, bridge)
        await bridge.run(exchange.run)

    def lets_in(self, headers: Mapping[str, str], parameters: Mapping[str, str]) -> bool:
        """Whether the request names the right user and password."""
        return knows_password(headers, parameters, self._password)

    def explain(self, error: EngineError) -> EngineError:
        """What a client is to be told of an error, once what can be done about it is done."""
        self.turns.end()
        try:
            return self.parts.undone(error)
        finally:
            self.turns.begin()


class Exchange:
    """One request and its answer, in the request's thread."""

    def __init__(self, app: EngineApp, scope: Message, bridge: Bridge) -> None:
        self._app = app
        self._bridge = bridge
        self._method: str = scope["method"]
        self._path: str = scope["path"]
        self._query = scope["query_string"].decode("ascii", "surrogateescape")
        self._headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._is_begun = False

    def run(self) -> None:
        """Answer; a client that goes away is its own affair, a fault of ours is one line in the log."""
        self._app.turns.begin()
        try:
            self._answer()
        except ClientGoneError:
            pass
        except BodyError as error:
            self._fail(HTTPStatus.BAD_REQUEST, f"{error}\n")
        except Exception as error:  # noqa: BLE001  whatever it is, the client is answered and the engine goes on
            sys.stderr.write(f"engine: a request failed: {type(error).__name__}: {str(error).splitlines()[:1]}\n")
            self._fail(HTTPStatus.INTERNAL_SERVER_ERROR, "the engine could not answer this request\n")
        finally:
            self._app.turns.end()

    def _answer(self) -> None:
        if self._method not in ("GET", "POST", "HEAD"):
            self._fail(HTTPStatus.METHOD_NOT_ALLOWED, "GET or POST\n")
        elif not comes_from_here(self._headers):
            self._fail(HTTPStatus.FORBIDDEN, "only for programs on this machine\n")
        elif self._path == "/ping":
            self._send(HTTPStatus.OK, b"Ok.\n", {})
        elif self._path not in ("", "/"):
            self._send(HTTPStatus.NOT_FOUND, f"There is no handle {self._path[:200]}\n".encode("utf-8", "replace"), {})
        else:
            self._admit()

    def _admit(self) -> None:
        parameters = dict(parse_qsl(self._query, keep_blank_values=True, errors="surrogateescape"))
        if self._method != "POST" and "query" not in parameters:
            self._send(HTTPStatus.OK, b"Ok.\n", {})
        elif not self._app.lets_in(self._headers, parameters):
            self._send_error(EngineError(_WRONG_PASSWORD), {})
        else:
            self._run(parameters)

    def _run(self, parameters: dict[str, str]) -> None:
        data = decompress_pieces(self._bridge.pieces(), self._headers.get("content-encoding", ""))
        request = EngineRequest(parameters, data, self._headers)
        tag = secrets.token_hex(8)
        headers = {
            "X-ClickHouse-Query-Id": parameters.get("query_id") or secrets.token_hex(16),
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Exception-Tag": tag,
        }
        try:
            with Session(self._app.path) as session:
                self._ask(request, session, headers, tag)
        except EngineError as error:
            self._send_error(self._app.explain(error), headers)

    def _ask(self, request: EngineRequest, session: Session, headers: dict[str, str], tag: str) -> None:
        request.check()
        session.prepare(request.database, self._settings(request))
        for table in request.tables:
            session.attach(table)
        result = request.run(session)
        if request.answers_rows or result.body:
            headers["X-ClickHouse-Format"] = request.format
        headers["X-ClickHouse-Summary"] = _summary_header(result)
        try:
            self._send_result(result, headers, tag)
        finally:
            # Before its session: a query that outlives its connection takes the whole engine with it.
            result.close()

    def _settings(self, request: EngineRequest) -> dict[str, str]:
        settings = {**self._app.defaults, **request.settings}
        if self._method != "POST" and settings.get("readonly") not in _READ_ONLY:
            settings["readonly"] = "2"
        return settings

    def _send_error(self, error: EngineError, headers: dict[str, str]) -> None:
        version = self._app.version
        text = error.text if "(version " in error.text else f"{error.text.rstrip()} (version {version})"
        headers["X-ClickHouse-Exception-Code"] = str(error.code)
        self._send(status_of(error), text.encode("utf-8", "surrogateescape") + b"\n", headers)

    def _send_result(self, result: Result, headers: dict[str, str], tag: str) -> None:
        if result.rest is None:
            self._send(HTTPStatus.OK, result.body, headers)
            return
        self._begin(HTTPStatus.OK, headers, _body(result.body, more=True))
        try:
            for piece in result.rest:
                self._bridge.send(_body(piece, more=True))
        except EngineError as error:
            # No last piece follows, so the server closes the connection: the answer is not whole.
            self._bridge.send(_body(_trailer(self._app.explain(error), tag), more=True))
            return
        self._bridge.send(_body(b""))

    def _fail(self, status: HTTPStatus, text: str) -> None:
        if not self._is_begun:
            self._send(status, text.encode("utf-8", "replace"), {"Connection": "close"})

    def _send(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self._begin(status, {**headers, "Content-Length": str(len(body))}, _body(body))

    def _begin(self, status: HTTPStatus, headers: Mapping[str, str], first: Message) -> None:
        self._is_begun = True
        fields = {**headers, "Content-Type": "text/plain; charset=UTF-8"}
        raw = [(name.encode(), _UNFIT_IN_HEADER.sub("?", value).encode()) for name, value in fields.items()]
        self._bridge.send({"type": "http.response.start", "status": status.value, "headers": raw}, first)


def _body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def _trailer(error: EngineError, tag: str) -> bytes:
    message = error.text.encode("utf-8", "surrogateescape") + b"\n"
    footer = f"{len(message)} {tag}\r\n__exception__\r\n".encode()
    return b"\r\n__exception__\r\n" + tag.encode() + b"\r\n" + message + footer


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
