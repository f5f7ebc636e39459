"""Service-minutes counted from the ledger, written down and published.

The one way in which `minutes` and `sla.minutes` change. Any number of workers may do it at once, with whatever each
knows: a count made from fewer records never replaces another.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

import pyarrow as pa

import sql
from streams.clickhouse.store import Store
from streams.core.failpoints import Failpoint, hit
from streams.counting.plain import of_kind, plain_requests
from streams.counting.rows import minute_rows, named_minutes, only
from streams.ingest.ports import Publisher

NamedBlock = tuple[str, int, int]
"""A block by its topic's id, its partition and its first position."""
NamedMinute = tuple[int, int]
"""A service-minute by the service's number and its second since the epoch."""

NAMED_MINUTES: Final = 5_000
"""Most minutes of one question: 18 bytes each in a form field, which may have 128 KiB (`http_max_field_value_size`)."""
# All that is known.
_NO_CUT: Final = {"as_of": 2**63 - 1}
# What one question may take of the engine's memory before it goes to disk.
_SETTINGS: Final = {"max_bytes_ratio_before_external_group_by": 0.4}


async def count_minutes(
    store: Store, outputs: Publisher, *, blocks: Sequence[NamedBlock] = (), minutes: Sequence[NamedMinute] = ()
) -> int:
    """Count what these blocks touched, or these minutes, and publish it; returns how many minutes that were."""
    by: sql.Touched = "by_blocks" if blocks else "by_name"
    asked = touched_by_blocks(blocks) if blocks else touched_by_name(minutes)
    await store.insert("minutes", minute_rows(await _count_kinds(store, by, asked)))
    hit(Failpoint.EVALUATED)
    published = 0
    async for rows in store.row_blocks(sql.changed(by), asked):
        await outputs.publish_minutes(rows)
        published += len(rows)
    return published


async def _count_kinds(store: Store, by: sql.Touched, asked: Mapping[str, Any]) -> list[pa.Table]:
    """Counts of each kind: by its tallies where these are proven to be its counts, else by its records' identities."""
    tallied = await store.table(sql.tallies(by), asked, _SETTINGS)
    counts = [plain_requests(of_kind(tallied, "requests", is_plain=True))]
    for kind in get_args(sql.Kind):
        named = named_minutes(of_kind(tallied, kind, is_plain=False))
        if 0 < len(named) <= NAMED_MINUTES:
            counts.append(await store.table(sql.counting(kind, "by_name"), touched_by_name(named), _SETTINGS))
        elif named:
            counts.append(only(await store.table(sql.counting(kind, by), asked, _SETTINGS), named))
    return counts


def touched_by_blocks(blocks: Iterable[NamedBlock]) -> Mapping[str, Any]:
    """The parameters of what these blocks touched, as all is known now."""
    return {"blocks": list(blocks), **_NO_CUT}


def touched_by_name(minutes: Iterable[NamedMinute]) -> Mapping[str, Any]:
    """The parameters of these minutes, as all is known now."""
    return {"minutes": list(minutes), **_NO_CUT}
