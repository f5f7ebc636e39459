"""What doctor finds of workers, lag, frontiers, pending blocks, gaps and lost records, edge by edge."""

from typing import Any

import pytest

from streams.kafka.groups import Member
from streams.operations.doctor import reading
from streams.operations.doctor.codes import FindingCode, Level
from streams.operations.doctor.describe import describe
from streams.operations.doctor.records import judge_lost

NOW_MS = 1_788_430_020_000
REQUESTS, PROBES = ("api.requests", 0), ("probes", 0)


def frontier(
    topic: str = "api.requests", *, evaluated_next: int = 0, age_ms: int = 0, topic_id: str = "a"
) -> dict[str, Any]:
    return {
        "topic": topic,
        "topic_id": topic_id,
        "partition": 0,
        "evaluated_next": evaluated_next,
        "frontier_ms": NOW_MS - age_ms,
    }


def covered(*, gaps: list[tuple[int, int]] | None = None, owed: int = 0, age_ms: int = 0) -> dict[str, Any]:
    return {
        "topic": "api.requests",
        "topic_id": "a",
        "partition": 0,
        "gaps": gaps or [],
        "owed": owed,
        "oldest_owed_ms": NOW_MS - age_ms,
    }


def test_an_unread_partition_is_named_and_an_empty_group_reported() -> None:
    assert reading.judge_workers([], [REQUESTS]).level is Level.FAULT
    one = Member(member_id="m", host="h", partitions=frozenset({REQUESTS}))
    assert reading.judge_workers([one], [REQUESTS]).level is Level.OK
    found = reading.judge_workers([one], [REQUESTS, PROBES])
    unread = [{"topic": "probes", "partition": 0}]
    assert (found.code, found.fields) == (
        FindingCode.PARTITIONS_UNREAD,
        {"members": 1, "partitions": 1, "unread": unread},
    )
    assert describe(found).said.endswith("nobody reads probes/0")


def test_what_retention_took_after_counting_is_no_lag() -> None:
    ends, starts = {REQUESTS: 10}, {REQUESTS: 10}
    assert reading.judge_lag(ends, starts, [frontier(evaluated_next=10)]).code is FindingCode.LAG_NONE
    assert reading.judge_taken(starts, [frontier(evaluated_next=10)]).level is Level.OK


def test_lag_names_the_partition_furthest_behind_first() -> None:
    found = reading.judge_lag({REQUESTS: 10, PROBES: 1_234}, {}, [frontier(evaluated_next=9)])
    assert (found.code, found.fields) == (FindingCode.LAG, {"offsets": 1_235})
    assert describe(found).said == "1,235 offsets are not counted yet: probes/0 by 1,234, api.requests/0 by 1"


def test_b3_one_offset_taken_unread_is_reported() -> None:
    found = reading.judge_taken({REQUESTS: 10, PROBES: 0}, [frontier(evaluated_next=9), frontier("probes")])
    assert (found.level, found.details) == (
        Level.WARNING,
        [{"topic": "api.requests", "partition": 0, "first": 9, "next": 10}],
    )
    assert "api.requests/0 [9, 10)" in describe(found).said


def test_b3_what_was_taken_of_an_unread_partition_is_reported() -> None:
    assert reading.judge_taken({REQUESTS: 3}, []).details == [
        {"topic": "api.requests", "partition": 0, "first": 0, "next": 3}
    ]


@pytest.mark.parametrize(
    ("age_ms", "level"),
    [(60_000, Level.OK), (60_001, Level.WARNING), (600_000, Level.WARNING), (600_001, Level.FAULT)],
)
def test_a_stuck_frontier_and_block_warn_then_are_a_fault(age_ms: int, level: Level) -> None:
    assert reading.judge_frontiers([frontier(age_ms=age_ms), frontier("probes")], NOW_MS).level is level
    assert reading.judge_pending([covered(owed=1, age_ms=age_ms)], NOW_MS).level is level


def test_the_oldest_partition_of_a_topic_speaks_for_it() -> None:
    found = reading.judge_frontiers([frontier(), frontier(age_ms=90_000)], NOW_MS)
    assert [detail["age_ms"] for detail in found.details] == [90_000]
    assert reading.judge_frontiers([], NOW_MS).level is Level.FAULT


def test_a_gap_is_in_flight_while_the_frontier_moves() -> None:
    row, ids = covered(gaps=[(3, 7)]), {"api.requests": "a"}
    moving = reading.judge_coverage([row], ids, [frontier(age_ms=600_000)], NOW_MS)
    assert moving.code is FindingCode.GAPS_IN_FLIGHT
    assert describe(moving).said == "in flight, or a gap: api.requests/0 [3, 7)"
    for stuck in ([frontier(age_ms=600_001)], []):
        found = reading.judge_coverage([row], ids, stuck, NOW_MS)
        assert (found.code, found.details) == (
            FindingCode.GAPS,
            [{"topic": "api.requests", "partition": 0, "first": 3, "next": 7}],
        )
    assert reading.judge_coverage([covered()], ids, [], NOW_MS).level is Level.OK


def test_an_earlier_incarnations_gap_is_part_of_its_hole() -> None:
    row = covered(gaps=[(3, 7)])
    assert reading.judge_coverage([row], {"api.requests": "b"}, [], NOW_MS).level is Level.OK
    assert reading.judge_coverage([row], {}, [], NOW_MS).level is Level.FAULT


def test_b3_holes_of_two_partitions_blind_the_same_minutes_once() -> None:
    hole = {"topic": "probes", "partition": 0, "cause": "taken", "first": 3, "next": 7}
    spans = [{**hole, "from_ms": NOW_MS, "to_ms": NOW_MS + 60_000}, {**hole, "from_ms": NOW_MS, "to_ms": NOW_MS}]
    found = judge_lost(spans, zone="Asia/Karachi", lead_ms=300_000)
    assert [detail["blind_minutes"] for detail in found.details] == [7, 6]
    assert found.fields == {"times": 2, "blind_minutes": 7, "months": ["2026-09"], "recreated": []}
    assert describe(found).said == "2 times records were gone before they were read, which blinds 7 minutes of 2026-09"
    declared = judge_lost([{**spans[0], "topic": "sla.declarations"}], zone="Asia/Karachi", lead_ms=300_000)
    assert (declared.level, "blinds" in describe(declared).said) == (Level.WARNING, False)
    assert judge_lost([], zone="Asia/Karachi", lead_ms=0).level is Level.OK
