"""Which months a worker judges next, and in which order."""

from dataclasses import replace
from typing import Final

from schemas.instants import parse_instant
from schemas.reference import policies
from streams.clickhouse.arrow import NO_CUT_MS
from streams.judge.changes import Look, MonthChanges
from streams.judge.progress import ReadProgress
from streams.rules.month.inputs import ReadPartition

_ZONE: Final = "Asia/Karachi"


def _look(read_to: str, **inserted: int) -> Look:
    """All is read to an instant; so often something was inserted into UTC months, `m202609=1`."""
    frontier_ms = parse_instant(read_to)
    return Look(
        progress=ReadProgress(
            partitions=(ReadPartition(topic="api.requests", partition=0, frontier_ms=frontier_ms),),
            as_of_ms=frontier_ms,
            known_before_ms=NO_CUT_MS,
            positions=0,
            insertions={("minutes", int(month[1:])): number for month, number in inserted.items()},
            may_have_lost=False,
        ),
        lost=(),
    )


def _changes(zone: str = _ZONE) -> MonthChanges:
    return MonthChanges(policy=replace(policies()[-1], zone=zone))


def _taken(changes: MonthChanges) -> list[str]:
    found = []
    while (month := changes.take()) is not None:
        found.append(month)
    return found


def test_at_first_all_months_with_minutes_wait() -> None:
    changes = _changes()
    changes.add(_look("2026-09-10T00:00:00Z", m202607=1, m202608=1))
    assert _taken(changes) == ["2026-09", "2026-08", "2026-07"]


def test_a_month_that_has_not_begun_does_not_wait() -> None:
    changes = _changes()
    changes.add(_look("2026-11-30T18:59:59Z", m202611=1))
    assert _taken(changes) == ["2026-11"]
    changes.add(_look("2026-11-30T19:00:00Z", m202611=2))
    assert "2026-12" in _taken(changes)


def test_west_of_utc_a_month_begins_in_another_utc_month() -> None:
    changes = _changes("America/Lima")
    changes.add(_look("2026-10-20T00:00:00Z", m202610=1))
    assert _taken(changes) == ["2026-10", "2026-09"]


def test_months_on_which_nothing_bears_do_not_wait() -> None:
    changes = _changes()
    changes.add(_look("2026-09-10T00:00:00Z", m200001=1, m202609=1))
    assert sorted(_taken(changes)) == ["2000-01", "2000-02", "2000-03", "2000-04", "2026-08", "2026-09"]


def test_without_a_change_none_waits() -> None:
    changes = _changes()
    changes.add(_look("2026-09-10T00:00:00Z", m202609=1))
    _taken(changes)
    changes.add(_look("2026-09-10T00:00:00Z", m202609=1))
    assert _taken(changes) == []


def test_where_all_change_all_the_time_each_has_its_turn() -> None:
    changes, taken = _changes(), []
    for number in range(8):
        changes.add(_look("2026-09-10T00:00:00Z", m202607=number, m202608=number, m202609=number))
        taken.append(changes.take())
    assert taken[::2] == ["2026-09"] * 4
    assert set(taken[1::2]) == {"2026-07", "2026-08"}


def test_what_could_not_be_judged_waits_again() -> None:
    changes = _changes()
    changes.add(_look("2026-09-10T00:00:00Z", m202609=1))
    month = changes.take()
    assert month == "2026-09"
    changes.put_back(month)
    assert _taken(changes) == ["2026-09"]
