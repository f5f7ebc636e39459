"""A request to ClickHouse's HTTP interface taken apart: statement, where its data come from, settings."""

import itertools
from collections.abc import Iterator, Mapping

from streams.stack.engine_access import NO_EXPRESSIONS, check_statement, check_values
from streams.stack.engine_body import STATEMENT_BYTES, WHOLE_BYTES, BodyError, begins_form, form_fields, join_pieces
from streams.stack.engine_form import FormPart, form_parts
from streams.stack.engine_native import answer_native, check_version
from streams.stack.engine_query import EngineError, ExternalTable, Result, Session
from streams.stack.engine_text import find_insert, is_insert, output_format, reads_input, returns_rows

_HEAD_BYTES = 64 << 10
_VALUES = "values"
# parameters of the protocol, not settings
_PROTOCOL = frozenset(
    {
        *("query", "database", "default_format", "query_id", "quota_key", "wait_end_of_query", "buffer_size"),
        *("session_id", "session_timeout", "session_check", "user", "password", "role", "compress", "decompress"),
        *("stacktrace", "client_protocol_version"),
    }
)


class EngineRequest:
    """One request; reads as much of its body as tells what it is, the rest when it runs."""

    def __init__(self, parameters: dict[str, str], data: Iterator[bytes], headers: Mapping[str, str]) -> None:
        self.tables: list[ExternalTable] = []
        self._data = data
        self.head = b""
        self._take_body(parameters, headers)
        names = {table.name for table in self.tables}
        self.settings = {
            name: value
            for name, value in parameters.items()
            if name not in _PROTOCOL and name.rpartition("_")[0] not in names
        }
        self._version = parameters.get("client_protocol_version", "")
        self.text = parameters.get("query", "").encode("utf-8", "surrogateescape").strip()
        self.database = parameters.get("database") or headers.get("x-clickhouse-database", "")
        self.whole = parameters.get("wait_end_of_query") in ("1", "true")
        self.format = parameters.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated"
        self.answers_rows = returns_rows(self.text or self.head)
        self._statement = self.text + b"\n" + self.head if self.text and self.head else self.text or self.head
        self._insert = find_insert(self._statement[:STATEMENT_BYTES])
        if self._insert is None or self._insert.has_values:
            # a statement, or values that are expressions: read to the end before anything of it runs
            most_bytes = WHOLE_BYTES if is_insert(self._statement) else STATEMENT_BYTES
            self._statement += join_pieces(self._data, most_bytes=most_bytes)
            self._insert = find_insert(self._statement[:STATEMENT_BYTES])
        self._wants_version = self._version not in ("", "0") and self.answers_rows

    def check(self) -> None:
        """Refuse what no statement may reach.

        Raises:
            EngineError: see `engine_access`; or it asks for a version of the protocol that is not spoken here.
        """
        if self._wants_version:
            check_version(self._version)
        text = self._insert.statement if self._insert else self._statement
        if len(text) > STATEMENT_BYTES:
            raise EngineError(
                f"Code: 62. DB::Exception: Max query size exceeded: a statement has at most {STATEMENT_BYTES} bytes, "
                "but for its data. (SYNTAX_ERROR)"
            )
        check_statement(text, self.settings)
        if self._insert and self._insert.has_values:
            check_values(self._statement[self._insert.data_start :])
        else:
            self.settings.update(NO_EXPRESSIONS)
        for table in self.tables:
            if len(table.columns) > STATEMENT_BYTES:
                raise BodyError("columns of external data that are too long")
            check_statement(table.columns.encode("utf-8", "surrogateescape"), {})
            if table.input_format.lower() == _VALUES:
                check_values(table.data)

    def run(self, session: Session) -> Result:
        """The insert with its data, or the statement with the body appended."""
        text, insert = self._statement, self._insert
        if insert and (not insert.has_values or (self.text and self.head)):
            inline = text[insert.data_start :]
            return session.insert(insert.statement, insert.input_format, itertools.chain((inline,), self._data))
        if reads_input(text[:_HEAD_BYTES]):
            # the embedded engine would take it and store nothing
            raise EngineError(
                "Code: 48. DB::Exception: INSERT ... SELECT FROM input() needs a server. (NOT_IMPLEMENTED)"
            )
        if insert is None:
            self.format = output_format(text) or self.format
        if self._wants_version and self.format == "Native":
            return answer_native(session, text, whole=self.whole)
        return (session.query if self.whole else session.stream)(text, self.format)

    def _take_body(self, parameters: dict[str, str], headers: Mapping[str, str]) -> None:
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/form-data"):
            self._take_form(parameters, form_parts(kind, join_pieces(self._data, most_bytes=WHOLE_BYTES)))
            self._data = iter(())
            return
        self.head = self._read_head()
        if kind.lower().startswith("application/x-www-form-urlencoded") and begins_form(self.head):
            body = self.head + join_pieces(self._data, most_bytes=WHOLE_BYTES)
            fields = form_fields(body)
            self.head, self._data = (body if fields is None else b""), iter(())
            parameters.update(fields or {})

    def _read_head(self) -> bytes:
        head = b""
        while len(head) < _HEAD_BYTES and (piece := next(self._data, b"")):
            head += piece
        return head

    def _take_form(self, parameters: dict[str, str], parts: list[FormPart]) -> None:
        for part in parts:
            if not part.is_file:
                parameters[part.name] = part.data.decode("utf-8", "surrogateescape")
        for part in parts:
            if part.is_file:
                self.tables.append(_table(part, parameters))


def _table(part: FormPart, parameters: Mapping[str, str]) -> ExternalTable:
    columns = parameters.get(f"{part.name}_structure")
    if not columns:
        types = parameters.get(f"{part.name}_types", "String").split(",")
        columns = ", ".join(f"_{number} {kind}" for number, kind in enumerate(types, 1))
    input_format = parameters.get(f"{part.name}_format", "TabSeparated")
    return ExternalTable(name=part.name, columns=columns, input_format=input_format, data=part.data)
