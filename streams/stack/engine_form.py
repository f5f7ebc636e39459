"""The parts of a multipart form, in time and memory that grow with its size alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import HTTP
from typing import Final

from streams.stack.engine_body import BodyError

_MOST_PARTS: Final = 1_000
_HEAD_BYTES: Final = 8 << 10


@dataclass(frozen=True, kw_only=True)
class FormPart:
    """One part of a multipart form: a field, or a file where `is_file`."""

    name: str
    data: bytes
    is_file: bool


def form_parts(content_type: str, body: bytes) -> list[FormPart]:
    """The parts of a multipart/form-data body.

    Raises:
        BodyError: the header names no boundary, a part has no name, or there are too many.
    """
    boundary = _head(b"Content-Type: " + content_type.encode("latin-1", "replace")).get_boundary()
    if not boundary:
        raise BodyError("multipart/form-data needs a boundary")
    delimiter = re.compile(rb"\r\n--" + re.escape(boundary.encode("latin-1", "replace")) + rb"(?=--|[ \t]*\r\n)")
    pieces = delimiter.split(b"\r\n" + body, _MOST_PARTS + 1)[1:]
    if len(pieces) > _MOST_PARTS:
        raise BodyError(f"a form of more than {_MOST_PARTS} parts")
    return list(_parts(pieces))


def _parts(pieces: list[bytes]) -> Iterator[FormPart]:
    """What stands between the delimiters; the last one ends in two dashes."""
    for piece in pieces:
        if piece.startswith(b"--"):
            return
        head, empty_line, data = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not empty_line or len(head) > _HEAD_BYTES:
            raise BodyError("a part of the form has no head, or one too long")
        fields = _head(head)
        name = fields.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise BodyError("a part of the form has no name")
        yield FormPart(name=name, data=data, is_file=fields.get_filename() is not None)


def _head(lines: bytes) -> EmailMessage:
    return BytesHeaderParser(policy=HTTP).parsebytes(lines + b"\r\n\r\n")
