"""Service-minutes counted as a worker counts them, at once and to nobody."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from clickhouse_connect.driver.client import Client

from streams.clickhouse.store import Store
from streams.ingest.count_minutes import NamedBlock, NamedMinute, count_minutes
from streams.ingest.ports import RejectedRecord

_Result = TypeVar("_Result")


def count_now(client: Client, *, blocks: Sequence[NamedBlock] = (), minutes: Sequence[NamedMinute] = ()) -> int:
    """Count what these blocks touched, or these minutes, into `minutes`; returns how many stand."""
    return asyncio.run(count_minutes(Store(client, _here), _Nobody(), blocks=blocks, minutes=minutes))


async def _here(call: Callable[[], _Result], /) -> _Result:
    return call()


class _Nobody:
    """A publisher without readers."""

    async def publish_minutes(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Nobody reads them."""

    async def publish_dead_letters(self, dead_letters: Sequence[RejectedRecord]) -> None:
        """Nobody reads them."""
