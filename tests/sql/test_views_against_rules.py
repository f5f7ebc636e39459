"""The views give, row by row, what the plain rules of streams.rules make of the same records (V, X, B, M1, M2)."""

import os
from functools import cached_property
from typing import Final

import pytest
from clickhouse_connect.driver.client import Client

from schemas.reference import policies
from sql.as_of import as_of
from streams.clickhouse.inlined_views import Whole
from streams.months.month import read_month
from streams.rules.months import MonthMinutes, evaluate_month, percent
from tests.sql.loading import load
from tests.sql.oracle import Judged, count_minutes, judge
from tests.sql.world import MONTH, SERVICES, ZONE, build_world

# More of them: ZECTO_TEST_SEEDS=200 pytest tests/sql
SEEDS = range(int(os.environ.get("ZECTO_TEST_SEEDS", "8")))

pytestmark = [pytest.mark.engine, pytest.mark.deep]


class Stored:
    """The world of a seed, stored once for all that is asked of it, and what the rules make of it."""

    def __init__(self, client: Client, seed: int) -> None:
        self.client: Final = client
        self.world: Final = build_world(seed, policies()[0])
        load(client, self.world)

    @cached_property
    def judged(self) -> Judged:
        return judge(self.world)


@pytest.fixture(scope="module", params=SEEDS)
def stored(module_client: Client, request: pytest.FixtureRequest) -> Stored:
    return Stored(module_client, request.param)


def test_every_minute_of_a_random_month_follows_the_rules(stored: Stored) -> None:
    client, world = stored.client, stored.world
    expected, _, _ = stored.judged
    asked = {"month": MONTH, "policy": world.policy.policy_id}
    rows = client.query(
        "SELECT service, toUInt32(minute) * 1000, state, kind, down_low, down_high FROM verdicts("
        "month = {month:String}, policy = {policy:String})",
        parameters=asked,
    ).result_rows
    found = {(service, minute): (state, kind, low, high) for service, minute, state, kind, low, high in rows}
    wanted = {
        place: (verdict.state.value, verdict.kind or "", int(verdict.bad_low), int(verdict.bad_high))
        for place, verdict in expected.items()
    }
    differing = {place: (found.get(place), wanted[place]) for place in wanted if found.get(place) != wanted[place]}
    assert not differing
    assert len(found) == len(wanted)


def test_the_month_and_its_declarations_follow_the_rules(stored: Stored) -> None:
    client, world = stored.client, stored.world
    verdicts, facts, exclusions = stored.judged
    month = read_month(client, month=MONTH, policy_id=world.policy.policy_id, zone=ZONE, in_force=True)
    for service in SERVICES:
        own = [verdict for (name, _), verdict in verdicts.items() if name == service]
        states = [verdict.state.value for verdict in own]
        sums = MonthMinutes(
            total=world.span.total_minutes,
            down=states.count("down"),
            down_low=sum(verdict.bad_low for verdict in own),
            down_high=sum(verdict.bad_high for verdict in own),
            excluded=states.count("excluded"),
            blind=states.count("blind"),
        )
        uptime = evaluate_month(sums, world.policy, in_force=True)
        found = month.services[service]
        assert (found.down_minutes, found.down_minutes_low, found.down_minutes_high, found.blind_minutes) == (
            sums.down,
            sums.down_low,
            sums.down_high,
            sums.blind,
        )
        assert (found.uptime, found.uptime_low, found.uptime_high, found.credit_uptime, found.credit_percent) == (
            percent(uptime.uptime),
            percent(uptime.uptime_low),
            percent(uptime.uptime_high),
            percent(uptime.credit),
            uptime.credit_percent,
        )
        doubts = [found_ for (name, _), found_ in facts.items() if name == service]
        assert found.missing_records == sum(f.requests.missing + f.messages.missing for f in doubts)
        assert found.unknown_records == sum(
            tally.unknown + tally.pending for f in doubts for tally in (f.requests, f.messages)
        )
        # V4
        assert found.total_minutes == (
            found.good_minutes
            + found.down_minutes
            + sum(found.excluded_minutes.values())
            + found.idle_minutes
            + found.blind_minutes
            + found.pending_minutes
        )
    excluded = {place: verdict.kind for place, verdict in verdicts.items() if verdict.kind is not None}
    assert [
        (listed.declaration_id, listed.revision, listed.kind, listed.reason, listed.minutes)
        for listed in month.listed_declarations
    ] == [
        (listed.declaration_id, listed.revision, listed.kind, listed.reason.value, listed.minutes)
        for listed in exclusions.listed(excluded)
    ]


def test_the_counts_of_every_minute_are_of_distinct_records(stored: Stored) -> None:
    client, world = stored.client, stored.world
    names = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown", "out_of_scope")
    rows = client.query("SELECT *, toUInt32(minute) * 1000 AS at_ms FROM minutes FINAL").named_results()
    found = {(row["service"], row["at_ms"]): row for row in rows}
    counted = count_minutes(world)
    assert found.keys() == counted.keys()
    for place, counts in counted.items():
        row = found[place]
        assert {name: row[f"requests_{name}"] for name in names} == {
            name: counts.requests.get(name, 0) for name in names
        }
        message_names = (*names, "accepted", "enroute")
        assert {name: row[f"messages_{name}"] for name in message_names} == {
            name: counts.messages.get(name, 0) for name in message_names
        }
        assert (row["probes_ok"], row["probes_failed"]) == (counts.probes_ok, counts.probes_failed)
        assert (row["conflicts"], row["version"]) == (counts.conflicts, counts.version)


def test_a_question_in_one_piece_has_the_views_answer(stored: Stored) -> None:
    client, world = stored.client, stored.world
    asked = {"month": MONTH, "policy": world.policy.policy_id}
    for view in ("verdicts", "months", "source_completeness", "listed_declarations", "month_progress"):
        question = f"SELECT * FROM {view}(month = {{month:String}}, policy = {{policy:String}}) ORDER BY ALL"
        assert Whole(client, asked).columns(question) == client.query(question, parameters=asked).result_columns, view
        known = as_of(question)
        plain = client.query(known, parameters={**asked, "as_of": world.frontier_ms}).result_columns
        assert Whole(client, asked, cut_ms=world.frontier_ms).columns(question) == plain, view
