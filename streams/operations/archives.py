"""Archives of topics (`zecto-sla dump`) as the records of each partition in order, and as the blocks of a worker."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from streams.core.errors import Code, UsageError, ZectoError
from streams.core.input_files import check_input
from streams.kafka.archive import ArchivedRecord, bytes_of, parse_line
from streams.kafka.block import Block
from streams.kafka.large_value import held
from streams.operations.line_files import LineFile

_SUFFIX: Final = ".ndjson.gz"
# A line of a value of 100 MB whose every byte is escaped has 600 MB; what is longer was made to fill memory.
_LINE_BYTES_MAX: Final = 1 << 30
_BLOCK_RECORDS: Final = 20_000
_BLOCK_BYTES: Final = 16 * 1024 * 1024


class ArchiveHole(NamedTuple):
    """Records of a topic that nobody read, between the broker timestamps of the last before and of the first after."""

    topic: str
    since_ms: int
    until_ms: int


class ArchivedBlock(NamedTuple):
    """A block, and what is known to be lost of the offsets between it and the one before; None: nothing."""

    block: Block
    after_lost: ArchiveHole | None


def find_archives(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """The archives by topic: files as named, of directories every `*.ndjson.gz`; those without a record are left out.

    Raises:
        UsageError: nothing is there, or what cannot be read as a file.
        ZectoError: a file is no archive.
    """
    files = [file for path in paths for file in (sorted(path.glob(f"*{_SUFFIX}")) if path.is_dir() else [path])]
    if not files:
        raise UsageError(f"no archive *{_SUFFIX} in {', '.join(map(str, paths))}")
    for file in files:
        check_input(str(file))
        if not file.is_file():  # they are read twice
            raise UsageError(f"{file} is no regular file")
    found: dict[str, list[Path]] = {}
    for file in files:
        for record in _records_of(file):
            found.setdefault(record.topic, []).append(file)
            break
    return found


def read_archives(topic: str, files: Sequence[Path]) -> Iterator[ArchivedRecord]:
    """The records of a topic by partition and offset; what several archives hold comes once.

    Raises:
        ZectoError: a file is not of this topic or not in order, or two say different things of one place.
    """
    merged = heapq.merge(*(_checked(topic, file) for file in files), key=_place)
    last: ArchivedRecord | None = None
    for record in merged:
        if last and _place(last) == _place(record):
            if last != record:
                raise ZectoError(
                    f"the archives hold two records of {topic}/{record.partition}@{record.offset}, as of a topic that "
                    "was created anew",
                    hint="restore those of one incarnation only",
                    code=Code.ARCHIVE_UNUSABLE,
                )
            continue
        last = record
        yield record


def blocks_of(
    topic: str, topic_id: str, records: Iterable[ArchivedRecord], lost: Collection[ArchiveHole]
) -> Iterator[ArchivedBlock]:
    """The records as blocks, partition after partition.

    A hole in the offsets is lost if it is before the first record, or if `lost` names the instants on both its sides;
    else it was transaction markers, and the block spans it.
    """
    for partition, own in groupby(records, key=lambda record: record.partition):
        position, chunk, before, size = 0, list[ArchivedRecord](), None, 0
        hole: ArchiveHole | None = None
        for record in own:
            gone = _hole(topic, before, record, lost)
            if chunk and (gone or len(chunk) == _BLOCK_RECORDS or size >= _BLOCK_BYTES):
                block = _block(topic, topic_id, partition, position, chunk)
                yield ArchivedBlock(block, hole)
                position, chunk, hole, size = block.next, [], None, 0
            if gone:
                position, hole = record.offset, gone
            chunk.append(record)
            before = record
            size += record.value_size
        yield ArchivedBlock(_block(topic, topic_id, partition, position, chunk), hole)


def _hole(
    topic: str, before: ArchivedRecord | None, record: ArchivedRecord, lost: Collection[ArchiveHole]
) -> ArchiveHole | None:
    if before is None:
        # as for a worker to whom the broker says that a partition begins there
        return ArchiveHole(topic, 0, record.timestamp_ms) if record.offset > 0 else None
    hole = ArchiveHole(topic, before.timestamp_ms, record.timestamp_ms)
    return hole if record.offset > before.offset + 1 and hole in lost else None


def _block(topic: str, topic_id: str, partition: int, first: int, records: Sequence[ArchivedRecord]) -> Block:
    found = {record.offset: held(bytes_of(record.value)) for record in records}
    return Block(
        topic=topic,
        topic_id=topic_id,
        partition=partition,
        first=first,
        next=records[-1].offset + 1,
        offsets=[record.offset for record in records],
        timestamps_ms=[record.timestamp_ms for record in records],
        values=[value for value, _ in found.values()],
        large={offset: large for offset, (_, large) in found.items() if large},
    )


def _checked(topic: str, file: Path) -> Iterator[ArchivedRecord]:
    last = (-1, -1)
    for record in _records_of(file):
        if record.topic != topic:
            raise ZectoError(
                f"{file} holds records of {topic} and of {record.topic}: an archive is of one topic",
                code=Code.ARCHIVE_UNUSABLE,
            )
        if _place(record) <= last:
            raise ZectoError(
                f"{file} is not in order at {topic}/{record.partition}@{record.offset}", code=Code.ARCHIVE_UNUSABLE
            )
        last = _place(record)
        yield record


def _records_of(file: Path) -> Iterator[ArchivedRecord]:
    with LineFile(str(file), begins=b"{", line_bytes_max=_LINE_BYTES_MAX) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield parse_line(line)
            except ZectoError as error:
                raise ZectoError(f"{file}:{number}: {error.message}", hint=error.hint, code=error.code) from error


def _place(record: ArchivedRecord) -> tuple[int, int]:
    return record.partition, record.offset
