"""Lines of files as the records they become: key, value, headers."""

from collections.abc import Callable
from typing import Any

import msgspec

from streams.kafka.archive import bytes_of, parse_line

Outgoing = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]
RecordReader = Callable[[bytes], Outgoing]


def line_reader(key_field: str) -> RecordReader:
    """A reader for NDJSON: the value is the line, the key its string `key_field`; a line without has no key."""
    shape = msgspec.defstruct("Keyed", [("key", str)], rename={"key": key_field}, gc=False)
    decode: Any = msgspec.json.Decoder(shape).decode

    def read_record(line: bytes) -> Outgoing:
        try:
            return decode(line).key.encode(), line, []
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None, line, []

    return read_record


def archived_record(line: bytes) -> Outgoing:
    """The record that a line of an archive holds, as it was.

    Raises:
        ZectoError: the line is not one of an archive.
    """
    record = parse_line(line)
    return (
        bytes_of(record.key),
        bytes_of(record.value),
        [(name, bytes_of(content)) for name, content in record.headers],
    )
