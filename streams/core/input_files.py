"""Files that a command reads: their bytes have an end, and nothing is waited for that does not come.

A regular file is read, and a pipe that somebody writes to, as a shell makes of `<(command)`. A device may have no end
(`/dev/zero`), and a pipe without a writer no beginning.
"""

import os
import stat
import sys
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO, Final

from streams.core.errors import Code, UsageError, ZectoError

STANDARD_INPUT: Final = "-"
_BUFFER_BYTES: Final = 1 << 20
_WRITER_S: Final = 3.0
_WHOLE_BYTES: Final = 1 << 30


def check_input(name: str) -> None:
    """Refuse what cannot be read as a file, before the work that it is for; standard input must be open.

    Raises:
        UsageError: it is missing, a directory, a device or a socket, or may not be read.
    """
    if name == STANDARD_INPUT:
        standard_input()
        return
    if not name:
        raise UsageError("a file has no name: an argument is empty")
    try:
        mode = Path(name).stat().st_mode
    except FileNotFoundError:
        option = "; no option has that name either" if name.startswith("-") else ""
        raise UsageError(f"{name} does not exist{option}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} cannot be read: {_words(error)}") from None
    _refuse_unfit(name, mode)
    if not os.access(name, os.R_OK):
        raise UsageError(f"{name} may not be read by this user")


def open_input(name: str) -> BinaryIO:
    """A file's bytes from the beginning.

    Raises:
        UsageError: as `check_input`, or it is a pipe that nobody writes to.
        ZectoError: it cannot be opened (FILE_UNREADABLE).
    """
    check_input(name)
    try:
        return _open_pipe(name) if stat.S_ISFIFO(Path(name).stat().st_mode) else _open(name)
    except OSError as error:
        raise ZectoError(f"{name} cannot be read: {_words(error)}", code=Code.FILE_UNREADABLE) from error


def read_input(name: str, *, most_bytes: int = _WHOLE_BYTES) -> bytes:
    """All bytes of a file; `-` is standard input.

    Raises:
        UsageError: as `open_input`.
        ZectoError: it cannot be read, or holds more than `most_bytes` (FILE_UNREADABLE).
    """
    shown = "standard input" if name == STANDARD_INPUT else name
    try:
        if name == STANDARD_INPUT:
            content = standard_input().read(most_bytes + 1)
        else:
            with open_input(name) as file:
                content = file.read(most_bytes + 1)
    except OSError as error:
        raise ZectoError(f"{shown} cannot be read: {_words(error)}", code=Code.FILE_UNREADABLE) from error
    if len(content) > most_bytes:
        raise ZectoError(f"{shown} holds more than {most_bytes:,} bytes", code=Code.FILE_UNREADABLE)
    return content


def standard_input() -> BinaryIO:
    """Standard input as bytes.

    Raises:
        UsageError: it is closed.
    """
    # None where the process was started without one, which the type does not know.
    if getattr(sys, "stdin", None) is None:
        raise UsageError("standard input is closed")
    return sys.stdin.buffer


def _open(name: str) -> BinaryIO:
    return Path(name).open("rb", buffering=_BUFFER_BYTES)


def _open_pipe(name: str) -> BinaryIO:
    """Opening waits for a writer, and nothing ends that wait but one: so a thread waits, and is left where it is."""
    opened: SimpleQueue[BinaryIO] = SimpleQueue()
    Thread(target=lambda: opened.put(_open(name)), daemon=True).start()
    try:
        return opened.get(timeout=_WRITER_S)
    except Empty:
        raise UsageError(f"{name} is a pipe that nobody writes to") from None


def _refuse_unfit(name: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise UsageError(f"{name} is a directory; name its files")
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        kind = "a socket" if stat.S_ISSOCK(mode) else "a device"
        raise UsageError(f"{name} is {kind} and no file", hint="- is standard input, where files are read")


def _words(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
