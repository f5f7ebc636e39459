"""A request's body as it comes: decompressed piece by piece, with bounds on what it may grow to."""

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import lz4.frame  # type: ignore[import-untyped]
from backports import zstd

PIECE_BYTES: Final = 1 << 20
WHOLE_BYTES: Final = 16 << 20
"""Most that is held at once of what must be whole: a form, or the `VALUES` of an insert."""
STATEMENT_BYTES: Final = 256 << 10
"""Most of a statement, without the data of an insert, as ClickHouse takes it unless told otherwise."""
# A body may always become this large, and beyond it so many times what was sent.
_FREE_BYTES: Final = 64 << 20
_MOST_RATIO: Final = 250
# So many frames may be of any size, more must be this long on average: an empty one takes as long as a full one.
_FREE_FRAMES: Final = 1_000
_FRAME_BYTES: Final = 64
_WINDOW_LOG: Final = 27  # 128 MiB, the most that an encoder takes unless it is told to take more
_MOST_FIELDS: Final = 10_000
_FORM_START: Final = re.compile(rb"(?:query|database|default_format|param_\w+)=")
_FORM: Final = re.compile(rb"[!-~]*\s*\Z")


class BodyError(Exception):
    """The body is not what its headers say; the message names the contradiction."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """zlib's decompressor in the manner of the others."""

    def __init__(self, window_bits: int) -> None:
        self._inflate = zlib.decompressobj(window_bits)
        self._is_full = False

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._is_full

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        self._is_full = len(found) == max_length
        return found


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "zstd": lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}),
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS | 32),
}


def decompress_pieces(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes behind a Content-Encoding, in pieces that are never empty; frames in a row are one body.

    Raises:
        BodyError: the encoding is not spoken here, the bytes are not of it, or they grow out of all proportion.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        yield from pieces
        return
    if name not in _DECOMPRESSORS:
        raise BodyError(f"Content-Encoding {encoding[:40]} is not supported; use {', '.join(_DECOMPRESSORS)}")
    frames = _Frames(name)
    for piece in pieces:
        yield from frames.feed(piece)
    frames.finish()


class _Frames:
    """Frames of one encoding in a row, with what came in and what came out of them counted."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._frame: _Decompressor = _DECOMPRESSORS[name]()
        self._read = 0
        self._written = 0
        self._begun = 1

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What these bytes decompress to, at most `PIECE_BYTES` at a time."""
        self._read += len(piece)
        rest: bytes | None = piece
        while rest:
            if self._frame.eof:
                self._begin()
            yield from self._drain(rest)
            rest = self._frame.unused_data if self._frame.eof else None

    def finish(self) -> None:
        """Say so where the last frame is not whole."""
        if self._read and not self._frame.eof:
            raise BodyError(f"the {self._name} body ends early")

    def _begin(self) -> None:
        self._begun += 1
        if self._begun > _FREE_FRAMES + self._read // _FRAME_BYTES:
            raise BodyError(f"the {self._name} body is cut into too many frames")
        self._frame = _DECOMPRESSORS[self._name]()

    def _drain(self, rest: bytes) -> Iterator[bytes]:
        while data := self._next(rest):
            yield data
            if self._frame.eof or self._frame.needs_input:
                return
            rest = b""

    def _next(self, rest: bytes) -> bytes:
        try:
            data = self._frame.decompress(rest, PIECE_BYTES)
        except (RuntimeError, ValueError, zlib.error, zstd.ZstdError) as error:
            raise BodyError(f"the body is not {self._name}: {error}") from error
        self._written += len(data)
        if self._written > _FREE_BYTES + _MOST_RATIO * self._read:
            raise BodyError(f"the {self._name} body grows to more than {_MOST_RATIO} times its size")
        return data


def join_pieces(pieces: Iterator[bytes], *, most_bytes: int) -> bytes:
    """All that is left, as one.

    Raises:
        BodyError: it is more than that.
    """
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > most_bytes:
            raise BodyError(f"a statement or a form of more than {most_bytes} bytes")
    return bytes(found)


def begins_form(head: bytes) -> bool:
    """Whether an urlencoded body begins with a field of the protocol's, as no statement does."""
    return _FORM_START.match(head) is not None


def form_fields(body: bytes) -> dict[str, str] | None:
    """The fields of an urlencoded body; None: it is a statement, which curl sends under the same type.

    Raises:
        BodyError: there are too many.
    """
    if not begins_form(body) or not _FORM.match(body):
        return None
    if body.count(b"&") > _MOST_FIELDS:
        raise BodyError(f"a form of more than {_MOST_FIELDS} fields")
    return dict(parse_qsl(body.decode().strip(), keep_blank_values=True, errors="surrogateescape"))
