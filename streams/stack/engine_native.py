"""ClickHouse's `Native` format as a server writes it for a client that names its protocol version.

The embedded engine writes `Native` for no version: without the information that comes before each block, and with the
time zone taken off every column of type `DateTime('...')`. Its format `Buffers` holds the same columns, each with its
size. With their names and types written before them, they are what a server sends.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from streams.stack.engine_query import EngineError, Result, Session
from streams.stack.engine_text import can_be_described, split_format

FIRST_VERSION: Final = 54405
"""The first version in which `Native` has all types by their full names; clickhouse-connect asks for it."""
NEXT_VERSION: Final = 54454
"""The first version in which `Native` has more in it than written here."""
BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"  # no overflow rows, no bucket
_ZONELESS: Final = b"\x08DateTime"  # the type as it is in a block, its length before it
_WORD: Final = 8  # bytes of a count or size in `Buffers`


def check_version(value: str) -> None:
    """Refuse a `client_protocol_version` that cannot be answered here.

    Raises:
        EngineError: the answer would be another than a server's.
    """
    if not (value.isascii() and value.isdecimal() and FIRST_VERSION <= int(value[:9]) < NEXT_VERSION):
        raise EngineError(
            f"Code: 48. DB::Exception: client_protocol_version {value[:20]}: the embedded engine answers versions from "
            f"{FIRST_VERSION} to {NEXT_VERSION - 1}. (NOT_IMPLEMENTED)"
        )


def answer_native(session: Session, text: bytes, *, whole: bool) -> Result:
    """Run a statement that answers rows; `whole`: to its end before a byte of the result is out.

    To learn the columns' types takes as long as to analyse the statement, seconds for a month. So it is done only where
    a block shows that a time zone may be missing.

    Raises:
        EngineError: as ClickHouse says.
    """
    began_ns = time.perf_counter_ns()
    result = _stream(session, text)
    if whole and result.rest is not None:
        body = result.body + b"".join(result.rest)
        return Result(body=body, summary=replace(result.summary, elapsed_ns=time.perf_counter_ns() - began_ns))
    return result


def _stream(session: Session, text: bytes) -> Result:
    statement = split_format(text)[0]
    if not can_be_described(text):
        return _reframed(session, statement, _shown_columns(session, statement))
    result = session.stream(text, "Native")
    if not result.body:
        return result
    if result.rest and _ZONELESS not in result.body:
        rest = (BLOCK_INFO + block for block in result.rest)
        return Result(body=BLOCK_INFO + result.body, rest=rest, summary=result.summary)
    result.close()
    return _reframed(session, statement, _described_columns(session, statement))


def _reframed(session: Session, statement: bytes, headers: Sequence[bytes]) -> Result:
    """The statement's result in `Buffers`, made into `Native`."""
    result = session.stream(statement, "Buffers")
    first = b"".join(native_blocks(result.body, headers))
    rest = (b"".join(native_blocks(piece, headers)) for piece in result.rest or ())
    return Result(body=first, rest=rest, summary=result.summary)


def native_blocks(buffers: bytes, headers: Sequence[bytes]) -> Iterator[bytes | memoryview]:
    """The blocks of `Buffers` in the format `Native`, in pieces; a header is a column's name and type.

    Raises:
        EngineError: there are other columns than were described.
    """
    view = memoryview(buffers)
    position = 0
    while position < len(view):
        columns, rows = (_number(view, position + offset) for offset in (0, _WORD))
        if columns != len(headers):
            raise EngineError("Code: 1002. DB::Exception: Columns changed while they were read. (UNKNOWN_EXCEPTION)")
        position += 2 * _WORD
        yield BLOCK_INFO + _varint(columns) + _varint(rows)
        for header in headers:
            start = position + _WORD
            position = start + _number(view, position)
            yield header
            yield view[start:position]


def _described_columns(session: Session, statement: bytes) -> list[bytes]:
    """Name and type of each column of a query, as `Native` writes them."""
    described = session.query(b"DESCRIBE TABLE (" + statement + b"\n)", "JSONCompactEachRow").body
    rows = [_json_row(line) for line in described.splitlines()]
    # Only where a client asks for subcolumns a row ends in a number: whether it is one.
    return [_string(row[0]) + _string(row[1]) for row in rows if row[-1] != 1]


def _shown_columns(session: Session, statement: bytes) -> list[bytes]:
    """The same of SHOW, EXPLAIN and the like, which are no subqueries: small, and run once more to see them."""
    lines = session.query(statement, "JSONCompactEachRowWithNamesAndTypes").body.splitlines()
    names, kinds = (_json_row(line) for line in lines[:2])
    return [_string(name) + _string(kind) for name, kind in zip(names, kinds, strict=True)]


def _json_row(line: bytes) -> Any:  # noqa: ANN401  as JSON has it
    return json.loads(line.decode("utf-8", "surrogateescape"))


def _string(text: str) -> bytes:
    """A text with its length before it."""
    data = text.encode("utf-8", "surrogateescape")
    return _varint(len(data)) + data


def _number(view: memoryview, position: int) -> int:
    return int.from_bytes(view[position : position + _WORD], "little")


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:  # noqa: PLR2004  seven bits a byte
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
