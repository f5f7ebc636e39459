"""Request bodies: framing, encodings, forms."""

import gzip
import io
import zlib

import lz4.frame  # type: ignore[import-untyped]
import pytest
from backports import zstd

from streams.stack.engine_body import PIECE_BYTES, BodyError, decompress_pieces, form_parts, read_pieces


def test_a_body_of_known_length_leaves_the_next_request_unread() -> None:
    stream = io.BytesIO(b"abcdefGET /")
    assert b"".join(read_pieces(stream, {"Content-Length": "6"})) == b"abcdef"
    assert stream.read() == b"GET /"


def test_a_chunked_body_is_joined_and_its_trailers_skipped() -> None:
    stream = io.BytesIO(b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\nGET /")
    assert b"".join(read_pieces(stream, {"Transfer-Encoding": "chunked"})) == b"abc0123456789"
    assert stream.read() == b"GET /"


def test_a_long_body_comes_in_bounded_pieces() -> None:
    size = 2 * PIECE_BYTES + 1
    pieces = list(read_pieces(io.BytesIO(bytes(size)), {"Content-Length": str(size)}))
    assert [len(piece) for piece in pieces] == [PIECE_BYTES, PIECE_BYTES, 1]


@pytest.mark.parametrize("framing", [{"Content-Length": "9"}, {"Transfer-Encoding": "chunked"}])
def test_a_body_that_ends_early_is_an_error(framing: dict[str, str]) -> None:
    with pytest.raises(BodyError):
        list(read_pieces(io.BytesIO(b"8\r\nabc"), framing))


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("lz4", lz4.frame.compress), ("zstd", zstd.compress), ("gzip", gzip.compress), ("deflate", zlib.compress)],
)
def test_consecutive_frames_are_one_body_however_they_are_cut(encoding: str, compress: object) -> None:
    assert callable(compress)
    whole = compress(b"first " * 1000) + compress(b"second")
    pieces = (whole[at : at + 7] for at in range(0, len(whole), 7))
    found = list(decompress_pieces(pieces, encoding))
    assert b"".join(found) == b"first " * 1000 + b"second"
    assert all(found)


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", "deflate", "br"])
def test_bytes_that_are_not_of_their_encoding_are_an_error(encoding: str) -> None:
    with pytest.raises(BodyError):
        list(decompress_pieces(iter([b"\xff not compressed"]), encoding))


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("lz4", lz4.frame.compress), ("zstd", zstd.compress), ("gzip", gzip.compress), ("deflate", zlib.compress)],
)
def test_a_frame_that_ends_early_is_an_error(encoding: str, compress: object) -> None:
    assert callable(compress)
    with pytest.raises(BodyError, match="ends early"):
        list(decompress_pieces(iter([compress(b"abc" * 100)[:-1]]), encoding))


def test_a_form_has_fields_and_files_with_their_bytes_untouched() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT \xc3\xa4\r\n'
        b'--b\r\nContent-Disposition: form-data; name="ext"; filename="f"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\x00\r\n\xff\n\r\n--b--\r\n"
    )
    parts = form_parts('multipart/form-data; boundary="b"', body)
    assert [(part.name, part.data, part.is_file) for part in parts] == [
        ("query", b"SELECT \xc3\xa4", False),
        ("ext", b"\x00\r\n\xff\n", True),
    ]


def test_a_form_without_a_boundary_is_an_error() -> None:
    with pytest.raises(BodyError):
        form_parts("multipart/form-data", b"")
