"""Faults of workers: killed or stopped at a place, and in the middle of a rebalance."""

import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Final

from streams.clickhouse.client import connect
from streams.core.failpoints import Failpoint
from tests.chaos.crew import SIGKILL, Member
from tests.chaos.groups import members, unsettled
from tests.chaos.scene import NotFiredError, Scene
from tests.chaos.waiting import until

_STARTS_S: Final = 120.0
_FIRES_S: Final = 30.0
_MOVES_S: Final = 40.0
_LATER_S: Final = 1.0
KILLED: Final = "worker killed"
STOPPED: Final = "worker stopped, its partitions moved, woken"

READ_AGAIN: Final = "records read again in other blocks"
IN_REBALANCE: Final = "in a rebalance"

_OF_NO_BLOCK: Final = """
SELECT count()
FROM ledger_requests AS r
LEFT JOIN (SELECT partition, max(next) AS reached FROM blocks WHERE topic = 'api.requests' GROUP BY partition) AS b
    ON b.partition = r.partition
WHERE r.offset >= b.reached
"""

# Places that every worker passes again and again while there is something to read.
PASSED_OFTEN: Final = (
    Failpoint.DEAD_LETTERS_PUBLISHED,
    Failpoint.LEDGER_INSERTED,
    Failpoint.BLOCKS_INSERTED,
    Failpoint.COMMITTED,
    Failpoint.EVALUATED,
    Failpoint.PUBLISHED,
    Failpoint.FRONTIER_ASKED,
)


def kill_at(scene: Scene, *, places: Sequence[Failpoint]) -> None:
    """One worker more for each place; each dies there."""
    armed = [scene.crew.start(_armed(scene, place), block_records=scene.block_records()) for place in places]
    for member in armed:
        died_at_its_place(scene, member)


def died_at_its_place(scene: Scene, member: Member) -> None:
    """Wait until a worker dies where it was armed to."""
    _await_start(member)
    try:
        code = member.part.process.wait(_FIRES_S)
    except subprocess.TimeoutExpired:
        raise NotFiredError(f"{member.name} did not come to {member.armed}") from None
    if code != SIGKILL:
        raise AssertionError(f"{member.name} ended with {code}: {member.part.last_words()}")
    scene.prove(KILLED, member.place, f"{member.marked()}, exit code {code}")


def _await_start(member: Member) -> None:
    """Wait until a worker reads or has come to its place before: how long a start takes is not the fault."""
    until(
        lambda: member.is_reading or member.is_marked or not member.part.is_running,
        within_s=_STARTS_S,
        named=f"the start of {member.name}",
    )


def stop_at(scene: Scene, *, places: Sequence[Failpoint]) -> None:
    """One worker more for each place; each stops there until its partitions have moved, then goes on."""
    armed = [scene.crew.start(f"{_armed(scene, place)}:stop", block_records=scene.block_records()) for place in places]
    for member in armed:
        _fires(member)
    _wake_after_the_move(scene, armed)


def _fires(member: Member) -> None:
    def stopped_or_ended() -> bool:
        return (member.is_marked and member.is_stopped) or not member.part.is_running

    _await_start(member)
    try:
        until(stopped_or_ended, within_s=_FIRES_S)
    except AssertionError:
        raise NotFiredError(f"{member.name} did not come to {member.armed}") from None
    assert member.part.is_running, f"{member.name} ended: {member.part.last_words()}"


def _wake_after_the_move(scene: Scene, stopped: Sequence[Member], *, met: str = "") -> None:
    """Wake workers that stand still, once their sessions must have ended and the others have settled without them."""
    time.sleep(scene.settings.kafka_session_timeout_s + _LATER_S)
    until(lambda: members(scene.settings), within_s=_MOVES_S, named="a group without them")
    shares = members(scene.settings)
    for member in stopped:
        assert member.is_stopped, f"{member.name} went on by itself"
        member.send(signal.SIGCONT)
        step = IN_REBALANCE if met else member.place
        scene.prove(STOPPED, step, f"{met or member.marked()}, state T until others had all partitions: {shares}")


