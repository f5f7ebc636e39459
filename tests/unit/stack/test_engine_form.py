"""Multipart forms: their parts, and what is no form."""

import time

import pytest

from streams.stack.engine_body import BodyError
from streams.stack.engine_form import form_parts


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


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n\r\n\r\n" * 1_000_000,
        b"--b\r\n" + b"x\r\n" * 5_000_000,
        b"--b\r\n" + b"A: b\r\n" * 1_000_000 + b"\r\n--b--",
        b"--b\r\nContent-Disposition: form-data\r\n\r\n--b--",
        b"--b\r\nno head",
    ],
    ids=["parts", "lines", "headers", "no name", "no head"],
)
def test_what_is_no_form_is_told_in_a_moment(body: bytes) -> None:
    start = time.monotonic()
    with pytest.raises(BodyError, match="form"):
        form_parts("multipart/form-data; boundary=b", body)
    assert time.monotonic() - start < 1


def test_a_part_in_a_part_is_not_looked_into() -> None:
    inner = b"--b1\r\nContent-Disposition: form-data; name=x\r\n\r\n"
    nested = b"Content-Type: multipart/mixed; boundary=b1\r\n"
    body = b"--b\r\nContent-Disposition: form-data; name=a\r\n" + nested + b"\r\n" + inner * 9 + b"\r\n--b--"
    assert [part.name for part in form_parts("multipart/form-data; boundary=b", body)] == ["a"]
