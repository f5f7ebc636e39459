"""A request's body, read from the socket piece by piece, whatever its framing and encoding: memory stays flat."""

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, Protocol

import lz4.frame  # type: ignore[import-untyped]
from backports import zstd

PIECE_BYTES = 1 << 20
_LINE_BYTES = 1 << 10


class BodyError(Exception):
    """The body is not what its headers say; the message names the contradiction."""


class _Decompressor(Protocol):
    eof: bool

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes) -> bytes: ...


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "zstd": zstd.ZstdDecompressor,
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    "deflate": lambda: zlib.decompressobj(zlib.MAX_WBITS | 32),
}


def read_pieces(stream: io.BufferedIOBase, headers: Mapping[str, str]) -> Iterator[bytes]:
    """The body's bytes as framed by Content-Length or chunked encoding, at most `PIECE_BYTES` at a time."""
    if headers.get("Transfer-Encoding", "").lower() == "chunked":
        while size := _chunk_size(stream):
            yield from _exactly(stream, size)
            stream.readline(_LINE_BYTES)
        while stream.readline(_LINE_BYTES).strip():
            pass  # trailers
    else:
        yield from _exactly(stream, int(headers.get("Content-Length") or 0))


def decompress_pieces(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes behind a Content-Encoding, in pieces that are never empty; frames in a row are one body.

    Raises:
        BodyError: the encoding is not spoken here, or the bytes are not of it.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        yield from pieces
        return
    if name not in _DECOMPRESSORS:
        raise BodyError(f"Content-Encoding {encoding} is not supported; use {', '.join(_DECOMPRESSORS)}")
    begun = False
    frame: _Decompressor = _DECOMPRESSORS[name]()
    for piece in pieces:
        rest: bytes | None = piece
        begun = begun or bool(rest)
        while rest:
            if frame.eof:
                frame = _DECOMPRESSORS[name]()
            try:
                data = frame.decompress(rest)
            except (RuntimeError, ValueError, zlib.error, zstd.ZstdError) as error:
                raise BodyError(f"the body is not {name}: {error}") from error
            if data:
                yield data
            rest = frame.unused_data if frame.eof else None
    if begun and not frame.eof:
        raise BodyError(f"the {name} body ends early")


@dataclass(frozen=True, kw_only=True)
class FormPart:
    """One part of a multipart form: a field, or a file where `is_file`."""

    name: str
    data: bytes
    is_file: bool


def form_parts(content_type: str, body: bytes) -> list[FormPart]:
    """The parts of a multipart/form-data body.

    Raises:
        BodyError: the header names no boundary.
    """
    if not re.search(r"boundary=", content_type, re.IGNORECASE):
        raise BodyError("multipart/form-data needs a boundary")
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=HTTP)
    parts = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            parts.append(FormPart(name=name, data=data, is_file=part.get_filename() is not None))
    return parts


def _chunk_size(stream: io.BufferedIOBase) -> int:
    line = stream.readline(_LINE_BYTES)
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        raise BodyError("a chunk of the body does not begin with its size") from None


def _exactly(stream: io.BufferedIOBase, size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read(min(size, PIECE_BYTES))
        if not piece:
            raise BodyError(f"the body ended {size} bytes early")
        size -= len(piece)
        yield piece
