"""Service-minutes counted from the ledger, written down and published.

The one way in which `minutes` and `sla.minutes` change. Any number of workers may do it at once, with whatever each
knows: a count made from fewer records never replaces another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

import sql
from streams.clickhouse.store import Store
from streams.core.failpoints import Failpoint, hit
from streams.counting.plain import plain_requests
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
    await store.insert("minutes", await _OneCount(store, by, asked).rows())
    hit(Failpoint.EVALUATED)
    published = 0
    async for rows in store.row_blocks(sql.changed(by), asked):
        await outputs.publish_minutes(rows)
        published += len(rows)
    return published


class _OneCount:
    """One count of some service-minutes.

    All that its rows' versions are of is asked before any of what they count, even before which minutes have nothing
    to count; tallies of requests are both at once, in one reading. So a count that lacks a record has a version of
    what was there before that record came, less than that of the count due for it: whichever stands has it.
    """

    def __init__(self, store: Store, by: sql.Touched, asked: Mapping[str, Any]) -> None:
        self._store = store
        self._by = by
        self._asked = asked

    async def rows(self) -> pa.Table:
        """(n,): rows of `minutes`, each kind by its tallies where these are proven to count, else by identities."""
        known = [await self._ask(sql.known("messages_and_probes", self._by))]
        tallied = await self._ask(sql.tallies(self._by))
        plain, met = (tallied.filter(pc.equal(tallied["is_plain"], proven)) for proven in (1, 0))
        known += [plain, await self._of(met, partial(sql.known, "requests"))]
        # Asked again: a first message may have come, and what was not looked for would be lacking as of the first time.
        others = await self._ask(sql.known("messages_and_probes", self._by))
        kinds: Mapping[sql.Kind, pa.Table] = {
            "requests": met,
            "messages": others.filter(pc.equal(others["of"], "messages")),
            "probes": others.filter(pc.equal(others["of"], "probes")),
        }
        counted = [await self._of(minutes, partial(sql.counting, kind)) for kind, minutes in kinds.items()]
        return minute_rows([plain_requests(plain), *counted], known)

    async def _of(self, minutes: pa.Table, text: Callable[[sql.Touched], str]) -> pa.Table:
        """The answer of the service-minutes in a table."""
        named = named_minutes(minutes)
        if len(named) > NAMED_MINUTES:
            return only(await self._ask(text(self._by)), named)
        if not named:
            return minutes.select(["service", "minute", "records"])
        return await self._store.table(text("by_name"), touched_by_name(named), _SETTINGS)

    async def _ask(self, question: str) -> pa.Table:
        return await self._store.table(question, self._asked, _SETTINGS)


def touched_by_blocks(blocks: Iterable[NamedBlock]) -> Mapping[str, Any]:
    """The parameters of what these blocks touched, as all is known now."""
    return {"blocks": list(blocks), **_NO_CUT}


def touched_by_name(minutes: Iterable[NamedMinute]) -> Mapping[str, Any]:
    """The parameters of these minutes, as all is known now."""
    return {"minutes": list(minutes), **_NO_CUT}
