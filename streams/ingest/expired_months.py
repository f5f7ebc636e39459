"""Which months have expired, asked anew for blocks once they are fetched.

So whatever was announced before a record came is heard before the record is counted.
"""

from collections.abc import Collection
from typing import Final

from streams.clickhouse.store import Store

_EXPIRED: Final = "SELECT DISTINCT month FROM expirations"


class Expirations:
    """Callable: the UTC months (YYYYMM) announced so far, whether their rows are dropped already or not."""

    def __init__(self, store: Store) -> None:
        """`store` waits out an absence of ClickHouse: without an answer no block may be decoded."""
        self._store = store

    async def __call__(self) -> Collection[int]:
        """Ask."""
        return [row["month"] for row in await self._store.rows(_EXPIRED, {})]


async def nothing_expires() -> Collection[int]:
    """For a ledger that keeps everything."""
    return ()
