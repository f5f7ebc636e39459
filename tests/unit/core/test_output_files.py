"""Files that commands write: nothing that exists is lost, nothing half written is seen, nobody else may read."""

import os
import random
import socket
from pathlib import Path

import pytest

from streams.core.errors import Code, UsageError, ZectoError
from streams.core.output_files import check_output, make_output_directory, output_file


def _write(path: Path, content: bytes, *, overwrite: bool = False) -> None:
    with output_file(path, overwrite=overwrite) as file:
        file.write(content)


def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new"
    _write(path, b"content")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"content", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_replaced_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    with pytest.raises(UsageError, match="old exists; name another file, or add --overwrite"):
        _write(path, b"new")
    assert path.read_bytes() == b"old"
    _write(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"


def test_a_name_taken_while_writing_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "raced"
    with pytest.raises(UsageError, match="raced exists"), output_file(path):
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def _make(kind: str, path: Path) -> None:
    match kind:
        case "a directory":
            path.mkdir()
        case "a symbolic link":
            path.symlink_to(path.with_name("elsewhere"))
        case "a named pipe":
            os.mkfifo(path)
        case "a socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(path))


@pytest.mark.parametrize("kind", ["a directory", "a symbolic link", "a named pipe", "a socket"])
def test_what_is_no_regular_file_is_never_replaced(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "odd"
    _make(kind, path)
    for overwrite in (False, True):
        with pytest.raises(UsageError, match=f"odd cannot be written: it is {kind}"):
            _write(path, b"new", overwrite=overwrite)
    assert os.path.lexists(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_device_is_never_written() -> None:
    with pytest.raises(UsageError, match="it is a device"):
        check_output(Path(os.devnull), overwrite=True)


@pytest.mark.parametrize("name", ["n" * 300, "none/file", "file/below", "nul\0byte"])
def test_a_name_that_cannot_be_is_wrong_use(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        _write(tmp_path / name, b"")
    with pytest.raises(UsageError, match="cannot be written"):
        check_output(tmp_path / name)


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZectoError, match="No space left") as caught, output_file(tmp_path / "file"):
        raise OSError(28, "No space left on device")
    assert caught.value.code is Code.FILE_UNWRITABLE
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_work_passes_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), output_file(tmp_path / "file"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_random_steps_lose_no_file_unasked(tmp_path: Path) -> None:
    chance = random.Random(42)
    kept: dict[str, bytes] = {}
    for number in range(300):
        name, overwrite = f"f{chance.randrange(20)}", chance.random() < 0.3
        try:
            _write(tmp_path / name, b"%d" % number, overwrite=overwrite)
        except UsageError:
            assert name in kept
            assert not overwrite
        else:
            assert overwrite or name not in kept
            kept[name] = b"%d" % number
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_a_new_directory_is_its_owners_alone(tmp_path: Path) -> None:
    make_output_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    with pytest.raises(UsageError, match="no directory to write to"):
        make_output_directory(Path(os.devnull))
