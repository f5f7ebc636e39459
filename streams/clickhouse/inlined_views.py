"""Questions to the views of a month, asked in one piece (`sql.whole`): the same rows, a fraction of the analysis."""

from collections.abc import Mapping, Sequence
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.query import QueryResult

import sql
from sql.as_of import as_of
from sql.whole import filled, literal, values_in
from streams.clickhouse.session import Row


class Whole:
    """Questions about one month, all with the same frame and seen equally far: they never contradict each other."""

    def __init__(self, client: Client, asked: Mapping[str, Any], *, cut_ms: int | None = None) -> None:
        """`asked` are the questions' parameters, `month` and `policy` among them.

        With a cut the questions are to the twins of the views (`sql.as_of`), and all is seen up to it.
        """
        self._client = client
        self._asked = asked
        self._values: dict[str, str] = {}
        self._is_known = cut_ms is not None
        if cut_ms is not None:
            self._asked = {**asked, "as_of": cut_ms}
            self._values = dict.fromkeys(("seen_ms.1", "seen_ms.2"), literal(str(cut_ms), "Int64"))

    def rows(self, question: str) -> list[Row]:
        """The rows of a question to the views as they are named in `sql/views`."""
        return list(self._query(question).named_results())

    def columns(self, question: str) -> Sequence[Sequence[Any]]:
        """The same, a sequence a column."""
        columns: Sequence[Sequence[Any]] = self._query(question).result_columns
        return columns

    def _query(self, question: str) -> QueryResult:
        text = sql.whole(as_of(question) if self._is_known else question)
        for asked in sorted({name.partition(".")[0] for name in values_in(text) if name not in self._values}):
            self._read_values(asked)
        # The client takes a text without a parameter of ClickHouse's kind for one with Python's own.
        parameters = dict(self._asked) if "{" in text else {}
        return self._client.query(filled(text, self._values), parameters=parameters)

    def _read_values(self, asked: str) -> None:
        """All values of the frame at once, or how far all is seen: not before a question needs it."""
        wanted = [name for name in sql.values_asked_first() if name.partition(".")[0] == asked]
        columns = [f"toString({name}), toTypeName({name})" for name in wanted]
        text = f"SELECT {', '.join(columns)} FROM {sql.asked_first()[asked]}"  # noqa: S608  names and tables of our own
        (found,) = self._client.query(text, parameters=dict(self._asked)).result_rows
        pairs = zip(found[::2], found[1::2], strict=True)
        self._values |= {name: literal(value, type_) for name, (value, type_) in zip(wanted, pairs, strict=True)}
