"""The ledger grows while any number of workers count the same minute: a row that stands has every record due to it.

Each counting goes on by one question at a time, in an order drawn from a seed, between other countings and new records.
"""

import random
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping
from types import coroutine
from typing import Any, Final, cast, get_args

import pyarrow as pa
import pytest

import sql
from streams.clickhouse.store import Store
from streams.counting import rows as counting_rows
from streams.ingest.count_minutes import count_minutes
from streams.ingest.ports import Publisher
from tests.integration.ledger_rows import random_rows, records_of
from tests.simulation.counted_of import CountedOf
from tests.simulation.database import Memory

_KINDS: Final = get_args(sql.Kind)
_SEEDS: Final = 200
_COME: Final = 5
_STEPS: Final = 4


class _Steps:
    """A store of which each call waits for its turn."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._counted = CountedOf()

    async def table(self, query: str, parameters: Mapping[str, Any], _: Mapping[str, Any]) -> pa.Table:
        await _turn()
        found = self._memory.table(query, parameters)
        self._counted.note(None, query, found)
        return found

    async def insert(self, table: str, rows: pa.Table) -> None:
        await _turn()
        self._memory.insert(table, self._counted.added(None, rows))

    async def row_blocks(self, _: str, __: Mapping[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
        nothing: list[list[dict[str, Any]]] = []
        for rows in nothing:
            yield rows


@coroutine
def _turn() -> Generator[None, None, None]:
    yield


class _Race:
    """One minute of one service, of which some records are there and others come, and who counts it."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._memory = Memory()
        [(self._place, kinds), *_] = records_of(random_rows(self._dice, minutes=1, each=5)).items()
        self._coming = [(kind, record) for kind, records in zip(_KINDS, kinds, strict=True) for record in records]
        self._dice.shuffle(self._coming)
        self._begun: list[tuple[Coroutine[Any, Any, int], tuple[sql.Kind, int] | None]] = []
        self._landed: list[tuple[sql.Kind, int]] = []

    def run(self) -> None:
        for kind, record in self._coming[_COME:]:
            self._keep(kind, record)
        del self._coming[_COME:]
        self._begin(None)
        try:
            while self._coming or self._begun:
                self._go_on(self._dice.randrange(len(self._begun) + bool(self._coming)))
        finally:
            for counting, _ in self._begun:
                counting.close()

    def _go_on(self, index: int) -> None:
        """Someone's next questions, or the next record."""
        if index == len(self._begun):
            kind, record = self._coming.pop()
            self._begin((kind, self._keep(kind, record)))
            return
        counting, due = self._begun[index]
        try:
            for _ in range(self._dice.randint(1, _STEPS)):
                counting.send(None)
        except StopIteration:
            del self._begun[index]
            self._landed += [due] if due else []
        for kind, at in self._landed:
            assert at < self._memory.counted_of[self._place].get(kind, 0), f"a row stands that lacks {kind} {at}"

    def _keep(self, kind: sql.Kind, record: Any) -> int:  # noqa: ANN401  a record of any kind
        """Store a record; how many of its kind there were before."""
        of = dict(zip(_KINDS, self._memory.ledgers(), strict=True))[kind][self._place]
        of[record.identity, record.content] = record
        return len(of) - 1

    def _begin(self, due: tuple[sql.Kind, int] | None) -> None:
        """A worker counts the minute, for a record that is due or for another reason."""
        store = cast(Store, _Steps(self._memory))
        self._begun.append((count_minutes(store, cast(Publisher, None), minutes=[self._place]), due))


def _race() -> None:
    for seed in range(_SEEDS):
        _Race(seed).run()


def test_b5_the_row_that_stands_has_every_record_due() -> None:
    _race()


def test_versions_of_the_counts_themselves_would_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = counting_rows.minute_rows
    monkeypatch.setattr("streams.ingest.count_minutes.minute_rows", lambda kinds, _: rows(kinds, kinds))
    with pytest.raises(AssertionError, match="a row stands that lacks"):
        _race()
