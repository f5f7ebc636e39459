"""Archives as blocks: in order, once each, with the holes that are lost told from those that are markers."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.core.errors import UsageError, ZectoError
from streams.kafka.archive import ArchivedRecord, format_line
from streams.operations.archives import ArchiveHole, blocks_of, find_archives, read_archives

TOPIC = "probes"


def _record(offset: int, partition: int = 0, *, topic: str = TOPIC, value: str = "v") -> ArchivedRecord:
    return ArchivedRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp_ms=1000 + offset,
        key=None,
        value=value,
        headers=[],
    )


def _file(folder: Path, name: str, *records: ArchivedRecord) -> Path:
    path = folder / f"{name}.ndjson.gz"
    path.write_bytes(gzip.compress(b"".join(format_line(record) + b"\n" for record in records)))
    return path


def _spans(records: Sequence[ArchivedRecord], lost: Sequence[ArchiveHole] = ()) -> list[tuple[int, int, int, bool]]:
    return [
        (block.partition, block.first, block.next, gone is not None)
        for block, gone in blocks_of(TOPIC, "life", records, lost)
    ]


def test_archives_are_found_by_content_and_empty_ones_left_out(tmp_path: Path) -> None:
    one = _file(tmp_path, "a", _record(0))
    other = _file(tmp_path, "b", _record(0, topic="accounts"))
    _file(tmp_path, "c")
    assert find_archives([tmp_path]) == {TOPIC: [one], "accounts": [other]}
    assert find_archives([one]) == {TOPIC: [one]}
    with pytest.raises(UsageError, match="no archive"):
        find_archives([tmp_path / "a.ndjson.gz.d", tmp_path][:0])


def test_what_several_archives_hold_comes_once_and_in_order(tmp_path: Path) -> None:
    files = [
        _file(tmp_path, "new", _record(1), _record(2), _record(0, 1)),
        _file(tmp_path, "old", _record(0), _record(1)),
    ]
    found = [(record.partition, record.offset) for record in read_archives(TOPIC, files)]
    assert found == [(0, 0), (0, 1), (0, 2), (1, 0)]


def test_repeated_places_disorder_and_mixed_topics_are_refused(tmp_path: Path) -> None:
    files = [_file(tmp_path, "a", _record(0)), _file(tmp_path, "b", _record(0, value="another"))]
    with pytest.raises(ZectoError, match=r"two records of probes/0@0, as of a topic that was created anew"):
        list(read_archives(TOPIC, files))
    with pytest.raises(ZectoError, match="not in order at probes/0@0"):
        list(read_archives(TOPIC, [_file(tmp_path, "c", _record(1), _record(0))]))
    with pytest.raises(ZectoError, match="an archive is of one topic"):
        list(read_archives(TOPIC, [_file(tmp_path, "d", _record(0), _record(1, topic="accounts"))]))


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(format_line(_record(0)) + b"\n{}\n")
    with pytest.raises(ZectoError, match=r"x\.ndjson:2: not a line of an archive"):
        list(read_archives(TOPIC, [path]))


def test_blocks_of_a_partition_follow_each_other_and_span_markers() -> None:
    assert _spans([_record(0), _record(1), _record(4), _record(0, 1)]) == [(0, 0, 5, False), (1, 0, 1, False)]


def test_what_is_missing_before_the_first_record_is_lost() -> None:
    assert _spans([_record(3), _record(4)]) == [(0, 3, 5, True)]


def test_a_hole_is_lost_if_both_sides_are_dated() -> None:
    records = [_record(0), _record(5), _record(9)]
    assert _spans(records, [ArchiveHole(TOPIC, 1000, 1005)]) == [(0, 0, 1, False), (0, 5, 10, True)]
    assert _spans(records, [ArchiveHole("accounts", 1000, 1005)]) == [(0, 0, 10, False)]


def test_blocks_are_of_a_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.operations.archives._BLOCK_RECORDS", 2)
    assert _spans([_record(offset) for offset in range(5)]) == [
        (0, 0, 2, False),
        (0, 2, 4, False),
        (0, 4, 5, False),
    ]
