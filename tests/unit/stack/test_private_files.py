"""What a stack keeps is its owner's alone, whatever the umask and whoever made it."""

import os
import random
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.core.errors import ZectoError
from streams.stack.locks import lock_directory
from streams.stack.private_files import make_private, open_private, write_private
from streams.stack.process import ChildProcess
from streams.stack.stack_file import StackFile


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """As of a careless user: everybody may do everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(directory: Path) -> list[str]:
    """What in a directory has rights for group or others; a symbolic link has no rights of its own."""
    paths = (directory, *directory.rglob("*"))
    return [str(path) for path in paths if not path.is_symlink() and path.lstat().st_mode & 0o077]


def test_a_new_directory_is_private_with_all_in_it(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    make_private(directory)
    lock_directory(directory, "up").close()
    StackFile(directory).write({}, [])
    write_private(directory / "text", "secret")
    os.close(open_private(directory / "log"))
    child = ChildProcess(
        "touch", ["/bin/sh", "-c", f"mkdir {directory}/made; >{directory}/made/x"], log=directory / "l"
    )
    child.process.wait()
    child.stop()
    assert (directory / "made" / "x").exists()
    assert open_to_others(directory) == []


def test_what_was_open_is_closed_whatever_its_modes(tmp_path: Path) -> None:
    chance, directory = random.Random(5), tmp_path / "data"
    for number in range(200):
        folder = directory.joinpath(*(str(chance.randrange(3)) for _ in range(chance.randrange(4))))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{number}").touch(mode=chance.randrange(0o400, 0o1000))
    outside = tmp_path / "outside"
    outside.touch(mode=0o666)
    (directory / "link").symlink_to(outside)
    own = {path: path.stat().st_mode & 0o700 for path in directory.rglob("f*")}
    make_private(directory)
    assert open_to_others(directory) == []
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in own} == own
    assert outside.stat().st_mode & 0o777 == 0o666


def test_a_directory_behind_a_link_is_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o777)
    (tmp_path / "link").symlink_to("data")
    make_private(tmp_path / "link")
    assert open_to_others(tmp_path / "data") == []


def test_a_log_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        open_private(tmp_path / "log")
    assert not (tmp_path / "elsewhere").exists()


def test_a_directory_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "theirs").stat().st_uid + 1)
    with pytest.raises(ZectoError, match="belongs to another user"):
        make_private(tmp_path / "theirs")
