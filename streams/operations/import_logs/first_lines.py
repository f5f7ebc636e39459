"""Whether a file is a log at all, by its first lines: if none of them parses, nothing of it is sent."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

from streams.core.errors import UsageError
from streams.operations.import_logs.combined import bare_line, parse_line

_FIRST_LINES: Final = 20
_PACKED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
_NO_OFFSET: Final = re.compile(rb"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?\]")


def checked_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same lines, once the first of them are seen to be those of a log.

    Raises:
        UsageError: none of the first lines parses, though some are not empty; says what seems wrong.
    """
    rest = iter(lines)
    first = [*islice(rest, _FIRST_LINES)]
    known = [line for number, written in enumerate(first, start=1) if (line := bare_line(written, number))]
    # JSON is refused by whoever reads it, by its number and with what it lacks.
    if known and not any(parse_line(line) or line.lstrip().startswith(b"{") for line in known):
        raise UsageError(f"none of the first lines is of this format, nothing is sent: {_guess(known[0])}")
    return chain(first, rest)


def _guess(line: bytes) -> str:
    if line.startswith(_PACKED):
        return "the file is compressed; one whose name ends in .gz is unpacked"
    if _NO_OFFSET.search(line):
        return "its times have no offset (T1), such as +0500"
    return 'each begins as `host ident user [17/May/2015:10:05:03 +0000] "GET /path HTTP/1.1" 200`'
