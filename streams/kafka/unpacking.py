"""The records of a compressed batch as a stream: what a few kilobytes unpack to may be more than there is memory.

A batch is refused here only if the broker would have refused it: what follows the end of a frame is left unread, as
Kafka's own readers do.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

import cramjam
import lz4.frame  # type: ignore[import-untyped]
from aiokafka.errors import CorruptRecordException
from backports import zstd

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)

_PIECE_BYTES: Final = 256 * 1024
# The most that Kafka's own readers of zstd accept: 2^27 bytes of window, held while a batch is unpacked.
_WINDOW_LOG: Final = 27
# A copy of three bytes makes 64 at most, so a greater size is not what is in there.
_SNAPPY_FACTOR: Final = 64
_SNAPPY_JAVA: Final = b"\x82SNAPPY\0"
_SNAPPY_JAVA_HEADER: Final = 16
_GZIP: Final = 31

_ERRORS: Final = (
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    IndexError,
    zlib.error,
    zstd.ZstdError,
    cramjam.DecompressionError,
)


def pieces(codec: int, packed: bytes) -> Iterator[bytes]:
    """What the bytes unpack to, piece by piece; none is larger than a quarter of a megabyte, but of snappy.

    Raises:
        CorruptRecordException: they are not what the codec writes.
    """
    try:
        yield from _UNPACKERS[codec](packed)
    except KeyError:
        raise CorruptRecordException(f"compressed by a codec that nobody knows: {codec}") from None
    except _ERRORS as error:
        raise CorruptRecordException(f"cannot be decompressed ({str(error) or type(error).__name__})") from error


def unpacked(codec: int, packed: bytes, most: int) -> bytes | None:
    """All that the bytes unpack to; None if that is more than so many bytes.

    Raises:
        CorruptRecordException: they are not what the codec writes.
    """
    found, size = [], 0
    for piece in pieces(codec, packed):
        size += len(piece)
        if size > most:
            return None
        found.append(piece)
    return b"".join(found)


def _plain(packed: bytes) -> Iterator[bytes]:
    yield packed


def _gzip(packed: bytes) -> Iterator[bytes]:
    rest = packed
    while rest[:2] == b"\x1f\x8b":
        unpacking = zlib.decompressobj(_GZIP)
        while not unpacking.eof:
            piece = unpacking.decompress(rest, _PIECE_BYTES)
            rest = unpacking.unconsumed_tail
            if not piece and not rest and not unpacking.eof:
                raise EOFError("cut off")
            yield piece
        rest = unpacking.unused_data


def _frames(new: Callable[[], Any], *, many: bool) -> Callable[[bytes], Iterator[bytes]]:
    def unpack(packed: bytes) -> Iterator[bytes]:
        rest = packed
        while rest:
            unpacking = new()
            while not unpacking.eof:
                piece = unpacking.decompress(rest, max_length=_PIECE_BYTES)
                rest = b""
                if not piece and unpacking.needs_input and not unpacking.eof:
                    raise EOFError("cut off")
                yield piece
            rest = unpacking.unused_data if many else b""

    return unpack


def _snappy(packed: bytes) -> Iterator[bytes]:
    if not packed.startswith(_SNAPPY_JAVA):
        yield _snappy_block(packed)
        return
    at = _SNAPPY_JAVA_HEADER
    while at < len(packed):
        end = at + 4 + int.from_bytes(packed[at : at + 4], "big")
        yield _snappy_block(packed[at + 4 : end])
        at = end


def _snappy_block(packed: bytes) -> bytes:
    size = shift = 0
    for byte in packed[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004  the last byte of a number
            break
    if size > _SNAPPY_FACTOR * len(packed):
        raise ValueError("its size is not what is in there")
    return bytes(cramjam.snappy.decompress_raw(packed))


_UNPACKERS: Final[dict[int, Callable[[bytes], Iterator[bytes]]]] = {
    NONE: _plain,
    GZIP: _gzip,
    SNAPPY: _snappy,
    LZ4: _frames(lz4.frame.LZ4FrameDecompressor, many=False),
    ZSTD: _frames(
        lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}), many=True
    ),
}
