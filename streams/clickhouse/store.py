"""ClickHouse as the ledger uses it: writes that may be repeated at will and wait out an absence, and few reads.

Everything written is idempotent by design (a set of rows), so that whatever fails half-way is simply done again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, Protocol, TypeVar

import pyarrow as pa
import structlog
import tenacity
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.common import StreamContext
from clickhouse_connect.driver.exceptions import ClickHouseError

from streams.clickhouse.arrow import ask_text
from streams.clickhouse.errors import classify, first_line, is_transient
from streams.clickhouse.month_batches import INSERT_LIMIT, within_months
from streams.core.errors import Code, ZectoError
from streams.core.waits import Waits

_WAIT: Final = tenacity.wait_exponential(multiplier=0.1, max=5)
# An insert is answered once it is written, and no earlier. Rows that repeat themselves are taken out when parts are
# merged, not before they are written: whoever reads counts with them anyway, and to look for them costs two fifths of
# an insert.
INSERT_SETTINGS: Final = {"async_insert": 0, "optimize_on_insert": 0, **INSERT_LIMIT}
# Rows as dicts take kilobytes each: what a large query returns comes in pieces that a worker has room for.
_PIECE_ROWS: Final = 2_000
_WHAT: Final = "clickhouse"
_NOT_NOW: Final = {
    Code.CLICKHOUSE_UNREACHABLE: "no ClickHouse answers",
    Code.CLICKHOUSE_OVERLOADED: "ClickHouse cannot do it now",
}

_log = structlog.get_logger("ledger")

Result = TypeVar("Result")


class InThread(Protocol):
    """How a call that blocks is made without standing in the way: `asyncio.to_thread`, or what a test puts there."""

    async def __call__(self, call: Callable[[], Result], /) -> Result:
        """What the call returns or raises."""


class Store:
    """Reads and writes in threads beside the event loop.

    While ClickHouse is away every call waits and tries again, for ever; the log says so once, and once when it is back,
    and `waits` knows of each. What trying again cannot cure raises ZectoError.
    """

    def __init__(self, client: Client, in_thread: InThread = asyncio.to_thread, waits: Waits | None = None) -> None:
        """`client` needs no session of its own (`autogenerate_session_id=False`): calls overlap."""
        self._client = client
        self._thread = in_thread
        self._waits = waits or Waits()
        self._away = False
        self._returns = 0

    async def insert(self, table: str, rows: pa.Table) -> None:
        """Insert rows; returns once they are written. More months than one insert may span are split."""
        for part in within_months(rows.unify_dictionaries()):
            await self._in_thread(partial(self._client.insert_arrow, table, part, settings=INSERT_SETTINGS))

    async def rows(self, query: str, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The whole result of a small query, as rows by column name."""
        result = await self._in_thread(lambda: self._client.query(query, parameters=dict(parameters)))
        return list(result.named_results())

    async def table(self, query: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> pa.Table:
        """The whole result of a query, by columns."""
        return await self._in_thread(lambda: ask_text(self._client, query, parameters, settings))

    async def row_blocks(self, query: str, parameters: Mapping[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
        """The result of a large query, piece by piece; a piece that cannot be read raises the client's own error.

        Where that matters, read within an attempt of `patiently`.
        """
        stream = await self._in_thread(lambda: self._client.query_row_block_stream(query, parameters=dict(parameters)))
        blocks = _named_blocks(stream)
        while (rows := await self._thread(partial(next, blocks, None))) is not None:
            yield rows

    async def patiently(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """What the attempt returns, tried until ClickHouse is there for all of it; it may run several times.

        Raises:
            ZectoError: ClickHouse refuses, and would again.
        """
        retrying = tenacity.AsyncRetrying(retry=tenacity.retry_if_exception(is_transient), wait=_WAIT, reraise=True)

        async def once() -> Result:
            # Calls overlap: what was asked before ClickHouse went, or before it came back, tells nothing of now.
            asked_while_away, returns = self._away, self._returns
            try:
                result = await attempt()
            except Exception as error:
                if is_transient(error):
                    self._waits.failed(_WHAT, _refused(error))
                    if returns == self._returns:
                        self._say_away(error)
                raise
            self._waits.ended(_WHAT)
            if asked_while_away:
                self._say_back()
            return result

        try:
            return await retrying(once)
        except ClickHouseError as error:
            refused = _refused(error)
            self._waits.failed(_WHAT, refused)
            raise refused from error
        except asyncio.CancelledError:
            self._waits.ended(_WHAT)
            raise

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        return await self.patiently(lambda: self._thread(call))

    def _say_away(self, error: Exception) -> None:
        if not self._away:
            self._away = True
            _log.warning("waiting for ClickHouse", error=first_line(error), code=classify(error).value)

    def _say_back(self) -> None:
        if self._away:
            self._away = False
            self._returns += 1
            _log.info("ClickHouse is back")


def _refused(error: Exception) -> ZectoError:
    code = classify(error)
    what = _NOT_NOW.get(code, "ClickHouse refuses what the ledger asks")
    return ZectoError(f"{what}: {first_line(error)}", code=code)


def _named_blocks(stream: StreamContext) -> Iterator[list[dict[str, Any]]]:
    with stream as blocks:
        names = stream.source.column_names
        for block in blocks:
            rows = iter(block)
            while piece := [dict(zip(names, row, strict=True)) for row in islice(rows, _PIECE_ROWS)]:
                yield piece
