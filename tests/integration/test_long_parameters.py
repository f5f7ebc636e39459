"""What a worker asks ClickHouse for by name travels in bodies: servers refuse addresses that are too long."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

import sql
from streams.clickhouse.client import connect
from streams.clickhouse.store import Store
from streams.core.settings import Settings
from streams.ingest.recount import NAMED_MINUTES

pytestmark = pytest.mark.engine

_LONGEST_ADDRESS = 8 << 10
_LONGEST_FIELD = 128 << 10  # `http_max_field_value_size`
_EVALUATION = {"max_partitions_per_insert_block": 0}
_NOON_S = 1_788_264_000


@contextmanager
def relay(url: str) -> Iterator[tuple[str, bytearray]]:
    """An address before the engine's, and all bytes that clients have sent to it."""
    parts = urlsplit(url)
    sent = bytearray()

    def pass_on(source: socket.socket, target: socket.socket, *, is_kept: bool) -> None:
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
            for source, target, is_kept in ((client, server, True), (server, client, False)):
                arguments = {"is_kept": is_kept}
                threading.Thread(target=pass_on, args=(source, target), kwargs=arguments, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        port = listening.getsockname()[1]
        yield f"http://{parts.username}:{parts.password}@127.0.0.1:{port}", sent


def test_many_named_minutes_make_no_long_address(database: Settings) -> None:
    minutes = [(1, _NOON_S + 60 * number) for number in range(NAMED_MINUTES)]
    asked = {"blocks": [], "minutes": minutes}
    with relay(database.clickhouse_url) as (url, sent):
        store = Store(connect(database.model_copy(update={"clickhouse_url": url}), long_parameters=True))

        async def ask() -> None:
            await store.command(sql.query("evaluate_minutes"), asked, _EVALUATION)
            assert [rows async for rows in store.row_blocks(sql.query("changed_minutes"), asked)] == []

        asyncio.run(ask())
    assert sent.count(b"%d)]" % minutes[-1][1]) == 2
    addresses = re.findall(rb"(?:GET|POST) (\S+) HTTP/1.1\r\n", sent)
    assert max(map(len, addresses)) < _LONGEST_ADDRESS
    assert _LONGEST_ADDRESS < len(str(minutes)) < _LONGEST_FIELD
