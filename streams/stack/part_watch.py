"""Parts that are not whole on disk: found soon after they were written, and undone before anybody misses a row.

On a full disk the embedded engine takes a merge for done whose files are cut short or empty. The parts that it merged
stay for a while (setting `old_parts_lifetime`). Attaching the table anew makes the engine see that the part is broken,
set it aside and take up those it was merged from; whoever asks meanwhile waits. Where these are gone, or broken too,
nothing is touched: a question that fails is better than an answer with rows missing.
"""

import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import tenacity

from streams.stack.engine_query import EngineError, Session, quote

_LOOK_S: Final = 2.0
_ATTACH_S: Final = 60.0
# Codes by which the engine says that it cannot read what it has written.
# https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
_UNREADABLE: Final = frozenset(
    {
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        32,  # ATTEMPT_TO_READ_AFTER_EOF
        33,  # CANNOT_READ_ALL_DATA
        40,  # CHECKSUM_DOESNT_MATCH
        246,  # CORRUPTED_DATA
        432,  # UNKNOWN_CODEC
    }
)
# What `bytes_on_disk` leaves out; there is something in each of them.
_UNCOUNTED: Final = frozenset(
    {
        "checksums.txt",
        "columns.txt",
        "columns_substreams.txt",
        "default_compression_codec.txt",
        "metadata_version.txt",
    }
)
_PARTS: Final = """
SELECT database, table, name, path, active, partition_id AS partition, rows, bytes_on_disk AS bytes,
    min_block_number AS first_block, max_block_number AS last_block, level
FROM system.parts
WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')
"""

_SET_ASIDE: Final = """
SELECT name FROM system.detached_parts
WHERE database = {database} AND table = {table} AND startsWith(reason, 'broken') AND position(name, {name}) > 0
"""

Alone = Callable[[], AbstractContextManager[None]]
"""Within it, no request is under way but those that outlast all patience."""


