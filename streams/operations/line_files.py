"""Lines of files as bytes, exactly as they are: plain, gzip (`.gz`) or standard input (`-`)."""

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from streams.core.errors import Code, UsageError, ZectoError
from streams.core.input_files import STANDARD_INPUT, check_input, open_input, standard_input

_BUFFER_BYTES: Final = 1 << 20
# Six characters may stand for a byte of the largest record that a producer of ours sends, of 8 MiB.
_LINE_BYTES_MAX: Final = 64 << 20


class LineFile:
    """One input file: its lines without their final newline, and how far it is read.

    A carriage return before the newline belongs to the line. A last line without a newline is a line.
    """

    def __init__(self, name: str, *, begins: bytes = b"", line_bytes_max: int = _LINE_BYTES_MAX) -> None:
        """`begins`: how every line begins that is longer than a mebibyte."""
        self.name = name
        self.number = 0
        self._begins = begins
        self._line_bytes_max = line_bytes_max
        self.shown = "standard input" if name == STANDARD_INPUT else name
        self._stack = ExitStack()
        self._raw: BinaryIO | None = None

    def __enter__(self) -> Self:
        raw = standard_input() if self.name == STANDARD_INPUT else self._stack.enter_context(open_input(self.name))
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
            ZectoError: a gzip file that is cut off or is none, a line without an end, or a file that cannot be read.
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
            for line in iter(lambda: self._line(stream), b""):
                self.number += 1
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

    def _line(self, stream: BinaryIO) -> bytes:
        """The next line; one that does not begin as it must is not read to its end, which may be far."""
        line = stream.readline(_BUFFER_BYTES)
        if len(line) < _BUFFER_BYTES or line.endswith(b"\n"):
            return line
        if line.startswith(self._begins):
            line += stream.readline(self._line_bytes_max)
            if len(line) <= self._line_bytes_max:
                return line
        raise ZectoError(
            f"{self.shown}:{self.number + 1}: a line of many million bytes is no record", code=Code.FILE_UNREADABLE
        )


def check_files(names: Sequence[str]) -> int | None:
    """See that all files can be read before the first is; returns their bytes on disk, None with standard input.

    Raises:
        UsageError: as `check_input` of each, or standard input is named twice.
    """
    if names.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input (-) can be read once only")
    for name in names:
        check_input(name)
    if STANDARD_INPUT in names:
        return None
    return sum(Path(name).stat().st_size for name in names)
