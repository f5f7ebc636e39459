"""Minutes counted anew: those of records that no block names, and those that the contract's first edition counted.

A worker may store records and die before it tells of which block they are. They are in the ledger, which only grows:
so they count (I2), in holes and before a month is closed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import pyarrow as pa
import structlog

import sql
from streams.clickhouse.store import Store
from streams.ingest.count_minutes import NAMED_MINUTES, count_minutes
from streams.ingest.ports import Publisher

_FIRST: Final = datetime.fromtimestamp(0, UTC)
_LAST: Final = datetime.fromtimestamp(2**32 - 1, UTC)

# A hole begins where something was last read, and what is in it can have been known a little earlier by its own clock.
_CLOCKS_APART_MS: Final = 3_600_000

_log = structlog.get_logger("evaluation")


class HoleCounts:
    """Counts what stands in the ledger of the holes that are told."""

    def __init__(self, store: Store, outputs: Publisher) -> None:
        self._store = store
        self._outputs = outputs
        self._hole_since_ms: int | None = None

    async def count(self, since_ms: int) -> None:
        """Count what stands in the ledger of a hole that is about to be told, which begins at a broker timestamp.

        An insert of a dead worker may still arrive: whoever looks again (`count_again`) finds that too.
        """
        since_ms = max(0, since_ms - _CLOCKS_APART_MS)
        await count_uncounted(self._store, self._outputs, known_since_ms=since_ms)
        self._hole_since_ms = since_ms if self._hole_since_ms is None else min(since_ms, self._hole_since_ms)

    async def count_again(self) -> None:
        """Look once more at the holes told since the last look."""
        since_ms, self._hole_since_ms = self._hole_since_ms, None
        if since_ms is not None:
            await count_uncounted(self._store, self._outputs, known_since_ms=since_ms)


async def count_first_edition(store: Store, outputs: Publisher) -> None:
    """Count the minutes again that the contract's first edition counted, day by day, the latest first.

    Who dies meanwhile leaves the rest to the next that looks; once all are counted this finds nothing to do.
    """
    for row in await store.rows(sql.query("first_edition_days"), {}):
        first = datetime.fromtimestamp(row["day"], UTC)
        await count_uncounted(store, outputs, known_since_ms=0, first=first, end=first + timedelta(days=1))


async def count_uncounted(
    store: Store, outputs: Publisher, *, known_since_ms: int, first: datetime = _FIRST, end: datetime = _LAST
) -> int:
    """Count the minutes whose counts cover fewer records than the ledger holds, or are of the contract's first edition.

    Returns how many there were.

    A worker may store records and die before their block names them, and the broker may lose them before anybody
    reads them again. They are in the ledger, which only grows: so they count (I2). What is found is pending until it is
    published (`recounts`), so that who dies here leaves it to the next that looks. `known_since_ms`: only minutes with
    a record known since then; `first` and `end`: only minutes of this span.
    """
    asked: dict[str, Any] = {"since": known_since_ms, "from": first, "to": end}
    found = sorted(
        (row["service"], row["minute"], row["version"])
        for row in await store.rows(sql.query("uncounted_minutes"), asked)
    )
    for start in range(0, len(found), NAMED_MINUTES):
        pending = found[start : start + NAMED_MINUTES]
        named = sorted({(service, minute) for service, minute, _ in pending})
        await store.insert("recounts", _recounts_table(pending, published=False))
        await store.patiently(partial(count_minutes, store, outputs, minutes=named))
        await store.insert("recounts", _recounts_table(pending, published=True))
    # A minute pending since before may appear here with another version, too.
    counted = len({(service, minute) for service, minute, _ in found})
    if counted:
        _log.warning("minutes counted anew from the ledger", minutes=counted)
    return counted


def _recounts_table(pending: Sequence[tuple[int, int, int]], *, published: bool) -> pa.Table:
    """Rows of `recounts`, of (service, minute, version)."""
    services, minutes, versions = zip(*pending, strict=True)
    return pa.table(
        {
            "service": pa.array(services, pa.int8()),
            "minute": pa.array(minutes, pa.uint32()),
            "version": pa.array(versions, pa.uint64()),
            "published": pa.array([published] * len(pending), pa.bool_()),
        }
    )
