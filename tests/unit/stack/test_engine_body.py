"""Request bodies: encodings, bounds, forms."""

import gzip
import zlib

import lz4.frame  # type: ignore[import-untyped]
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from streams.stack import engine_body
from streams.stack.engine_body import (
    PIECE_BYTES,
    BodyError,
    decompress_pieces,
    form_fields,
    join_pieces,
)


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


_COMPRESSORS = {"lz4": lz4.frame.compress, "zstd": zstd.compress, "gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("encoding", _COMPRESSORS)
def test_what_grows_comes_in_bounded_pieces(encoding: str) -> None:
    body = _COMPRESSORS[encoding](bytes(3 * PIECE_BYTES + 1))
    sizes = [len(piece) for piece in decompress_pieces(iter([body]), encoding)]
    assert sum(sizes) == 3 * PIECE_BYTES + 1
    assert max(sizes) <= PIECE_BYTES


@pytest.mark.parametrize("encoding", _COMPRESSORS)
def test_what_grows_beyond_all_proportion_is_an_error(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_body, "_FREE_BYTES", 1 << 20)
    monkeypatch.setattr(engine_body, "_MOST_RATIO", 10)
    body = _COMPRESSORS[encoding](bytes(4 << 20))
    with pytest.raises(BodyError, match="10 times"):
        list(decompress_pieces(iter([body]), encoding))


@given(st.binary(max_size=300), st.sampled_from(sorted(_COMPRESSORS)), st.integers(1, 50))
def test_any_bytes_come_back_however_they_are_cut(data: bytes, encoding: str, size: int) -> None:
    body = _COMPRESSORS[encoding](data)
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    assert b"".join(decompress_pieces(pieces, encoding)) == data


@pytest.mark.parametrize("encoding", _COMPRESSORS)
def test_a_body_of_empty_frames_is_an_error(encoding: str) -> None:
    body = _COMPRESSORS[encoding](b"") * 10_000
    with pytest.raises(BodyError, match="too many frames"):
        list(decompress_pieces(iter([body]), encoding))


def test_a_form_of_too_many_fields_is_an_error() -> None:
    with pytest.raises(BodyError, match="fields"):
        form_fields(b"query=1" + b"&a" * 20_000)


def test_a_statement_larger_than_its_bound_is_an_error() -> None:
    assert join_pieces(iter([b"ab", b"cd"]), most_bytes=4) == b"abcd"
    with pytest.raises(BodyError, match="more than 4 bytes"):
        join_pieces(iter([b"ab", b"cde"]), most_bytes=4)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"query=SELECT+%7Bx%3AString%7D&param_x=a%26b", {"query": "SELECT {x:String}", "param_x": "a&b"}),
        (b"param_x=\r\n", {"param_x": ""}),
        (b"SELECT a=1", None),
        (b"query = 1", None),
        (b"query=SELECT 1", None),
        (b"", None),
    ],
)
def test_an_urlencoded_form_is_told_from_a_statement(body: bytes, fields: dict[str, str] | None) -> None:
    assert form_fields(body) == fields
