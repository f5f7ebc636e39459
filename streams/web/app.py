"""The feed as a web application: three questions, each with an ETag, and health, described by /v1/openapi.json."""

import hashlib
from importlib.metadata import version
from typing import Annotated, Any, Final

import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException, ServiceUnavailableException
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import Parameter
from litestar.types import ASGIApp
from urllib3.exceptions import HTTPError

from schemas.closing import MONTH_PATTERN
from streams.clickhouse.session import refuse_silence
from streams.web.feed import (
    DecisionPage,
    StatementList,
    decision_page,
    statement_document,
    statement_list,
)
from streams.web.gate import TokenGate
from streams.web.health import Health, Look

_MOST: Final = 1_000
_FOR_EVER: Final = "private, max-age=31536000, immutable"

Month = Annotated[str, Parameter(pattern=rf"{MONTH_PATTERN}|^$", description="YYYY-MM; empty: every month")]
Found = Request[Any, Any, State]


@get("/v1/decisions", sync_to_thread=True, raises=[ServiceUnavailableException])
def decisions(
    *,
    request: Found,
    state: State,
    cursor: Annotated[int, Parameter(ge=0, lt=2**53, description="`next` of an earlier page; 0: the start")] = 0,
    limit: Annotated[int, Parameter(ge=1, le=_MOST, description="most decisions in the answer")] = 100,
    account_id: Annotated[str, Parameter(max_length=128, description="only this account's; empty: everybody's")] = "",
    month: Month = "",
) -> Response[DecisionPage]:
    """Effective credit decisions, oldest first; the same as sla.credits and the view credits say."""
    refuse_silence(state.client)
    return _tagged(request, decision_page(state.client, cursor=cursor, limit=limit, account_id=account_id, month=month))


@get("/v1/statements", sync_to_thread=True, raises=[ServiceUnavailableException])
def statements(request: Found, state: State, month: Month = "") -> Response[StatementList]:
    """Effective statements and amendments, each with its hash and where it is."""
    refuse_silence(state.client)
    return _tagged(request, statement_list(state.client, month=month))


@get(
    "/v1/statements/{month:str}/{policy:str}/{number:int}",
    sync_to_thread=True,
    media_type="application/json",
    raises=[NotFoundException, ServiceUnavailableException],
)
def statement(
    request: Found,
    state: State,
    month: Annotated[str, Parameter(pattern=MONTH_PATTERN, description="YYYY-MM")],
    policy: Annotated[str, Parameter(max_length=64, description="the policy's id")],
    number: Annotated[int, Parameter(ge=0, lt=2**32, description="0: the statement; 1, 2, ...: its amendments")],
) -> Response[bytes]:
    """A statement or amendment, byte for byte; it never changes."""
    refuse_silence(state.client)
    kept = statement_document(state.client, month, policy, number)
    if kept is None:
        raise NotFoundException(f"no document {number} of {month} under {policy}")
    headers = {"ETag": f'"{kept.sha256}"', "Cache-Control": _FOR_EVER}
    if _is_known(request, headers["ETag"]):
        return Response(b"", status_code=304, headers=headers)
    return Response(kept.document, headers=headers, media_type="application/json")


@get(
    "/v1/health",
    sync_to_thread=True,
    responses={503: ResponseSpec(Health, description="records are not counted, or not all", generate_examples=False)},
)
def health(state: State) -> Response[Health]:
    """Whether records are counted now: 200 if they are, else 503, and what keeps them from it."""
    found: Health = state.look()
    status = 200 if found.healthy else 503
    return Response(found, status_code=status, headers={"Cache-Control": "no-store"})


def build(client: Client, token: str, look: Look, *, hosts: frozenset[str] = frozenset()) -> ASGIApp:
    """The application behind its gate; `client` needs no session, for requests overlap.

    `look` tells of health. `hosts`: see `TokenGate`.
    """
    app = Litestar(
        route_handlers=[decisions, statements, statement, health],
        state=State({"client": client, "look": look}),
        openapi_config=OpenAPIConfig(
            title="zecto-sla",
            version=version("zecto-sla"),
            path="/v1",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"token": []}],
        ),
        exception_handlers={ClickHouseError: _unavailable, HTTPError: _unavailable, OSError: _unavailable},
    )
    return TokenGate(app, token, hosts)


def _tagged(request: Found, content: Any) -> Response[Any]:  # noqa: ANN401  any of the feed's structs
    etag = f'"{hashlib.sha256(msgspec.json.encode(content)).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if _is_known(request, etag):
        return Response(None, status_code=304, headers=headers)
    return Response(content, headers=headers)


def _is_known(request: Found, etag: str) -> bool:
    """Whether the reader has this already; a weak tag names the same bytes here."""
    content = request.headers.get("if-none-match", "")
    return etag in {one.strip().removeprefix("W/") for one in content.split(",")}


def _unavailable(_request: Found, _error: Exception) -> Response[dict[str, Any]]:
    detail = "the database does not answer; try again later"
    return Response({"status_code": 503, "detail": detail}, status_code=503, headers={"Retry-After": "5"})
