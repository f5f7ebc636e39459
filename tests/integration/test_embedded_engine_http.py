"""The embedded engine by plain HTTP, as curl and a browser meet it."""

import socket
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import pytest

from tests.engine_requests import password_of, request_of

_READONLY = 164


def get(engine: str, path: str, **headers: str) -> tuple[int, bytes]:
    request = request_of(engine, path, headers=headers)
    try:
        with urlopen(request) as answer:  # noqa: S310  likewise
            return answer.status, answer.read()
    except OSError as error:
        return getattr(error, "code", 0), getattr(error, "read", bytes)()


def test_plain_http_works_as_with_clickhouse(engine: str) -> None:
    assert get(engine, "/ping") == (200, b"Ok.\n")
    assert get(engine, "/") == (200, b"Ok.\n")
    assert get(engine, "/?query=SELECT+1&default_format=CSV") == (200, b"1\n")
    assert get(engine, f"/?query={quote('SELECT {x:String}')}&param_x=a%5Ctb") == (200, b"a\\tb\n")
    assert get(engine, "/nowhere")[0] == 404
    assert get(engine, "/?query=SELECT+*+FROM+nowhere")[0] == 404
    assert get(engine, "/?query=SELECT+1&no_such_setting=1")[0] == 404
    assert get(engine, "/?query=SELECT+FROM+WHERE")[0] == 400
    assert get(engine, "/?query=SELECT+throwIf(1)")[0] == 500


def test_get_only_reads(engine: str) -> None:
    status, text = get(engine, "/?query=CREATE+DATABASE+by_get")
    assert (status, f"Code: {_READONLY}.".encode() in text) == (500, True)


def test_what_a_client_sends_cannot_become_a_header(engine: str) -> None:
    address = urlsplit(engine)
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        target = b"/?query=SELECT+1&query_id=x%0d%0aSet-Cookie:y%C3%A4%E2%82%AC"
        key = b"X-ClickHouse-Key: %s\r\n" % password_of(engine)
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + key + b"Connection: close\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"x-clickhouse-query-id: x??Set-Cookie:y??\r\n" in answer


def test_a_post_without_a_statement_is_an_error(engine: str) -> None:
    request = request_of(engine, "/", data=b"", method="POST")
    with pytest.raises(OSError, match="400"):
        urlopen(request)  # noqa: S310  likewise


def test_a_page_in_a_browser_cannot_reach_the_engine(engine: str) -> None:
    assert get(engine, "/?query=SELECT+1", Host="attacker.example")[0] == 403
    assert get(engine, "/?query=SELECT+1", Origin="https://attacker.example")[0] == 403
