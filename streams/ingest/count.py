"""Minutes counted anew from the ledger, and published: the one way in which `minutes` and `sla.minutes` change.

What counts is decided by `sql/queries/evaluate_minutes.sql`; a count made from fewer records never replaces another.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import pyarrow as pa
import structlog

import sql
from streams.clickhouse.store import Store
from streams.core.failpoints import Failpoint, hit
from streams.ingest.ports import Publisher

_SETTINGS: Final = {
    # What one statement may take of the engine's memory before it goes to disk.
    "max_bytes_ratio_before_external_group_by": 0.4,
    # One block may touch any number of months; each is one partition of `minutes`.
    "max_partitions_per_insert_block": 0,
}
# They travel in an address, which may be a megabyte long.
_NAMED_MINUTES: Final = 10_000
_FIRST: Final = datetime.fromtimestamp(0, UTC)
_LAST: Final = datetime.fromtimestamp(2**32 - 1, UTC)

Block = tuple[str, int, int]
"""A block by its topic's id, its partition and its first position."""
NamedMinute = tuple[int, int]
"""A service-minute by the service's number and its second since the epoch."""

_log = structlog.get_logger("evaluation")


async def count_minutes(
    store: Store, outputs: Publisher, *, blocks: Sequence[Block] = (), minutes: Sequence[NamedMinute] = ()
) -> int:
    """Count what these blocks touched and these minutes, and publish it; returns how many minutes that were."""
    parameters = {"blocks": list(blocks), "minutes": list(minutes)}
    await store.command(sql.query("evaluate_minutes"), parameters, _SETTINGS)
    hit(Failpoint.EVALUATED)
    published = 0
    async for rows in store.row_blocks(sql.query("changed_minutes"), parameters):
        await outputs.publish_minutes(rows)
        published += len(rows)
    return published


async def count_uncounted(
    store: Store, outputs: Publisher, *, known_since_ms: int, first: datetime = _FIRST, end: datetime = _LAST
) -> int:
    """Count the minutes whose counts cover fewer records than the ledger holds; returns how many there were.

    A worker may store records and die before their block names them, and the broker may lose them before anybody
    reads them again. They are in the ledger, which only grows: so they count (I2). What is found is pending until it is
    published (`recounts`), so that who dies here leaves it to the next that looks. `known_since_ms`: only minutes with
    a record known since then; `first` and `end`: only minutes of this span.
    """
    asked: dict[str, Any] = {"since": known_since_ms, "from": first, "to": end}
    found = sorted(
        (row["service"], row["minute"], row["records"])
        for row in await store.rows(sql.query("uncounted_minutes"), asked)
    )
    for start in range(0, len(found), _NAMED_MINUTES):
        pending = found[start : start + _NAMED_MINUTES]
        named = sorted({(service, minute) for service, minute, _ in pending})
        await store.insert("recounts", _recounts_table(pending, published=False))
        await store.patiently(partial(count_minutes, store, outputs, minutes=named))
        await store.insert("recounts", _recounts_table(pending, published=True))
    # A minute pending since before may appear here with another number of records, too.
    counted = len({(service, minute) for service, minute, _ in found})
    if counted:
        _log.warning("minutes counted anew, for records in the ledger that no block tells of", minutes=counted)
    return counted


def _recounts_table(pending: Sequence[tuple[int, int, int]], *, published: bool) -> pa.Table:
    """Rows of `recounts`, of (service, minute, records)."""
    services, minutes, records = zip(*pending, strict=True)
    return pa.table(
        {
            "service": pa.array(services, pa.int8()),
            "minute": pa.array(minutes, pa.uint32()),
            "records": pa.array(records, pa.uint64()),
            "published": pa.array([published] * len(pending), pa.bool_()),
        }
    )
