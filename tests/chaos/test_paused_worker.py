"""A worker that stands still for longer than its session, then wakes: nothing was called complete that was not (B5).

Two workers share the partitions and traffic comes all the time. Nothing that is shown meanwhile may have to be taken
back: no count of a minute that is not pending, no frontier that some record lay unread behind.
"""

import signal
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from streams.stack.stack import EmbeddedStack
from tests.chaos.groups import members
from tests.chaos.live import LEEWAY_MS, Look, Traffic, Watch
from tests.chaos.load import pending
from tests.chaos.waiting import drain, until
from tests.conftest import StackFactory

pytestmark = pytest.mark.stack

_SESSION = {"ZECTO_KAFKA_SESSION_TIMEOUT_S": "6"}
_MINUTE_S = 60


# Anywhere; with rows in the ledger that no block tells of yet; with counts that are not yet told to anybody.
@pytest.mark.parametrize("place", ["", "ledger_inserted:20:stop", "evaluated:5:stop"])
def test_b5_no_minute_is_complete_while_a_worker_stands_still(
    fresh_stack: StackFactory, asking: Callable[[EmbeddedStack], Client], tmp_path: Path, place: str
) -> None:
    stack, marker = fresh_stack(worker=False), tmp_path / "marker"
    settings, client = stack.settings(), asking(stack)
    armed = {"ZECTO_FAILPOINT": place, "ZECTO_FAILPOINT_LOG": str(marker)}
    paused, other = stack.start_worker(_SESSION | armed), stack.start_worker(_SESSION)
    until(lambda: len(members(settings)) == 2, named="both workers")
    watch = Watch(client)
    with Traffic(settings) as traffic:
        watch.for_seconds(6)
        if place:
            watch.until(marker.exists, within_s=120, named=place)
        else:
            paused.process.send_signal(signal.SIGSTOP)
        watch.until(lambda: len(members(settings)) == 1, within_s=120, named="the end of its session")
        # Not because nothing is ever claimed: the other worker takes over, and what it reads is shown.
        watch.until(partial(_has_moved, watch.looks), within_s=120, named="a frontier of the other worker's")
        paused.process.send_signal(signal.SIGCONT)
        watch.until(lambda: len(members(settings)) == 2, within_s=120, named="its return")
        watch.for_seconds(14)
        watch.until(partial(_have_become_complete, watch.looks), within_s=90, named="complete minutes with traffic")
        watch.at_every_service()
    drain(settings)
    assert paused.is_running
    assert other.is_running
    assert pending(client) == 0
    _check_nothing_taken_back(watch.looks, traffic, client)


def _check_nothing_taken_back(looks: Sequence[Look], traffic: Traffic, client: Client) -> None:
    assert 0 <= traffic.latest_ms < LEEWAY_MS, "the producer itself dawdled"
    counts = client.query("SELECT service, toUInt32(minute), requests_ok FROM minutes FINAL").result_rows
    assert {(service, at // _MINUTE_S): count for service, at, count in counts} == traffic.truth
    for before, after in pairwise(looks):
        assert before.complete.keys() <= after.complete.keys()
        assert before.frontier_ms <= after.frontier_ms
    recorded_at_ms = sorted(traffic.recorded_at_ms)
    for look in looks:
        assert look.complete == {place: traffic.truth[place] for place in look.complete}
        assert look.stored == bisect_left(recorded_at_ms, look.frontier_ms) <= look.evaluated


def _has_moved(looks: Sequence[Look]) -> bool:
    return looks[-1].frontier_ms > looks[0].frontier_ms + 10_000


def _have_become_complete(looks: Sequence[Look]) -> bool:
    return sum(count > 0 for count in looks[-1].complete.values()) >= 2
