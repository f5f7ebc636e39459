"""Code tables (contract C4): which party answers for an outcome code, from which instant on.

A table is CSV with the columns code, name, responsible, final, notes, source and, if its rows are dated, valid_from: an
instant by T1, or empty for always. A code may have several rows with different dates; of those the latest that is not
after the record's own time counts. Rows are added, never changed, so the past keeps its verdicts. How a code may be
spelt depends on the table (C3), see `schemas.code_spelling`; a row `a-b` covers the codes from a to b that have no row
of their own.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, NamedTuple

from schemas.code_spelling import CodeRange, Key, key_of, range_of
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


class CodeRow(NamedTuple):
    """A row of a table: from when on it applies, in milliseconds, the code as it stands there, and who answers."""

    valid_from_ms: int
    code: str
    responsible: Responsible


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """One table: by code as it stands there its (valid_from in ms, responsible) pairs, latest first."""

    name: str
    rows: Mapping[str, tuple[tuple[int, Responsible], ...]]
    _single: Mapping[Key, list[CodeRow]] = field(init=False, repr=False, compare=False)
    _ranges: list[tuple[CodeRange, list[CodeRow]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the rows into those of a single code, however it is spelt, and those of many."""
        single: dict[Key, list[CodeRow]] = {}
        ranges: list[tuple[CodeRange, list[CodeRow]]] = []
        for code, dated in self.rows.items():
            rows = [CodeRow(valid_from_ms, code, responsible) for valid_from_ms, responsible in dated]
            if (covered := range_of(self.name, code)) is not None:
                ranges.append((covered, rows))
            else:
                key = key_of(self.name, code)
                single[key] = sorted([*single.get(key, []), *rows], reverse=True)
        object.__setattr__(self, "_single", single)
        object.__setattr__(self, "_ranges", ranges)

    def row(self, code: str, at_ms: int) -> CodeRow | None:
        """The row that decides of a code at an instant; None where the table does not (yet) know it."""
        return _latest(self._single.get(key_of(self.name, code), []), at_ms) or next(
            (row for covered, rows in self._ranges if covered.covers(code) and (row := _latest(rows, at_ms))), None
        )

    def responsible(self, code: str, at_ms: int) -> Responsible | None:
        """Who answers for the code at an instant; None where the table does not (yet) know it."""
        row = self.row(code, at_ms)
        return None if row is None else row.responsible


def _latest(rows: Sequence[CodeRow], at_ms: int) -> CodeRow | None:
    return next((row for row in rows if row.valid_from_ms <= at_ms), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTables:
    """All tables by name; `edges_ms` are the instants at which any row of them begins to apply, ascending.

    Between two neighbouring edges a classification does not depend on the time of the record.
    """

    tables: Mapping[str, CodeTable]
    edges_ms: tuple[int, ...]

    def row(self, table: str, code: str, at_ms: int) -> CodeRow | None:
        """The row of a table that decides of a code at an instant; None where it does not (yet) know it."""
        return self.tables[table].row(code, at_ms)

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
