"""Engine and feed answer or close whatever is sent, in time, and are as they were."""

import threading
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from streams.clickhouse.client import connect
from streams.core.http_server import BoundedProtocol, make_server
from streams.core.settings import Settings
from streams.stack.engine_server import listen
from streams.web.app import build
from streams.web.health import Health
from tests.engine_requests import password_of, request_of
from tests.fuzz.http_requests import http_requests, send_all

pytestmark = pytest.mark.engine

_SOME = 300
_MANY = 10_000
_TOKEN = "a-token-of-the-tests"  # noqa: S105
_TO_ENGINE = (b"/", b"/?query=SELECT+1", b"/?query=%ff%00", b"/ping", b"/?database=x&query=", b"*", b"//")
_TO_FEED = (
    b"/",
    b"/v1/decisions",
    b"/v1/decisions?after=-1",
    b"/v1/statements/2026-09",
    b"/v1/%00",
    b"/../..",
    b"*",
    b"//",
)


def _to_engine(url: str, count: int) -> Counter[str]:
    access = (b"X-ClickHouse-Key: " + password_of(url),)
    ends = send_all(urlsplit(url).port or 0, http_requests("engine", count, paths=_TO_ENGINE, access=access))
    with urlopen(request_of(url, "/?query=SELECT+41%2B1")) as answer:  # noqa: S310  the loopback engine
        assert answer.read() == b"42\n"
    return ends


@pytest.fixture
def feed(database: Settings) -> Iterator[int]:
    """The port of a feed over a database."""
    asking = connect(database)
    server = make_server(
        build(asking, _TOKEN, lambda: Health(healthy=True, troubles=[])), finish_s=1, protocol=BoundedProtocol
    )
    listening = listen(0)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()
    asking.close()


def _to_feed(port: int, count: int) -> Counter[str]:
    access = (b"Authorization: Bearer " + _TOKEN.encode(),)
    ends = send_all(port, http_requests("feed", count, paths=_TO_FEED, access=access))
    # Nothing here is a fault of the feed's own.
    assert not {status for status in ends if status.startswith("5")}
    return ends


def test_bent_requests_to_the_engine_end_in_time(engine: str) -> None:
    assert len(_to_engine(engine, _SOME)) > 3


def test_bent_requests_to_the_feed_end_in_time(feed: int) -> None:
    assert len(_to_feed(feed, _SOME)) > 3


@pytest.mark.deep
def test_10000_bent_requests_to_the_engine_end_in_time(engine: str) -> None:
    _to_engine(engine, _MANY)


@pytest.mark.deep
def test_10000_bent_requests_to_the_feed_end_in_time(feed: int) -> None:
    _to_feed(feed, _MANY)
