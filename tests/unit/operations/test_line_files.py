"""Files in as lines, exactly as they stand."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from streams.core.errors import UsageError, ZectoError
from streams.operations.line_files import LineFile, check_files
from streams.operations.produce import line_reader
from streams.operations.topic_names import input_topic


def _lines(name: str | Path) -> list[bytes]:
    with LineFile(str(name)) as lines:
        return list(lines)


def test_a_line_is_its_bytes_without_the_newline(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b'{"a": 1}\r\n\n \xff\xfe\x00x\nlast without newline')
    assert _lines(path) == [b'{"a": 1}\r', b"", b" \xff\xfe\x00x", b"last without newline"]


def test_a_gz_file_is_read_as_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(gzip.compress(b"one\ntwo\n"))
    assert _lines(path) == [b"one", b"two"]


def test_several_gzip_members_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    assert _lines(path) == [b"one", b"two"]


@pytest.mark.parametrize(
    "content", [b"no gzip at all\n", gzip.compress(b"cut off\n" * 1000)[:-9]], ids=["none", "cut off"]
)
def test_a_broken_gzip_file_is_one_line_of_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(ZectoError, match=r"is no whole gzip file") as caught:
        _lines(path)
    assert "\n" not in str(caught.value)


def test_a_line_of_a_mebibyte_goes_through_whole(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"x" * (1 << 20) + b"\nshort\n")
    assert [len(line) for line in _lines(path)] == [1 << 20, 5]


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\n")))
    assert _lines("-") == [b"a", b"b"]


def test_files_are_checked_before_the_first_is_read(tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.write_bytes(b"12345")
    assert check_files([str(good)]) == 5
    assert check_files([str(good), "-"]) is None
    with pytest.raises(UsageError, match="missing does not exist"):
        check_files([str(good), str(tmp_path / "missing")])
    with pytest.raises(UsageError, match="is a directory"):
        check_files([str(tmp_path)])
    with pytest.raises(UsageError, match="once only"):
        check_files(["-", "-"])


def test_the_key_is_the_records_own_or_absent() -> None:
    read_record = line_reader("request_id")
    line = b'{"status": 200, "request_id": "r-\xc3\xa9"}'
    assert read_record(line) == ("r-é".encode(), line, [])
    for broken in (b'{"request_id": 7}', b'{"status": 200}', b'["request_id"]', b'{"request_id": "r-1"', b"\xff\xfe"):
        assert read_record(broken) == (None, broken, [])


def test_only_input_topics_take_records_from_people() -> None:
    assert input_topic("api.requests").key == "request_id"
    with pytest.raises(UsageError, match=r"there is no topic api.request; there are .*api.requests"):
        input_topic("api.request")
    with pytest.raises(UsageError, match=r"sla.minutes is written by the workers alone"):
        input_topic("sla.minutes")
