"""`zecto-sla web`: the feed for the credit service."""

from functools import partial
from typing import Annotated, Final

from cyclopts import App, Parameter
from cyclopts.validators import Number

from streams.cli.parameters import WHOLE

_SHORTEST_TOKEN: Final = 16
_FINISH_S: Final = 2.0


def register(app: App) -> None:
    """Add `web`."""
    app.command(web, group="In production")


def web(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, WHOLE, Parameter(name="--port", validator=Number(gte=1, lte=65535))] = 8080,
) -> None:
    """Serve credit decisions and statements over HTTP, read-only, until SIGTERM or Ctrl-C.

    Every request needs the bearer token of ZECTO_WEB_TOKEN. Put a proxy with TLS in front of it where others
    than this machine reach it. /v1/openapi.json describes what can be asked; /v1/health answers 503 while records are
    not counted, and names what keeps them from it.

    .. code-block:: console

        $ ZECTO_WEB_TOKEN=$(openssl rand -hex 24) zecto-sla web
        $ curl -H "Authorization: Bearer $ZECTO_WEB_TOKEN" http://127.0.0.1:8080/v1/decisions

    Args:
        host: The address to listen at.
        port: The port to listen at.
    """
    from streams.clickhouse.session import open_session
    from streams.core.errors import UsageError
    from streams.core.http_server import BoundedProtocol, make_server
    from streams.core.logs import configure_logs
    from streams.core.settings import Settings
    from streams.web.address import check_address
    from streams.web.app import build
    from streams.web.health import look

    settings = Settings()
    token = settings.web_token.get_secret_value()
    if len(token) < _SHORTEST_TOKEN:
        raise UsageError(f"set ZECTO_WEB_TOKEN to {_SHORTEST_TOKEN} characters or more: nobody may read without it")
    check_address(host, port)
    configure_logs(settings)
    with open_session(settings) as client:
        client.command("SELECT 1 FROM credit_decisions LIMIT 0")
        hosts = frozenset(name.strip().lower() for name in settings.web_hosts.split(",")) - {""}
        app = build(client, token, partial(look, client, settings), hosts=hosts)
        make_server(app, finish_s=_FINISH_S, protocol=BoundedProtocol, host=host, port=port).run()
