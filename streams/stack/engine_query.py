"""One statement on the embedded ClickHouse engine: a session of its own, its settings, its data in, its result out.

A session is a connection opened for one request: connections of one data directory share the engine, run side by side
and have a current database and settings each, so two requests never see each other's. Opening one costs well under a
millisecond.
"""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from chdb import ChdbError
from chdb.state.sqlitelike import Connection

from streams.stack.engine_text import find_target

_CODE = re.compile(r"Code: (\d+)\. ")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_STREAM_FORMATS = frozenset(
    {"Native", "Buffers", "TabSeparated", "TSV", "CSV", "RowBinary", "JSONEachRow", "JSONCompactEachRow"}
)
_HEADLESS_FORMATS = frozenset({"Native", "Buffers"})
_ARROW_STREAM = "ArrowStream"
_BAD_ARGUMENTS = 36
_PARAMETER = "param_"
_STAGE = "`rows to insert`"
_ENGINE_ERRORS = (ChdbError, RuntimeError)


class EngineError(Exception):
    """ClickHouse refused or failed; `code` and text are its own."""

    def __init__(self, text: str) -> None:
        start = text.find("Code: ")
        self.text = text[start:] if start > 0 else text
        found = _CODE.search(self.text)
        self.code = int(found[1]) if found else 1002
        super().__init__(self.text)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a statement did, in rows and bytes."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_ns: int = 0


@dataclass(frozen=True, kw_only=True)
class Result:
    """Bytes in the format asked for: all of them, or those of a first block and an iterator over the rest."""

    body: bytes
    rest: Iterator[bytes] | None = None
    summary: Summary = Summary()

    def close(self) -> None:
        """End the query, if it has not come to its end."""
        if isinstance(self.rest, Generator):
            self.rest.close()


@dataclass(frozen=True, kw_only=True)
class ExternalTable:
    """External data: a temporary table for one statement. `columns` is `name Type, ...`."""

    name: str
    columns: str
    input_format: str
    data: bytes


