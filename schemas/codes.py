"""Code tables (contract C4): which party answers for an outcome code, from which instant on.

A table is CSV with the columns code, name, responsible, final, notes, source and, if its rows are dated, valid_from: an
instant by T1, or empty for always. A code may have several rows with different dates; of those the latest that is not
after the record's own time counts. Rows are added, never changed, so the past keeps its verdicts.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from schemas.instants import InstantError, parse_instant

ALWAYS_MS: Final = -1
"""`valid_from` of a row that always applied."""

_COLUMNS: Final = ("code", "name", "responsible", "final", "notes", "source")
_DATED_COLUMNS: Final = (*_COLUMNS, "valid_from")
_HEADER_LINE: Final = 1


class CodeTableError(ValueError):
    """A code table that cannot be used; the message names file and line."""


@unique
class Responsible(StrEnum):
    """Who answers for a code; `none`: it is no failure."""

    PLATFORM = "platform"
    OPERATOR = "operator"
    CUSTOMER = "customer"
    CONTENT = "content"
    RECIPIENT = "recipient"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """One table: by code its (valid_from in ms, responsible) pairs, latest first."""

    name: str
    rows: Mapping[str, tuple[tuple[int, Responsible], ...]]

    def responsible(self, code: str, at_ms: int) -> Responsible | None:
        """Who answers for the code at an instant; None where the table does not (yet) know it."""
        for valid_from_ms, responsible in self.rows.get(code, ()):
            if valid_from_ms <= at_ms:
                return responsible
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTables:
    """All tables by name; `edges_ms` are the instants at which any row of them begins to apply, ascending.

    Between two neighbouring edges a classification does not depend on the time of the record.
    """

    tables: Mapping[str, CodeTable]
    edges_ms: tuple[int, ...]

    def responsible(self, table: str, code: str, at_ms: int) -> Responsible | None:
        """Who answers for a code of a table at an instant; None where it does not (yet) know it."""
        return self.tables[table].responsible(code, at_ms)


def assemble_tables(tables: Mapping[str, CodeTable]) -> CodeTables:
    """Several tables as one, with their edges."""
    edges = {
        valid_from_ms
        for table in tables.values()
        for rows in table.rows.values()
        for valid_from_ms, _ in rows
        if valid_from_ms != ALWAYS_MS
    }
    return CodeTables(tables=dict(tables), edges_ms=tuple(sorted(edges)))


def parse_code_table(name: str, text: str, file: str) -> CodeTable:
    """A table from the text of its file.

    Raises:
        CodeTableError: wrong header, an unknown party, a bad or repeated date, an empty code; names file and line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[str, dict[int, Responsible]] = {}
    try:
        header = tuple(next(reader, ()))
        if header not in (_COLUMNS, _DATED_COLUMNS):
            raise CodeTableError(f"{file}:{_HEADER_LINE}: the header must be {','.join(_DATED_COLUMNS)}")
        for cells in reader:
            _add_row(rows, cells, header, f"{file}:{reader.line_num}")
    except csv.Error as error:
        raise CodeTableError(f"{file}:{reader.line_num}: {error}") from error
    return CodeTable(name=name, rows={code: tuple(sorted(dated.items(), reverse=True)) for code, dated in rows.items()})


def _add_row(rows: dict[str, dict[int, Responsible]], cells: list[str], header: tuple[str, ...], where: str) -> None:
    if len(cells) != len(header):
        raise CodeTableError(f"{where}: {len(cells)} cells instead of {len(header)}")
    row = dict(zip(header, cells, strict=True))
    if not row["code"]:
        raise CodeTableError(f"{where}: the code is empty")
    valid_from_ms = _valid_from_ms(row.get("valid_from", ""), where)
    dated = rows.setdefault(row["code"], {})
    if valid_from_ms in dated:
        raise CodeTableError(f"{where}: code {row['code']} stands twice with the same valid_from")
    dated[valid_from_ms] = _responsible(row["responsible"], where)


def _valid_from_ms(text: str, where: str) -> int:
    if not text:
        return ALWAYS_MS
    try:
        return parse_instant(text)
    except InstantError as error:
        raise CodeTableError(f"{where}: valid_from {text!r}: {error}") from error


def _responsible(text: str, where: str) -> Responsible:
    try:
        return Responsible(text)
    except ValueError as error:
        raise CodeTableError(f"{where}: responsible {text!r} is none of {', '.join(Responsible)}") from error
