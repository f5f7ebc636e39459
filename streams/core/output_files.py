"""Files that a command writes: whole or not there at all, their owner's alone, and never over what exists unasked.

A name is taken if anything bears it. A regular file is replaced where the caller says so; a device, a pipe, a directory
or a symbolic link never is, for what is behind it is not what was named.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from streams.core.errors import Code, UsageError, ZectoError

PRIVATE_DIRECTORY: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_HINT: Final = "name another file, or add --overwrite"


def check_output(path: Path, *, overwrite: bool = False, hint: str = _HINT) -> None:
    """Refuse a name that nothing can be written under, before the work whose result it is for.

    Raises:
        UsageError: there is no such directory, or the name is taken (`hint` says what to do then).
    """
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        if not path.parent.is_dir():
            raise UsageError(f"{path} cannot be written: its directory does not exist") from None
        return
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from None
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{path} cannot be written: it is {_kind(found.st_mode)}", hint="name another file")
    if not overwrite:
        raise UsageError(f"{path} exists", hint=hint)


@contextmanager
def output_file(path: Path, *, overwrite: bool = False, hint: str = _HINT) -> Iterator[BinaryIO]:
    """A file to write to; it appears under its name when the block ends well, with mode 0600.

    Raises:
        UsageError: as `check_output`, or the file cannot be made there.
        ZectoError: what was written does not reach the disk (FILE_UNWRITABLE).
    """
    check_output(path, overwrite=overwrite, hint=hint)
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".zecto-sla-", suffix=".partial")
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from None
    partial = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _place(partial, path, overwrite=overwrite)
    except FileExistsError:
        raise UsageError(f"{path} exists", hint=hint) from None
    except OSError as error:
        raise ZectoError(f"{path} cannot be written: {_words(error)}", code=Code.FILE_UNWRITABLE) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def make_output_directory(folder: Path) -> None:
    """A directory to write to, made for its owner alone if it is not there.

    Raises:
        UsageError: it cannot be made or written to.
    """
    try:
        folder.mkdir(PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} is no directory to write to: {_words(error)}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{folder} is no directory to write to: permission denied")


def _place(partial: Path, path: Path, *, overwrite: bool) -> None:
    """Give the whole file its name; the kernel says whether somebody took the name meanwhile."""
    if not overwrite:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_FILE))
    partial.replace(path)


def _unusable(path: Path, error: OSError | ValueError) -> UsageError:
    return UsageError(f"{path} cannot be written: {_words(error)}")


def _words(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "no regular file")