class Session:
    """A connection for one request; `with` closes it."""

    def __init__(self, path: str) -> None:
        self._connection = Connection(path)
        self._parameters: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def prepare(self, database: str, settings: Mapping[str, str]) -> None:
        """Set the current database and the settings; `param_*` are the values of a query's parameters.

        Raises:
            EngineError: no such database or setting, or a value that the setting does not take.
        """
        if database:
            self._run(f"USE {quote(database, '`')}", "Null")
        for name in settings:
            if not _NAME.fullmatch(name):
                raise EngineError(
                    f"Code: 115. DB::Exception: Unknown setting {quote(name, chr(39))}. (UNKNOWN_SETTING)"
                )
        values = {name: value for name, value in settings.items() if not name.startswith(_PARAMETER)}
        self._set(values)
        self._parameters = {
            name.removeprefix(_PARAMETER): value for name, value in settings.items() if name.startswith(_PARAMETER)
        }

    def attach(self, table: ExternalTable) -> None:
        """Make external data a temporary table of this session."""
        self._run(f"CREATE TEMPORARY TABLE {quote(table.name, '`')} ({table.columns})", "Null")
        self.insert(f"INSERT INTO {quote(table.name, '`')}".encode(), table.input_format, iter([table.data]))

    def query(self, text: bytes, output_format: str) -> Result:
        """Run any statement to its end; an error is raised before a byte of the result is out."""
        result = self._run(text, output_format)
        return Result(body=result.bytes(), summary=_summary(result))

    def stream(self, text: bytes, output_format: str) -> Result:
        """Run a query block by block; what cannot be streamed runs to its end first."""
        if output_format not in _STREAM_FORMATS | {_ARROW_STREAM}:
            return self.query(text, output_format)
        try:
            blocks = self._blocks(text, output_format)
            pieces = _join_arrow_streams(blocks) if output_format == _ARROW_STREAM else blocks
            first = next(pieces, b"")
        except _ENGINE_ERRORS as error:
            refused = EngineError(str(error))
            if refused.code == _BAD_ARGUMENTS and "Streaming query is not supported" in refused.text:
                return self.query(text, output_format)
            raise refused from None
        if first or output_format in _HEADLESS_FORMATS:
            return Result(body=first, rest=_translated(pieces))
        # a stream without a row has no header either: only a finished query tells the columns
        return self.query(text, output_format)

    def insert(self, text: bytes, input_format: str, data: Iterator[bytes]) -> Result:
        """`INSERT INTO ...` (no FORMAT, no data) and its data in `input_format`, piece by piece.

        The embedded engine tells of data that it cannot read, and of nothing that goes wrong in writing them: a full
        disk, a constraint, too many parts. So it reads them into a table in memory, and writes them by a query.

        Raises:
            EngineError: as ClickHouse says; whatever `data` raises cancels the insert and passes through.
        """
        target = find_target(text)
        if target is None:
            return Result(body=b"", summary=self._read_data(text, input_format, data))
        self._run(f"CREATE TEMPORARY TABLE {_STAGE} ({self._columns_of(target.table)}) ENGINE = Memory", "Null")
        columns = f"({target.columns})" if target.columns else ""
        summary = self._read_data(f"INSERT INTO {_STAGE} {columns} {target.settings}".encode(), input_format, data)
        counted = self._run(f"SELECT count() FROM {_STAGE}", "TSV").bytes()  # noqa: S608  our own table
        if int(counted) != summary.written_rows:
            raise EngineError(
                "Code: 319. DB::Exception: Not all rows could be read into memory. (UNKNOWN_STATUS_OF_INSERT)"
            )
        select = f" SELECT {target.columns or '*'} FROM {_STAGE}"  # noqa: S608  the statement's own list
        self._run(text + select.encode(), "Null")
        return Result(body=b"", summary=summary)

    def _read_data(self, text: bytes, input_format: str, data: Iterator[bytes]) -> Summary:
        self._set({_PARAMETER + name: value for name, value in self._parameters.items()})
        try:
            inserter = self._connection.send_insert(text.decode(), input_format)
        except _ENGINE_ERRORS as error:
            raise EngineError(str(error)) from None
        try:
            for piece in data:
                inserter.append(piece)
            done = inserter.finish()
        except _ENGINE_ERRORS as error:
            raise EngineError(str(error)) from None
        finally:
            inserter.cancel()
        return Summary(
            written_rows=done.rows_written, written_bytes=done.bytes_written, elapsed_ns=int(done.elapsed * 1e9)
        )

    def _columns_of(self, table: str) -> str:
        """The columns of a table as in its definition, without its constraints."""
        described = self._run(f"DESCRIBE TABLE {table}", "JSONCompactEachRow").bytes()
        columns = (json.loads(line)[:4] for line in described.splitlines())
        return ", ".join(f"{quote(name, '`')} {kind} {default} {value}" for name, kind, default, value in columns)

    def _set(self, values: Mapping[str, str]) -> None:
        if values:
            pairs = ", ".join(f"{name} = {quote(value, chr(39))}" for name, value in values.items())
            self._run(f"SET {pairs}", "Null")

    def _blocks(self, text: bytes, output_format: str) -> Iterator[bytes]:
        """Whoever closes this ends the query."""
        with self._connection.send_query(text, output_format, params=self._parameters) as found:
            for block in found:
                yield block.bytes()

    def _run(self, text: bytes | str, output_format: str) -> Any:  # noqa: ANN401  the engine's result is untyped
        try:
            return self._connection.query(text, output_format, params=self._parameters)
        except _ENGINE_ERRORS as error:
            raise EngineError(str(error)) from None


def quote(text: str, mark: str) -> str:
    r"""A SQL string (mark `'`) or identifier (mark `` ` ``), backslashes and marks escaped."""
    escaped = text.replace("\\", "\\\\").replace(mark, "\\" + mark)
    return f"{mark}{escaped}{mark}"


def _summary(result: Any) -> Summary:  # noqa: ANN401  the engine's result is untyped
    return Summary(
        read_rows=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        written_rows=result.rows_written(),
        written_bytes=result.bytes_written(),
        elapsed_ns=int(result.elapsed() * 1e9),
    )


def _translated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except _ENGINE_ERRORS as error:
        raise EngineError(str(error)) from None


def _join_arrow_streams(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The engine frames each block as an Arrow stream of its own; a reader wants one."""
    sink = _Pieces()
    writer = None
    for block in blocks:
        with pa.ipc.open_stream(block) as reader:
            writer = writer or pa.ipc.new_stream(sink, reader.schema)
            for batch in reader:
                writer.write_batch(batch)
        yield sink.take()
    if writer:
        writer.close()
        yield sink.take()


class _Pieces:
    """A file for Arrow's writer that hands on what was written since it was last asked."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: Any) -> int:  # noqa: ANN401  any buffer
        piece = bytes(data)
        self._written.append(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing to release."""

    def take(self) -> bytes:
        piece = b"".join(self._written)
        self._written.clear()
        return piece
