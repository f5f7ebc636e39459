"""B5: what is not yet known to be complete, to the millisecond, and why a month is not."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS
from schemas.reference import input_topics
from streams.months.incomplete import IncompleteCode, IncompleteReason
from streams.months.month import read_month
from tests.sql.scenario import HOUR_MS, RECEIPTS, REQUESTS, Scenario

pytestmark = [pytest.mark.engine, pytest.mark.deep]

GRACE_MS = 60_000


def because(
    code: IncompleteCode, topic: str, partition: int = 0, *, seen_to: str | None = None, until: str | None = None
) -> IncompleteReason:
    return IncompleteReason(code=code, topic=topic, partition=partition, seen_to=seen_to, until=until)


def test_b5_a_minute_is_pending_until_the_grace_is_over(
    month: Scenario,
) -> None:
    month.minute(7).requests(platform=1)
    month.frontier(month.ms(8) + GRACE_MS - 1)
    assert month.states([6, 7]) == ["idle", "pending"]
    month.frontier(month.ms(8) + GRACE_MS)
    assert month.states([7, 8]) == ["down", "pending"]


def test_b5_the_grace_is_the_policys(month: Scenario) -> None:
    month.frontier(month.ms(8) + 5)
    assert month.rule(grace_ms=5).states([7, 8]) == ["idle", "pending"]
    assert month.rule(grace_ms=6).states([6, 7]) == ["idle", "pending"]


@pytest.mark.parametrize("topic", [topic.name for topic in input_topics()])
def test_b5_the_frontier_is_the_least_over_all_input_topics(month: Scenario, topic: str) -> None:
    month.frontier(month.ms(7), topic)
    assert month.states([5, 6]) == ["idle", "pending"]


def test_b5_the_frontier_is_the_least_over_all_partitions_listed(month: Scenario) -> None:
    month.listing(partitions={REQUESTS: 2}).frontier(month.ms(7), REQUESTS, partition=1)
    assert month.states([5, 6]) == ["idle", "pending"]


def test_b5_a_partition_nobody_has_read_holds_everything_back(month: Scenario) -> None:
    assert month.verdict(0).state == "idle"
    assert month.listing(partitions={"probes": 2}).verdict(0).state == "pending"


def test_b5_a_topic_that_was_never_listed_holds_everything_back(month: Scenario) -> None:
    month.listing(without="probes")
    assert month.verdict(0).state == "pending"
    assert because(IncompleteCode.NOT_READ_YET, "probes") in month.result().incomplete_because


def test_b5_no_frontier_reaches_beyond_the_listing(month: Scenario) -> None:
    month.frontier(month.span.end_ms + 90 * HOUR_MS).listing(month.ms(7))
    assert month.states([5, 6]) == ["idle", "pending"]


def test_b5_pending_minutes_count_as_up_in_headline_and_bounds(month: Scenario) -> None:
    month.minute(7).requests(platform=1, unknown=1)
    month.frontier(month.ms(7))
    found = month.service()
    assert (found["uptime_low"], found["uptime"], found["uptime_high"]) == ("100.0000",) * 3
    assert found["pending_minutes"] == 43_200 - 6


def test_b5_a_month_is_complete_72_hours_after_its_end(month: Scenario) -> None:
    closes_at_ms = month.span.end_ms + 72 * HOUR_MS
    before = month.frontier(closes_at_ms - 1).listing(closes_at_ms - 1).result()
    reason = because(
        IncompleteCode.RECEIPTS_MAY_COME,
        RECEIPTS,
        seen_to="2026-10-03T18:59:59.999Z",
        until="2026-10-03T19:00:00Z",
    )
    assert (before.complete, before.incomplete_because) == (False, [reason])
    after = month.frontier(closes_at_ms).listing(closes_at_ms).result()
    assert (after.complete, after.incomplete_because) == (True, [])


def test_b5_a_month_with_a_pending_minute_is_incomplete(month: Scenario) -> None:
    month.rule(receipt_wait_ms=0)
    for over_ms, complete in ((GRACE_MS - 1, False), (GRACE_MS, True)):
        at_ms = month.span.end_ms + over_ms
        found = month.frontier(at_ms).listing(at_ms).result()
        assert found.complete is complete
        assert {minutes.pending_minutes for minutes in found.services.values()} == {0 if complete else 1}


def test_b5_an_older_backlog_keeps_the_month_open(month: Scenario) -> None:
    listed_at_ms = month.span.end_ms + 100 * HOUR_MS
    month.listing(listed_at_ms).frontier(listed_at_ms)
    month.frontier(listed_at_ms - GRACE_MS, REQUESTS)
    assert month.result().complete
    month.frontier(listed_at_ms - GRACE_MS - 1, REQUESTS)
    found = month.result()
    reason = because(IncompleteCode.BACKLOG_UNREAD, REQUESTS, seen_to="2026-10-04T22:58:59.999Z")
    assert (found.complete, found.incomplete_because) == (False, [reason])


def test_b5_every_partition_that_holds_the_month_back_is_named(month: Scenario) -> None:
    month.listing(partitions={REQUESTS: 3}).frontier(month.ms(7) + MINUTE_MS, REQUESTS, partition=2)
    unread, pending, backlog = month.result().incomplete_because
    assert unread == because(IncompleteCode.NOT_READ_YET, REQUESTS, 1)
    seen_to, until = "2026-08-31T19:08:00Z", "2026-09-30T19:01:00Z"
    code = IncompleteCode.BEFORE_MONTH_END_AND_GRACE
    assert pending == because(code, REQUESTS, 2, seen_to=seen_to, until=until)
    assert backlog == because(IncompleteCode.BACKLOG_UNREAD, REQUESTS, 2, seen_to=seen_to)


class Meanwhile:
    """A client; after so many of its questions the worker goes on."""

    def __init__(self, client: Client, worker: Callable[[], object], *, after: int) -> None:
        self._client = client
        self._worker = worker
        self._after = after

    def query(self, *asked: Any, **more: Any) -> Any:  # noqa: ANN401  as the client takes and gives it
        found = self._client.query(*asked, **more)
        self._after -= 1
        if self._after == 0:
            self._worker()
        return found


@pytest.mark.parametrize("questions", [1, 2, 3, 4])
def test_b5_completion_during_a_read_is_not_claimed_for_it(month: Scenario, questions: int) -> None:
    month.frontier(month.ms(8)).settle()
    later_ms = month.span.end_ms + 90 * HOUR_MS
    asking: Any = Meanwhile(month.client, lambda: month.frontier(later_ms).listing(later_ms).settle(), after=questions)
    policy = month.policy
    asked = {"month": month.name, "policy_id": policy.policy_id, "zone": policy.zone}
    found = read_month(asking, **asked, in_force=True)
    assert not (found.complete and found.services["sms"].pending_minutes)
    after = read_month(month.client, **asked, in_force=True)
    assert (after.complete, after.services["sms"].pending_minutes) == (True, 0)


_ATTEMPTS = 5

# Minutes that are shown as complete, by how many requests they are shown with.
_COMPLETE = {
    "verdicts": """
        SELECT countIf(requests_ok = 1), countIf(requests_ok = 0)
        FROM verdicts(month = {month:String}, policy = {policy:String})
        WHERE service = 'sms' AND state != 'pending'
    """,
    "months": """
        SELECT good_minutes, idle_minutes
        FROM months(month = {month:String}, policy = {policy:String})
        WHERE service = 'sms'
    """,
}


@pytest.mark.parametrize("view", _COMPLETE)
def test_b5_minutes_are_read_after_the_frontier_that_completes_them(month: Scenario, view: str) -> None:
    """Every minute has one request, and the worker goes on while the view is read."""
    _minute_by_minute(month, 0)
    later = itertools.count(1)
    # The scenario writes all frontiers anew, each time: a question that comes in between sees none, and all is pending.
    for _ in range(_ATTEMPTS):
        counted, uncounted = _told_meanwhile(month, _COMPLETE[view], later)
        assert uncounted == 0
        if counted:
            return
    pytest.fail("no minute was ever shown complete")


def _told_meanwhile(month: Scenario, question: str, later: Iterator[int]) -> tuple[int, int]:
    asked = {"month": month.name, "policy": month.policy.policy_id}
    with _slow_frontier(month.client), ThreadPoolExecutor(1) as user:
        answer = user.submit(month.client.query, question, asked)
        while not answer.done():
            _minute_by_minute(month, next(later))
    counted, uncounted = answer.result().first_row
    return int(counted), int(uncounted)


def _minute_by_minute(month: Scenario, number: int) -> None:
    month.minute(number).requests(ok=1)
    month.frontier(month.ms(number + 1) + GRACE_MS).settle()


@contextmanager
def _slow_frontier(client: Client) -> Iterator[None]:
    """Between the begin of a query and its reading of the frontier there is time for a worker, as on a busy machine."""
    [view] = [view.read_text("utf-8") for view in sql.views() if view.name.endswith("_topic_frontiers.sql")]
    slow = view.replace("FROM partition_frontiers", "FROM partition_frontiers WHERE (SELECT sleep(1)) = 0")
    assert slow != view
    client.command(slow)
    try:
        yield
    finally:
        client.command(view)
