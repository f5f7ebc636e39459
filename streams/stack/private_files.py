"""Nobody but the stack's owner reads what it keeps: files with mode 0600, directories with 0700.

What its processes make is private by their umask. What an earlier version left open, or somebody has opened since, is
closed at the next start.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from streams.core.errors import Code, ZectoError

UMASK: Final = 0o077
"""Of every process of a stack: nothing for group and others."""
_OTHERS: Final = 0o077


def open_private(path: Path) -> int:
    """A descriptor to append to a file that only its owner may read or write.

    Raises:
        OSError: it cannot be opened, or is another's.
    """
    number = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    if os.fstat(number).st_mode & _OTHERS:
        os.fchmod(number, 0o600)
    return number


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, also where one with other rights was before.

    Raises:
        OSError: it cannot be written.
    """
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)


def make_private(directory: Path) -> None:
    """Make a data directory where there is none, and take what is in it from everybody but its owner.

    Raises:
        ZectoError: it cannot be made, or it is another user's.
    """
    try:
        directory.mkdir(0o700, parents=True, exist_ok=True)
        owner = directory.stat().st_uid
    except OSError as error:
        raise ZectoError(
            f"cannot write to {directory}: {error.strerror or error}",
            hint="choose another --data",
            code=Code.FILE_UNWRITABLE,
        ) from None
    if owner != os.geteuid():
        raise ZectoError(
            f"{directory} belongs to another user, who could read and change what is in it",
            hint="choose another --data",
            code=Code.FILE_UNWRITABLE,
        )
    # the directory first: once it is closed nobody gets at anything in it
    directory = directory.resolve()
    for path in (directory, *_within(directory)):
        _close(path)


def _within(directory: Path) -> list[Path]:
    """All that is in a directory; what goes while it is listed is left out."""
    found = []
    for folder, folders, files in os.walk(directory):
        found += [Path(folder) / name for name in (*folders, *files)]
    return found


def _close(path: Path) -> None:
    """Take group's and others' rights from a file or directory, never through a symbolic link."""
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & _OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
