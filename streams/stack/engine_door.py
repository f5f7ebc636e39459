"""Who may ask the engine: programs that know its password, and no page of a browser from anywhere else."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Final

from streams.core.page_origin import host_name, is_of_another_site

USER: Final = "default"
PASSWORD_VARIABLE: Final = "ENGINE_PASSWORD"  # noqa: S105  a name
"""The environment variable that gives an engine its password; without it the engine makes one."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def comes_from_here(headers: Mapping[str, str]) -> bool:
    """Whether a request can be a program's, or a page's that came from this very address.

    `Host` must be a name of the loopback interface, or a page could give this address a name of its own.
    """
    if "host" in headers and host_name(headers) not in _LOOPBACK:
        return False
    return not is_of_another_site(headers)


def knows_password(headers: Mapping[str, str], parameters: Mapping[str, str], password: str) -> bool:
    """Whether the request names our user and password: by header, by parameters, or by Basic authentication."""
    user, given = _credentials(headers, parameters)
    is_right = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), password.encode())
    return is_right and user == USER


def _credentials(headers: Mapping[str, str], parameters: Mapping[str, str]) -> tuple[str, str]:
    """As ClickHouse: the headers of its own first, then Basic authentication, then the address."""
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user") or USER, headers.get("x-clickhouse-key", "")
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _basic(encoded)
    return parameters.get("user") or USER, parameters.get("password", "")


def _basic(encoded: str) -> tuple[str, str]:
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return user, password
