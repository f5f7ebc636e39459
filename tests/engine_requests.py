"""Requests to the embedded engine by other means than its ordinary client, with its password."""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

import clickhouse_connect
from clickhouse_connect.driver.client import Client


def address_of(url: str) -> dict[str, Any]:
    """What `clickhouse_connect.get_client` needs to reach an engine of this URL."""
    parts = urlsplit(url)
    return {"host": parts.hostname, "port": parts.port, "username": parts.username, "password": parts.password}


def client_of(url: str, database: str = "default", **options: object) -> Client:
    """A client as anyone gets it."""
    return clickhouse_connect.get_client(**address_of(url), database=database, **options)


def password_of(url: str) -> bytes:
    """The password in an engine's URL."""
    return (urlsplit(url).password or "").encode()


def request_of(url: str, path: str, **options: Any) -> Request:  # noqa: ANN401  as `Request` takes them
    """A request for a path, with the engine's password unless the headers have one."""
    parts = urlsplit(url)
    headers = {"X-ClickHouse-Key": parts.password or "", **options.pop("headers", {})}
    return Request(f"http://{parts.hostname}:{parts.port}{path}", headers=headers, **options)  # noqa: S310
