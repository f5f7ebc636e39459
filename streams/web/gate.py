"""Nothing is said to who does not know the token, not even which paths there are, nor to pages of other sites."""

import hmac
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from streams.core.page_origin import host_name, is_of_another_site

_NO_TOKEN: Final = 401, b'{"status_code":401,"detail":"a bearer token is needed"}'
_OTHER_SITE: Final = 403, b'{"status_code":403,"detail":"not for pages of other sites"}'


class TokenGate:
    """An ASGI application in front of another: 401 to every request without `Authorization: Bearer TOKEN`."""

    def __init__(self, app: ASGIApp, token: str, hosts: frozenset[str] = frozenset()) -> None:
        """`hosts` are the names that it answers to, none: any; a proxy in front may hand on a name of its own."""
        self._app = app
        self._hosts = hosts
        self._expected = f"bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] == ScopeType.HTTP and (refusal := self._refusal(scope)):
            await _refuse(send, *refusal)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, bytes] | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if self._hosts and host_name(headers) not in self._hosts:
            return _OTHER_SITE
        if is_of_another_site(headers, schemes=("http", "https")):
            return _OTHER_SITE
        return None if self._knows(scope) else _NO_TOKEN

    def _knows(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
        if len(given) != 1:
            return False
        scheme, _, token = given[0].partition(b" ")
        # compared in constant time: how long it takes reveals nothing of the token
        return hmac.compare_digest(scheme.lower() + b" " + token.strip(), self._expected)


async def _refuse(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"www-authenticate", b"Bearer"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
