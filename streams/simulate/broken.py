"""Records that cannot count: every way in which a producer can break one, and what can be read of it all the same."""

import random
import re
from collections.abc import Callable
from enum import StrEnum, unique
from typing import Final

ONE_MEBIBYTE: Final = 1 << 20
_TOO_MANY_BYTES: Final = 70_000
_YEAR: Final = re.compile(r':"20\d\d-')


@unique
class Break(StrEnum):
    """How a record is broken; of some neither service nor time can be read."""

    NULL = "null"
    EMPTY = "empty"
    NOT_JSON = "not_json"
    CUT_OFF = "cut_off"
    NOT_AN_OBJECT = "not_an_object"
    ARRAY = "array"
    EMPTY_ARRAY = "empty_array"
    BAD_ESCAPE = "bad_escape"
    NO_COLON = "no_colon"
    NO_OFFSET = "no_offset"
    YEAR_1600 = "year_1600"
    NOT_UTF8 = "not_utf8"
    WRONG_TYPE = "wrong_type"
    MISSING_FIELD = "missing_field"
    STRANGE_SERVICE = "strange_service"
    TOO_LONG = "too_long"


BREAKS: Final = tuple(Break)


def break_record(how: Break, line: str, rng: random.Random) -> bytes | None:
    """A valid record of requests, receipts or probes, broken."""
    return _BREAKERS[how](line, rng)


def _not_json(_line: str, rng: random.Random) -> bytes:
    return f"upstream connect error or disconnect/reset before headers, id {rng.getrandbits(48):x}".encode()


def _cut_off(line: str, rng: random.Random) -> bytes:
    return line[: rng.randrange(len(line) // 2, len(line) - 1)].encode()


def _not_utf8(line: str, _rng: random.Random) -> bytes:
    return line.encode().replace(b'","service"', b'","note":"\xff\xfe","service"', 1)


def _wrong_type(line: str, _rng: random.Random) -> bytes:
    return line.replace('"account_id":"', '"account_id":7,"account":"').replace('"ok":', '"ok":0,"was":').encode()


def _no_colon(line: str, rng: random.Random) -> bytes:
    """Offsets that lenient reading alone understands, in a record that lacks a field besides."""
    return _missing_field(line, rng).replace(b'Z"', b'+0000"')


def _missing_field(line: str, _rng: random.Random) -> bytes:
    return line.replace('"account_id":', '"account":').replace('"vantage":', '"from":').encode()


_BREAKERS: Final[dict[Break, Callable[[str, random.Random], bytes | None]]] = {
    Break.NULL: lambda _line, _rng: None,
    Break.EMPTY: lambda _line, _rng: b"",
    Break.NOT_JSON: _not_json,
    Break.CUT_OFF: _cut_off,
    Break.NOT_AN_OBJECT: lambda line, _rng: f"[{line}]".encode(),
    Break.ARRAY: lambda line, _rng: f"[{line},{line},7]".encode(),
    Break.EMPTY_ARRAY: lambda _line, rng: b"[" + b" " * rng.randrange(1, 1_000) + b"]",
    Break.BAD_ESCAPE: lambda line, _rng: line.encode()[:-1] + b',"note":"C:\\queue"}',
    Break.NO_COLON: _no_colon,
    Break.NO_OFFSET: lambda line, _rng: line.replace('Z"', '"').encode(),
    Break.YEAR_1600: lambda line, _rng: _YEAR.sub(':"1600-', line).encode(),
    Break.NOT_UTF8: _not_utf8,
    Break.WRONG_TYPE: _wrong_type,
    Break.MISSING_FIELD: _missing_field,
    Break.STRANGE_SERVICE: lambda line, _rng: line.replace('"service":"', '"service":"tele', 1).encode(),
    Break.TOO_LONG: lambda line, _rng: line.encode()[:-1] + b',"note":"' + b"x" * _TOO_MANY_BYTES + b'"}',
}
