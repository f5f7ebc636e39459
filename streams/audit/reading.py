"""Raw records of a `dump`: the archives of a directory, one or several a topic."""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, NoReturn, TextIO

from streams.audit.instants import read_instant
from streams.audit.known import LostSpan
from streams.audit.records import MONTH_TOPICS, TOPICS
from streams.core.errors import Code, UsageError, ZectoError


class Raw(NamedTuple):
    """A record as the broker has it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    value: bytes | None


Progress = Callable[[str, int], None]
"""Called now and then with the topic and how many records of all topics have been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where raw records come from, in any order.

    `starts`: the first offset that a partition still holds, by topic and partition; None: that of its first record.
    `lost`: what is known to have gone before it could be read.
    """

    records: Callable[[], Iterator[Raw]]
    starts: Mapping[tuple[str, int], int] | None = None
    lost: Sequence[LostSpan] = ()


def known_before(source: Source, cut_ms: int) -> Source:
    """The records whose broker timestamp is before the cut: a distinct record is known from its earliest one on."""
    return replace(
        source,
        records=lambda: (raw for raw in source.records() if raw.timestamp_ms < cut_ms),
        lost=[lost for lost in source.lost if lost.until_ms <= cut_ms],
    )


_LOST: Final = re.compile(r"(?P<topic>[^@]+)@(?P<since>[^/]+)/(?P<until>[^/]+)")


def read_lost(content: str) -> LostSpan:
    """`TOPIC@SINCE/UNTIL`.

    Raises:
        UsageError: it is none of that.
    """
    found = _LOST.fullmatch(content)
    since_ms, until_ms = (read_instant(found[name]) if found else None for name in ("since", "until"))
    if not found or found["topic"] not in TOPICS or since_ms is None or until_ms is None or since_ms > until_ms:
        raise UsageError(f"--lost {content!r} is not TOPIC@SINCE/UNTIL, instants with their offsets")
    return LostSpan(found["topic"], since_ms, until_ms)


def open_dump(directory: Path, topics: Iterable[str] = MONTH_TOPICS) -> Source:
    """The archives `TOPIC.ndjson.gz`, or `TOPIC.ANYTHING.ndjson.gz`, of these topics.

    Raises:
        UsageError: there is no such directory, or a topic has no archive in it.
    """
    if not directory.is_dir():
        raise UsageError(f"{directory} is no directory of archives")
    files: list[tuple[str, Path]] = []
    for topic in topics:
        found = sorted({*directory.glob(f"{topic}.ndjson.gz"), *directory.glob(f"{topic}.*.ndjson.gz")})
        if not found:
            raise UsageError(
                f"{directory} has no {topic}.ndjson.gz: zecto-sla dump {topic} -o {directory}/{topic}.ndjson.gz"
            )
        files += [(topic, path) for path in found]
    return Source(records=lambda: (raw for topic, path in files for raw in read_archive(topic, path)))


def read_archive(topic: str, path: Path) -> Iterator[Raw]:
    """The records of one archive.

    Raises:
        ZectoError: a line is not of an archive of this topic; names file and line.
    """
    number = 1
    if path.exists() and not path.is_file():
        raise ZectoError(f"{path} is no regular file", code=Code.ARCHIVE_UNUSABLE)
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            for line in iter(lambda: _line(lines), ""):
                yield _raw(topic, line)
                number += 1  # the line that cannot be read, or understood, is named below
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ZectoError(
            f"{path}:{number}: not a line of an archive of {topic} ({_why(error)})", code=Code.ARCHIVE_UNUSABLE
        ) from error


def _line(lines: TextIO) -> str:
    """The next line; what does not begin as a record is not read to an end that may be far, or nowhere."""
    begun = lines.readline(_LINE_BEGINS)
    if len(begun) == _LINE_BEGINS and not begun.endswith("\n"):
        if not begun.startswith("{"):
            raise ValueError("it is no JSON object")
        begun += lines.readline(_LINE_MAX)
        if len(begun) >= _LINE_MAX:
            raise ValueError("it is longer than any record")
    return begun


def _why(error: Exception) -> str:
    return "it nests too deep" if isinstance(error, RecursionError) else f"{error}"


def _raw(topic: str, line: str) -> Raw:
    content = _LINE.decode(line)
    if content["topic"] != topic:
        raise ValueError(f"it is of {content['topic']}")
    partition, offset, timestamp_ms = content["partition"], content["offset"], content["timestamp_ms"]
    if not (type(partition) is type(offset) is type(timestamp_ms) is int):
        raise ValueError("partition, offset and timestamp_ms must be integers")
    return Raw(topic, partition, offset, timestamp_ms, _bytes(content["value"]))


def _bytes(content: object) -> bytes | None:
    match content:
        case None:
            return None
        case str():
            return content.encode()
        case {"base64": str(encoded)}:
            return base64.b64decode(encoded, validate=True)
        case _:
            raise ValueError("a value is text, base64 or null")


def _no_float(content: str) -> NoReturn:
    raise ValueError(f"{content} has no place here")


_LINE_BEGINS: Final = 1 << 20
_LINE_MAX: Final = 1 << 30
_LINE: Final = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)