class DataPart(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `system.parts`: what the engine has in memory of a part."""

    database: str
    table: str
    name: str
    path: str
    active: bool
    partition: str
    rows: int
    bytes: int
    first_block: int
    last_block: int
    level: int

    @property
    def place(self) -> str:
        """The table, quoted."""
        return f"{quote(self.database, '`')}.{quote(self.table, '`')}"

    def was_merged_from(self, other: "DataPart") -> bool:
        """Whether the other went into this one, by the numbers of the blocks that both hold, and by what came last."""
        return (
            (self.database, self.table, self.partition) == (other.database, other.table, other.partition)
            and self.level > other.level
            and self.first_block <= other.first_block
            and other.last_block <= self.last_block
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An active part that is not whole, and whether what it was merged from still is."""

    part: DataPart
    can_be_undone: bool


_decode = msgspec.json.Decoder(DataPart, strict=False).decode


class PartWatch:
    """Looks at new parts every few seconds, and at once when a question hits one that cannot be read."""

    def __init__(self, path: str, alone: Alone) -> None:
        """`path` is the engine's; `alone` keeps requests away while a table is attached anew."""
        self._path = path
        self._alone = alone
        self._whole: set[str] = set()
        self._reported: set[str] = set()
        self._away: set[str] = set()
        self._looking = threading.Lock()

    def run(self, stopping: threading.Event) -> None:
        """Look again and again until `stopping`."""
        while not stopping.wait(_LOOK_S):
            try:
                self.look()
            except EngineError as error:
                _log_line(f"cannot look at its parts: {error}")

    def undone(self, error: EngineError) -> EngineError:
        """The error as the client is to hear it: where a broken part was the cause and is none any more, ask again.

        The caller must not be counted among the requests under way.
        """
        if error.code not in _UNREADABLE or not self.look():
            return error
        return EngineError(
            "Code: 236. DB::Exception: A part was not whole on disk and was undone; ask again. (ABORTED)"
        )

    def look(self) -> int:
        """Undo what is broken and can be undone; returns how many parts that were, in this look or one just before."""
        with self._looking:
            self._all_come_back()
            parts = self._parts()
            broken = list(self._broken(parts))
            undone = [one.part for one in broken if one.can_be_undone]
            for place in sorted({part.place for part in undone}):
                self._attach_anew(place, [part for part in undone if part.place == place])
            for part in (one.part for one in broken if not one.can_be_undone):
                self._log_once(part)
            return len(undone)

    def _broken(self, parts: Collection[DataPart]) -> Iterable[Broken]:
        active = [part for part in parts if part.active]
        self._whole &= {part.path for part in active}
        for part in active:
            if part.path in self._whole:
                continue
            if is_whole(part):
                self._whole.add(part.path)
            elif self._is_still_active(part):  # or it was merged and taken away while we measured
                yield Broken(part=part, can_be_undone=can_be_undone(part, parts))

    def _attach_anew(self, place: str, broken: Collection[DataPart]) -> None:
        _log_line(f"not whole on disk, so {place} goes back to what it was merged from: {_names(broken)}")
        with self._alone(), Session(self._path) as session:
            session.query(f"DETACH TABLE {place} SYNC".encode(), "Null")
            self._away.add(place)
            attach(session, place)
            self._away.discard(place)
            self._let_go(session, broken)

    def _all_come_back(self) -> None:
        """Try to attach the tables that an earlier look could not attach: once each, for all questions wait for it."""
        if self._away:
            with self._alone(), Session(self._path) as session:
                for place in sorted(self._away):
                    self._come_back_now(session, place)

    def _come_back_now(self, session: Session, place: str) -> None:
        with suppress(EngineError):
            attach(session, place, patience_s=0)
            self._away.discard(place)
            _log_line(f"{place} is attached again")

    def _let_go(self, session: Session, broken: Collection[DataPart]) -> None:
        """Remove what was set aside: its rows are all there again, and the disk is short of room."""
        session.prepare("", {"allow_drop_detached": "1"})
        for part in broken:
            aside = session.query(_SET_ASIDE.format(**_quoted(part)).encode(), "JSONEachRow").body
            for line in aside.splitlines():
                name = quote(msgspec.json.decode(line)["name"], "'")
                session.query(f"ALTER TABLE {part.place} DROP DETACHED PART {name}".encode(), "Null")

    def _log_once(self, part: DataPart) -> None:
        if part.path not in self._reported:
            self._reported.add(part.path)
            _log_line(f"{part.name} of {part.place} is not whole on disk, nor are its sources; rows are lost")

    def _is_still_active(self, part: DataPart) -> bool:
        return any(other.active and other.path == part.path for other in self._parts())

    def _parts(self) -> list[DataPart]:
        with Session(self._path) as session:
            listed = session.query(_PARTS.encode(), "JSONEachRow").body
        return [_decode(line) for line in listed.splitlines()]


def is_whole(part: DataPart) -> bool:
    """Whether the files of a part are there with all their bytes; a part that is gone is not."""
    try:
        sizes = {entry.name: entry.stat().st_size for entry in os.scandir(Path(part.path))}
    except FileNotFoundError:
        return False
    counted = sum(size for name, size in sizes.items() if name not in _UNCOUNTED)
    return counted >= part.bytes and all(sizes.get(name, 1) for name in _UNCOUNTED)


def can_be_undone(part: DataPart, parts: Collection[DataPart]) -> bool:
    """Whether all that was merged into a part is still there, so that the engine can go back to it.

    Two proofs are asked for. None of the sources is broken, or it can be undone itself. And they have as many rows
    as the part: merging never adds one, so fewer mean that a source is gone. The second alone would not do, for rows
    that are there twice until they are merged could stand in for those of a broken source.
    """
    sources = merged_into(part, parts)
    return sum(source.rows for source in sources) >= part.rows and all(
        is_whole(source) or can_be_undone(source, parts) for source in sources
    )


def merged_into(part: DataPart, parts: Collection[DataPart]) -> list[DataPart]:
    """What a part was merged from, without what those were merged from in their turn."""
    earlier = [other for other in parts if not other.active and part.was_merged_from(other)]
    return [one for one in earlier if not any(other.was_merged_from(one) for other in earlier)]


def attach(session: Session, place: str, *, patience_s: float = _ATTACH_S, wait_s: float = _LOOK_S) -> None:
    """Attach a table, again where that fails, on a full disk say; until it is there, every question for it fails.

    Raises:
        EngineError: it failed for as long as that.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(EngineError),
        stop=tenacity.stop_after_delay(patience_s),
        wait=tenacity.wait_fixed(wait_s),
        before_sleep=lambda _: _log_line(f"{place} cannot be attached yet; trying again"),
        reraise=True,
    )
    # One that the engine attached although it reported a failure is there already.
    retrying(session.query, f"ATTACH TABLE IF NOT EXISTS {place}".encode(), "Null")


def _quoted(part: DataPart) -> dict[str, str]:
    return {field: quote(getattr(part, field), "'") for field in ("database", "table", "name")}


def _names(parts: Iterable[DataPart]) -> str:
    return ", ".join(part.name for part in parts)


def _log_line(what: str) -> None:
    sys.stderr.write(f"engine: {what}\n")
    sys.stderr.flush()
