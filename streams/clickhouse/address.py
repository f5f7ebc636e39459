"""Where ClickHouse is, as the settings say."""

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings

_DEFAULT_PORTS: Final = {"http": 8123, "https": 8443}


def address(settings: Settings) -> dict[str, Any]:
    """What `clickhouse_connect.get_client` needs to find the server.

    Raises:
        ZectoError: the URL is not http(s)://[user:password@]host[:port].
    """
    unfit = ZectoError("ZECTO_CLICKHOUSE_URL is not http(s)://[user:password@]host[:port]", code=Code.SETTING_UNUSABLE)
    try:
        parts = urlsplit(settings.clickhouse_url)
        port = parts.port
    except ValueError:  # a port that is none, a bracket without its other
        raise unfit from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise unfit
    found: dict[str, Any] = {
        "host": parts.hostname,
        "port": port or _DEFAULT_PORTS[parts.scheme],
        "interface": parts.scheme,
    }
    if parts.username:
        found |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return found


def host(settings: Settings) -> str:
    """The server as it may be shown: without user and password."""
    return urlsplit(settings.clickhouse_url).netloc.rpartition("@")[2]
