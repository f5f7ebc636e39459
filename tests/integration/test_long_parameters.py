"""What a worker asks ClickHouse for by name travels in bodies: servers refuse addresses that are too long."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

import sql
from streams.clickhouse.client import connect
from streams.clickhouse.store import Store
from streams.core.settings import Settings
from streams.ingest.count_minutes import NAMED_MINUTES, touched_by_name

pytestmark = pytest.mark.engine

_LONGEST_ADDRESS = 8 << 10
_LONGEST_FIELD = 128 << 10  # `http_max_field_value_size`
_NOON_S = 1_788_264_000


@contextmanager
def relay(url: str) -> Iterator[tuple[str, bytearray]]:
    """An address before the engine's, and all bytes that clients have sent to it."""
    parts = urlsplit(url)
    sent = bytearray()
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def begin(work: Callable[..., None], *arguments: object) -> None:
        threads.append(threading.Thread(target=work, args=arguments))
        threads[-1].start()

    def pass_on(source: socket.socket, target: socket.socket, is_kept: bool) -> None:
        with suppress(OSError):  # Cut off when the relay ends.
            while data := source.recv(1 << 16):
                target.sendall(data)
                if is_kept:
                    sent.extend(data)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            server = socket.create_connection((parts.hostname or "", parts.port or 0))
            connections.extend((client, server))
            begin(pass_on, client, server, True)
            begin(pass_on, server, client, False)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        begin(accept)
        port = listening.getsockname()[1]
        try:
            yield f"http://{parts.username}:{parts.password}@127.0.0.1:{port}", sent
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            threads[0].join()
            _end(connections, threads)


def _end(connections: Sequence[socket.socket], threads: Sequence[threading.Thread]) -> None:
    """Every connection is closed here: one left to the collector would be blamed on whatever test runs then."""
    for connection in connections:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.close()


def test_many_named_minutes_make_no_long_address(database: Settings) -> None:
    minutes = [(1, _NOON_S + 60 * number) for number in range(NAMED_MINUTES)]
    asked = touched_by_name(minutes)
    with relay(database.clickhouse_url) as (url, sent):
        store = Store(connect(database.model_copy(update={"clickhouse_url": url}), long_parameters=True))

        async def ask() -> None:
            assert len(await store.table(sql.tallies("by_name"), asked, {})) == 0
            assert [rows async for rows in store.row_blocks(sql.changed("by_name"), asked)] == []

        asyncio.run(ask())
    assert sent.count(b"%d)]" % minutes[-1][1]) == 2
    addresses = re.findall(rb"(?:GET|POST) (\S+) HTTP/1.1\r\n", sent)
    assert max(map(len, addresses)) < _LONGEST_ADDRESS
    assert _LONGEST_ADDRESS < len(str(minutes)) < _LONGEST_FIELD
