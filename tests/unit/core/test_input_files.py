"""What is read has an end: devices, pipes without a writer and lines without an end are refused, soon."""

import gzip
import os
import socket
import sys
from pathlib import Path
from threading import Thread

import pytest

from streams.audit.reading import read_archive
from streams.core.errors import UsageError, ZectoError
from streams.core.input_files import check_input, open_input, read_input
from streams.operations.archives import find_archives
from streams.operations.line_files import LineFile


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/dev/zero", "is a device"),
        ("/dev/full", "is a device"),
        ("/dev/null", "is a device"),
        ("/", "is a directory"),
        ("", "an argument is empty"),
        ("gone", "does not exist"),
        ("--jsno", "no option has that name"),
        ("loop", "symbolic links"),
        ("x" * 300, "File name too long"),
        ("a\0b", "null"),
        ("socket", "is a socket"),
    ],
)
def test_what_is_no_file_is_refused(name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    for read in (check_input, open_input, read_input):
        with pytest.raises(UsageError, match=why):
            read(name)


def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="nobody writes to"):
        read_input(str(tmp_path / "pipe"))


def test_a_pipe_with_a_writer_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(b"one\ntwo",))
    writer.start()
    assert read_input(str(pipe)) == b"one\ntwo"
    writer.join()


def test_more_than_its_bound_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * 11)
    assert len(read_input(str(path), most_bytes=11)) == 11
    with pytest.raises(ZectoError, match="more than 10 bytes"):
        read_input(str(path), most_bytes=10)


@pytest.mark.parametrize("read", [lambda: read_input("-"), lambda: next(iter(LineFile("-").__enter__()))])
def test_closed_standard_input_is_told(read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert callable(read)
    with pytest.raises(UsageError, match="standard input is closed"):
        read()


def test_a_line_without_an_end_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"short\n" + b"x" * (3 << 20))
    with LineFile(str(path), line_bytes_max=4 << 20) as lines:
        assert [len(line) for line in lines] == [5, 3 << 20]
    with LineFile(str(path), line_bytes_max=2 << 20) as lines, pytest.raises(ZectoError, match=r"long:2: a line"):
        list(lines)


def test_an_archive_of_zeros_is_left_at_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "api.requests.ndjson.gz"
    with gzip.open(path, "wb", 1) as file:
        for _ in range(8):
            file.write(bytes(1 << 20))
    with pytest.raises(ZectoError, match="is no record"):
        find_archives([path])
    with pytest.raises(ZectoError, match="no JSON object"):
        list(read_archive("api.requests", path))


def test_an_archive_that_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "api.requests.ndjson.gz"
    os.mkfifo(path)
    for read in (lambda: find_archives([tmp_path]), lambda: list(read_archive("api.requests", path))):
        with pytest.raises(ZectoError, match="is no regular file"):
            read()
