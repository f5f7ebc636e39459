"""Whether a part that is not whole can be undone: only where all that was merged into it is there and whole."""

from pathlib import Path
from typing import cast

import pytest

from streams.stack.engine_query import EngineError, Result, Session
from streams.stack.part_watch import DataPart, attach, can_be_undone, merged_into

BYTES = 100


def part(
    directory: Path,
    first: int,
    last: int,
    *,
    rows: int,
    cut_short: bool = False,
    active: bool = False,
    level: int | None = None,
) -> DataPart:
    """A part of blocks `first` to `last`, on disk with all its bytes or with half of them."""
    level = last - first if level is None else level
    path = directory / f"all_{first}_{last}_{level}"
    path.mkdir()
    (path / "data.bin").write_bytes(bytes(BYTES // 2 if cut_short else BYTES))
    return DataPart(
        database="zecto",
        table="ledger_requests",
        name=path.name,
        path=str(path),
        active=active,
        partition="202609",
        rows=rows,
        bytes=BYTES,
        first_block=first,
        last_block=last,
        level=level,
    )


def test_a_part_wholly_held_by_others_can_be_undone(tmp_path: Path) -> None:
    merged = part(tmp_path, 1, 3, rows=30, cut_short=True, active=True)
    sources = [part(tmp_path, number, number, rows=10) for number in (1, 2, 3)]
    assert can_be_undone(merged, [merged, *sources])
    assert not can_be_undone(merged, [merged, *sources[:2]]), "one is gone: ten rows are missing"
    assert not can_be_undone(merged, [merged]), "nothing is left"


def test_rows_held_twice_do_not_replace_a_broken_source(tmp_path: Path) -> None:
    # Three inserts of ten rows; the second repeats the first, so that twenty were left of thirty.
    merged = part(tmp_path, 1, 3, rows=20, cut_short=True, active=True)
    first, again = part(tmp_path, 1, 1, rows=10), part(tmp_path, 2, 2, rows=10)
    broken = part(tmp_path, 3, 3, rows=10, cut_short=True)
    assert first.rows + again.rows >= merged.rows
    assert not can_be_undone(merged, [merged, first, again, broken])


def test_a_broken_source_that_can_be_undone_does_no_harm(tmp_path: Path) -> None:
    merged = part(tmp_path, 1, 3, rows=30, cut_short=True, active=True)
    between = part(tmp_path, 1, 2, rows=20, cut_short=True)
    sources = [part(tmp_path, number, number, rows=10) for number in (1, 2, 3)]
    assert merged_into(merged, [merged, between, *sources]) == [between, sources[2]]
    assert can_be_undone(merged, [merged, between, *sources])
    assert not can_be_undone(merged, [merged, between, *sources[1:]])


def test_what_a_whole_source_was_merged_from_may_be_broken(tmp_path: Path) -> None:
    merged = part(tmp_path, 1, 3, rows=30, cut_short=True, active=True)
    between, third = part(tmp_path, 1, 2, rows=20), part(tmp_path, 3, 3, rows=10)
    broken = part(tmp_path, 1, 1, rows=10, cut_short=True)
    assert can_be_undone(merged, [merged, between, broken, third])


def test_the_later_of_two_generations_was_merged_from_the_earlier(tmp_path: Path) -> None:
    merged = part(tmp_path, 1, 3, rows=20, cut_short=True, active=True, level=9)
    earlier, later = part(tmp_path, 1, 2, rows=10, level=1), part(tmp_path, 1, 2, rows=10, level=2)
    third = part(tmp_path, 3, 3, rows=10)
    assert merged_into(merged, [merged, earlier, later, third]) == [later, third]
    assert can_be_undone(merged, [merged, earlier, later, third])


class FullDisk:
    """A session that cannot attach a table the first few times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.asked: list[bytes] = []

    def query(self, text: bytes, _output_format: str) -> Result:
        self.asked.append(text)
        if len(self.asked) <= self.failures:
            raise EngineError("Code: 243. DB::Exception: no room (NOT_ENOUGH_SPACE)")
        return Result(body=b"")


def test_a_table_that_cannot_be_attached_is_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    session = FullDisk(failures=2)
    attach(cast("Session", session), "`zecto`.`minutes`", wait_s=0)
    assert session.asked == [b"ATTACH TABLE IF NOT EXISTS `zecto`.`minutes`"] * 3
    assert capsys.readouterr().err.count("cannot be attached yet") == 2


def test_without_patience_it_is_tried_once() -> None:
    session = FullDisk(failures=2)
    with pytest.raises(EngineError, match="no room"):
        attach(cast("Session", session), "`zecto`.`minutes`", patience_s=0)
    assert len(session.asked) == 1
