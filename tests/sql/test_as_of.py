"""As known at a cut is what the plain views make of the records known before it, read to the cut (I2, B5)."""

import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from schemas.reference import policies
from sql.as_of import as_of
from streams.months.month import MonthSummary, read_month, read_month_as_of
from tests.sql.loading import load
from tests.sql.test_views_against_rules import SEEDS
from tests.sql.world import MONTH, ZONE, World, build_world

_CUTS = 3
# Minutes of which nothing is told are counted by the month.
_VERDICTS = """
SELECT * FROM verdicts(month = {month:String}, policy = {policy:String})
WHERE version > 0 OR requests_missing + messages_missing > 0 OR state NOT IN ('idle', 'pending')
ORDER BY service, minute
"""


def _known_before(world: World, cut_ms: int) -> World:
    """The world of which nothing more is there than was known before the cut, all of it read."""
    known = {
        name: [
            row
            for row in rows
            if (row["last_recorded_at"] <= cut_ms if name == "lost" else row["recorded_at"] < cut_ms)
        ]
        for name, rows in world.tables.items()
    }
    return replace(world, tables=known, frontier_ms=cut_ms, receipts_frontier_ms=cut_ms)


def _cuts(world: World) -> list[int]:
    """At random, at the edge of a record, at the edge of a hole, and long after everything."""
    dice = random.Random(world.seed)
    edges = [row["recorded_at"] for name, rows in world.tables.items() if name != "lost" for row in rows]
    edges += [row["last_recorded_at"] for row in world.tables["lost"]]
    drawn = [dice.choice(edges) + dice.choice((0, 1)) for _ in range(_CUTS - 2)]
    within = dice.randrange(world.span.start_ms, world.span.end_ms + 5 * 86_400_000)
    return [*drawn, within, world.span.end_ms + 9 * 86_400_000]


def _asked(world: World) -> dict[str, Any]:
    return {"month": MONTH, "policy_id": world.policy.policy_id, "zone": ZONE, "in_force": True}


def _minutes(client: Client, world: World, cut_ms: int | None) -> list[tuple[Any, ...]]:
    asked: dict[str, Any] = {"month": MONTH, "policy": world.policy.policy_id}
    if cut_ms is None:
        return list(client.query(_VERDICTS, parameters=asked).result_rows)
    return list(client.query(as_of(_VERDICTS), parameters={**asked, "as_of": cut_ms}).result_rows)


def _told(month: MonthSummary) -> MonthSummary:
    """The reasons tell of topics at a cut, and of partitions now: the rest is the same."""
    reasons = [msgspec.structs.replace(reason, partition=None) for reason in month.incomplete_because]
    return msgspec.structs.replace(month, incomplete_because=reasons)


@pytest.mark.deep
@pytest.mark.engine
@pytest.mark.parametrize("seed", SEEDS[: max(3, len(SEEDS) // 4)])
def test_a_month_as_of_a_cut_counts_what_came_before(empty: Client, seed: int) -> None:
    world = build_world(seed, policies()[0])
    load(empty, world)
    at_cuts = [
        (cut_ms, read_month_as_of(empty, **_asked(world), cut_ms=cut_ms), _minutes(empty, world, cut_ms))
        for cut_ms in _cuts(world)
    ]
    for cut_ms, month, minutes in at_cuts:
        load(empty, _known_before(world, cut_ms))
        assert _told(month) == _told(read_month(empty, **_asked(world))), cut_ms
        assert minutes == _minutes(empty, world, None), cut_ms
