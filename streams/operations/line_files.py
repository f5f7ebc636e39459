"""Lines of files as bytes, exactly as they are: plain, gzip (`.gz`) or standard input (`-`)."""

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from streams.core.errors import Code, UsageError, ZectoError

STANDARD_INPUT = "-"
_BUFFER_BYTES = 1 << 20


class LineFile:
    """One input file: its lines without their final newline, and how far it is read.

    A carriage return before the newline belongs to the line. A last line without a newline is a line.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.shown = "standard input" if name == STANDARD_INPUT else name
        self._stack = ExitStack()
        self._raw: BinaryIO | None = None

    def __enter__(self) -> Self:
        raw = sys.stdin.buffer if self.name == STANDARD_INPUT else self._stack.enter_context(_open(self.name))
        self._raw = raw
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def read_bytes(self) -> int:
        """Bytes read so far of the file as it lies on disk (compressed, if it is); 0 for a stream."""
        if self._raw is None or self.name == STANDARD_INPUT or not self._raw.seekable():
            return 0
        return self._raw.tell()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines.

        Raises:
            ZectoError: a gzip file that is cut off or is none, or a file that cannot be read.
        """
        if self._raw is None:
            raise RuntimeError("a LineFile is read inside its with block")
        packed = self.name.endswith(".gz")
        stream = (
            cast("BinaryIO", io.BufferedReader(gzip.GzipFile(fileobj=self._raw), _BUFFER_BYTES))
            if packed
            else self._raw
        )
        try:
            for line in stream:
                yield line.removesuffix(b"\n")
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ZectoError(
                f"{self.name} is no whole gzip file ({error}); what stood before the fault was read",
                code=Code.FILE_UNREADABLE,
            ) from error
        except OSError as error:
            raise ZectoError(
                f"{self.name} cannot be read: {error.strerror or error}", code=Code.FILE_UNREADABLE
            ) from error


def check_files(names: Sequence[str]) -> int | None:
    """See that all files can be read before the first is; returns their bytes on disk, None with standard input.

    Raises:
        UsageError: a file is missing, is a directory, may not be read, or standard input is named twice.
    """
    if names.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input (-) can be read once only")
    for name in names:
        if name == STANDARD_INPUT:
            continue
        path = Path(name)
        if path.is_dir():
            raise UsageError(f"{name} is a directory; name its files")
        if not path.exists():
            raise UsageError(
                f"{name} does not exist" + ("; no option has that name either" if name.startswith("-") else "")
            )
        if not os.access(path, os.R_OK):
            raise UsageError(f"{name} may not be read by this user")
    if STANDARD_INPUT in names:
        return None
    return sum(Path(name).stat().st_size for name in names)


def _open(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb", buffering=_BUFFER_BYTES)
    except OSError as error:
        raise ZectoError(f"{name} cannot be read: {error.strerror or error}", code=Code.FILE_UNREADABLE) from error
