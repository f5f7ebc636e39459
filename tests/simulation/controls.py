"""Negative controls: the product with one thing replaced by what is known to be wrong. The harness must fail with each.

A control is a text that occurs once in a function of the product, or in a file of SQL, and what stands there instead.
The function is built anew from its changed source and put in its place, the view or query is what the engine is given.
"""

import importlib
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from unittest.mock import patch

import sql
from tests.simulation import database
from tests.simulation.watching import Watch

_SQL: Final = Path(sql.__file__).parent


class Change(NamedTuple):
    """In a function (`module:Qualified.name`) or a file of SQL: a text that occurs once, and what becomes of it."""

    place: str
    before: str
    after: str

    @property
    def is_sql(self) -> bool:
        return self.place.endswith(".sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What is replaced, against which rule, and the first seed from 0 on at which the harness says so.

    What lives in SQL needs the engine. `unseen` is a check to leave out, so that what follows must be found instead.
    """

    name: str
    rule: str
    changes: Sequence[Change]
    seed: int
    unseen: Literal["", "commits", "memory"] = ""

    @property
    def on_engine(self) -> bool:
        """Whether it lives in SQL."""
        return any(change.is_sql for change in self.changes)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The product with the fault in it. SQL of views takes effect in a database whose views are made within."""
        with ExitStack() as stack:
            if self.unseen == "commits":
                stack.enter_context(patch.object(Watch, "committed", lambda *_: None))
            for place in dict.fromkeys(change.place for change in self.changes):
                here = [change for change in self.changes if change.place == place]
                stack.enter_context(_sql_changed(place, here) if here[0].is_sql else _function_changed(place, here))
            yield


def changed(text: str, changes: Sequence[Change]) -> str:
    """The text with each change made.

    Raises:
        ValueError: what is to be replaced does not occur exactly once.
    """
    for _, before, after in changes:
        if text.count(before) != 1:
            raise ValueError(f"{before!r} must occur once")
        text = text.replace(before, after)
    return text


@contextmanager
def _function_changed(place: str, changes: Sequence[Change]) -> Iterator[None]:
    module_name, _, qualified = place.partition(":")
    module = importlib.import_module(module_name)
    *owners, name = qualified.split(".")
    owner: Any = module
    for one in owners:
        owner = getattr(owner, one)
    source = changed(textwrap.dedent(inspect.getsource(getattr(owner, name))), changes)
    made: dict[str, Any] = {}
    exec(compile(source, f"<{place}, changed>", "exec"), vars(module), made)  # noqa: S102  our own source
    function = getattr(owner, name)
    sound = function.__code__
    # Its code, not its name: others may have imported it.
    function.__code__ = made[name].__code__
    try:
        yield
    finally:
        function.__code__ = sound


@contextmanager
def _sql_changed(place: str, changes: Sequence[Change]) -> Iterator[None]:
    """Queries and views read from the files as changed."""
    wrong = changed((_SQL / place).read_text("utf-8"), changes)
    folder, _, name = place.partition("/")
    query, views = sql.query, sql.views
    with ExitStack() as stack:
        if folder == "queries":
            stack.enter_context(
                patch.object(sql, "query", lambda asked: wrong if f"{asked}.sql" == name else query(asked))
            )
        else:
            stack.enter_context(patch.object(sql, "views", lambda: [_Changed(name, wrong, one) for one in views()]))
        _forget_queries()
        yield
    _forget_queries()


def _forget_queries() -> None:
    database.tally_requests.cache_clear()
    database.known_records.cache_clear()
    database.count_kinds.cache_clear()
    database.changed_minutes.cache_clear()
    database.uncounted_minutes.cache_clear()
    database.first_edition_days.cache_clear()


class _Changed:
    """A view's file, but for the one that is changed."""

    def __init__(self, name: str, wrong: str, file: Any) -> None:  # noqa: ANN401  Traversable
        self._text = wrong if file.name == name else file.read_text("utf-8")
        self.name = file.name

    def read_text(self, _encoding: str) -> str:
        return self._text


_WRITE: Final = "streams.ingest.write:BlockWriter._write"
_COMMIT: Final = "    await self._committer.commit({block.row.partition: block.row.next for block in batch})\n"
_LEDGER: Final = "    for name, rows in _merged(batch).items():\n        await self._store.insert(name, rows)\n"
_BLOCKS: Final = (
    "    rows = [row for block in batch for row in await self._with_hole(block.row)]\n"
    "    await self._partitions.record(self._store, rows)\n"
)
_COMMIT_FIRST: Final = (Change(_WRITE, _COMMIT, ""), Change(_WRITE, _LEDGER, _COMMIT + _LEDGER))
_READ_FROM_COMMIT: Final = Change(
    "streams.ingest.pipeline:Pipeline.recover",
    "return {partition: known.progress.stored.next for partition, known in restored.items()}",
    "return {partition: self._dependencies.positions.committed(partition) for partition in restored}",
)
_FRONTIER: Final = "streams.ingest.frontier:Frontier.write"
_CLOCK: Final = "    asked_at_ms = self._now_ms()\n"
_AFTER_THE_ANSWERS: Final = "    # The broker gives ends"

CONTROLS: Final = (
    Control(
        name="offset committed before the insert",
        rule="ledger, then blocks, then commit",
        changes=_COMMIT_FIRST,
        seed=0,
    ),
    Control(
        name="offset committed before the insert, and reading resumed from it",
        rule="reading restarts at the end of the gapless prefix of blocks",
        changes=(*_COMMIT_FIRST, _READ_FROM_COMMIT),
        seed=3,
        unseen="commits",
    ),
    Control(
        name="blocks row before the ledger",
        rule="ledger, then blocks",
        changes=(
            Change(_WRITE, _BLOCKS, ""),
            Change(_WRITE, _LEDGER, _BLOCKS + _LEDGER.replace("rows", "table")),
        ),
        seed=9,
    ),
    Control(
        name="evaluation forgotten after a crash",
        rule="a block is done when its minutes are evaluated",
        changes=[Change("streams.ingest.recover:_recovered", "pending=pending", "pending=[]")],
        seed=2,
    ),
    Control(
        name="records forgotten that no block names",
        rule="the ledger is a set that only grows (I2)",
        changes=[
            Change(
                "streams.ingest.recount:count_uncounted",
                "for start in range(0, len(found), NAMED_MINUTES)",
                "for start in range(0)",
            )
        ],
        seed=1731,
    ),
    Control(
        name="request chosen by arrival",
        rule="I2",
        changes=[
            Change(
                "views/001_effective_requests_as_of.sql",
                "groupArray((revision, scoped, doubt, content, outcome, ",
                "groupArray((toUnixTimestamp64Milli(recorded_at), scoped, doubt, content, outcome, ",
            )
        ],
        seed=0,
        unseen="memory",
    ),
    Control(
        name="minutes by wall clock",
        rule="T2, I1",
        changes=[
            Change(
                "streams.ingest.encode.ledger_columns:ledger_columns",
                "(instants_ms[0] //",
                "(np.asarray(block.timestamps_ms, np.int64)[rows] //",
            )
        ],
        seed=0,
    ),
    Control(
        name="frontier from a clock read after the fetch",
        rule="B5",
        changes=[
            Change(_FRONTIER, _CLOCK, ""),
            Change(_FRONTIER, _AFTER_THE_ANSWERS, _CLOCK + _AFTER_THE_ANSWERS),
        ],
        seed=8,
    ),
    Control(
        name="a minute's version that does not grow",
        rule="version grows with content",
        changes=[
            Change(
                "streams.counting.rows:minute_rows",
                "for of in known:",
                "for of in known[:0]:",
            )
        ],
        seed=0,
    ),
)
