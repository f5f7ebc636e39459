"""A large result comes in pieces that there is room for, however large the blocks are in which it travels."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from clickhouse_connect.driver.client import Client

from streams.clickhouse.store import Store


class _OneBlock:
    """A client whose answers are one block of 5,000 rows."""

    @contextmanager
    def _stream(self) -> Iterator[Iterator[list[tuple[int]]]]:
        yield iter([[(number,) for number in range(5_000)]])

    def query_row_block_stream(self, _query: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401
        assert parameters == {"a": 1}
        stream = cast(Any, self._stream())
        stream.source = SimpleNamespace(column_names=("k",))
        return stream


def test_no_piece_exceeds_the_room_and_no_row_is_lost() -> None:
    async def pieces() -> list[list[dict[str, Any]]]:
        store = Store(cast(Client, _OneBlock()))
        return [rows async for rows in store.row_blocks("SELECT k", {"a": 1})]

    found = asyncio.run(pieces())
    assert [len(rows) for rows in found] == [2_000, 2_000, 1_000]
    assert [row["k"] for rows in found for row in rows] == list(range(5_000))