def _armed(scene: Scene, place: Failpoint) -> str:
    return f"{place}:{scene.chance.randint(1, 3) if place in PASSED_OFTEN else 1}"


def die_on_arrival(scene: Scene) -> None:
    """One worker more, which dies when it has found out where to read its partitions on."""
    kill_at(scene, places=(Failpoint.RECOVERED,))


def die_on_release(scene: Scene) -> None:
    """One worker more, which dies as it gives partitions up to yet another."""
    leaving = _with_partitions(scene, f"{Failpoint.RELEASING}:1")
    scene.crew.start(block_records=scene.block_records())
    died_at_its_place(scene, leaving)


def stop_on_release(scene: Scene) -> None:
    """The same, but that it stops there until its partitions have moved."""
    leaving = _with_partitions(scene, f"{Failpoint.RELEASING}:1:stop")
    scene.crew.start(block_records=scene.block_records())
    _fires(leaving)
    _wake_after_the_move(scene, [leaving])


def kill_in_rebalance(scene: Scene) -> None:
    """A worker is killed while the group is being shared out anew, because another joins it."""
    victim, state = _in_rebalance(scene)
    victim.send(signal.SIGKILL)
    code = victim.part.process.wait()
    assert code == SIGKILL, f"{victim.name} ended with {code}"
    scene.prove(KILLED, IN_REBALANCE, f"{victim.name}, exit code {code}; the group was {state}")


def stop_in_rebalance(scene: Scene) -> None:
    """A worker is stopped while the group is being shared out anew, until the others have shared its part."""
    victim, state = _in_rebalance(scene)
    victim.send(signal.SIGSTOP)
    until(lambda: victim.is_stopped, within_s=30, named="its stop")
    _wake_after_the_move(scene, [victim], met=f"{victim.name} while the group was {state}")


def _in_rebalance(scene: Scene) -> tuple[Member, str]:
    """A worker of before, and the state in which the broker says that the group is, once another joins."""
    _settle(scene)
    victims = scene.crew.running
    scene.crew.start(block_records=scene.block_records())
    state = unsettled(scene.settings, within_s=_FIRES_S)
    if not state:
        raise NotFiredError("the group was never seen in a rebalance")
    return scene.chance.choice(victims), state


def _with_partitions(scene: Scene, armed: str) -> Member:
    member = scene.crew.start(armed, block_records=scene.block_records())
    _settle(scene)
    return member


def _settle(scene: Scene) -> None:
    """Wait until each worker that runs has its share."""
    until(
        lambda: len(members(scene.settings)) == len(scene.crew.running), within_s=_MOVES_S, named="a group that settled"
    )


def read_again_in_other_blocks(scene: Scene) -> None:
    """All workers die between records and `blocks` row; others read the same records again, cut in another way."""
    for member in scene.crew.running:
        member.part.kill()
    place = scene.chance.choice(
        (Failpoint.DEAD_LETTERS_PUBLISHED, Failpoint.LEDGER_INSERTED, Failpoint.LEDGER_INSERTED)
    )
    first, second = scene.chance.sample((150, 700, 3_000, 40_000), 2)
    group = f"{scene.settings.kafka_group}-alone"  # nobody waits for the sessions of the dead
    member = scene.crew.start(f"{place}:{scene.chance.randint(1, 3)}", block_records=first, group=group)
    died_at_its_place(scene, member)
    rows = _rows_of_no_block(scene)
    if place is Failpoint.LEDGER_INSERTED and not rows:
        raise NotFiredError("every record of the ledger is of some block")
    scene.crew.start(block_records=second)
    scene.prove(
        READ_AGAIN, member.place, f"{rows} rows of no block, read in blocks of {first}, then in blocks of {second}"
    )


def _rows_of_no_block(scene: Scene) -> int:
    client = connect(scene.settings)
    try:
        return int(client.query(_OF_NO_BLOCK).first_row[0])
    finally:
        client.close()
