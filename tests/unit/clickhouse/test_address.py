"""A server that says nothing, and an address that is none, are told at once as what they are."""

import socket
import time

import pytest

from streams.clickhouse.address import address
from streams.clickhouse.client import connect
from streams.core.errors import Code, ZectoError
from streams.core.settings import Settings


@pytest.mark.parametrize(
    "url",
    ["", "x", "http://", "ftp://h", "http://h:99999", "http://h:-1", "http://h:x", "http://[::1", "http://h:\u0663"],
)
def test_a_url_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ZectoError, match="ZECTO_CLICKHOUSE_URL is not") as told:
        address(Settings(clickhouse_url=url))
    assert told.value.code is Code.SETTING_UNUSABLE


def test_a_server_that_says_nothing_is_told_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes connections; nobody reads them
        began_s = time.monotonic()
        with pytest.raises(ZectoError, match="says nothing"):
            connect(Settings(clickhouse_url=f"http://127.0.0.1:{silent.getsockname()[1]}"))
        assert time.monotonic() - began_s < 9


@pytest.mark.parametrize("place", ["127.0.0.1:1", "no.such.host.invalid"])
def test_where_nothing_is_that_is_told(place: str) -> None:
    with pytest.raises(ZectoError, match="no ClickHouse answers"):
        connect(Settings(clickhouse_url=f"http://{place}"))
