"""One owner a directory: a lock file that the kernel frees when its holder ends, however it ends."""

import fcntl
import os
from pathlib import Path
from typing import IO

from streams.core.errors import Code, ZectoError
from streams.stack.private_files import open_private

_ENDING = "ending"


class DirectoryInUseError(ZectoError):
    """Another process holds a directory."""

    def __init__(self, directory: Path, holder: str, *, words: str = "is in use by", is_ending: bool = False) -> None:
        """`holder` is its process id, `words` how it holds the directory; `is_ending`: not for long any more."""
        super().__init__(
            f"{directory} {words} process {holder}",
            hint="stop it or choose another --data",
            code=Code.DIRECTORY_IN_USE,
        )
        self.holder = holder
        self.is_ending = is_ending


def say_ending(lock: IO[str]) -> None:
    """Let whoever finds the lock held know that its holder is about to end."""
    lock.write(f"{_ENDING}\n")
    lock.flush()


def lock_directory(directory: Path, name: str) -> IO[str]:
    """Hold `DIR/NAME.lock` until closed; it names the holder's process.

    Raises:
        DirectoryInUseError: another process holds it.
        ZectoError: the directory cannot be written.
    """
    try:
        directory.mkdir(0o700, parents=True, exist_ok=True)
        lock = os.fdopen(open_private(directory / f"{name}.lock"), "a+")
    except OSError as error:
        raise ZectoError(
            f"cannot write to {directory}: {error.strerror or error}",
            hint="choose another --data",
            code=Code.FILE_UNWRITABLE,
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder, *state = lock.read().split() or ["unknown"]
        lock.close()
        raise DirectoryInUseError(directory, holder, is_ending=_ENDING in state) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock
