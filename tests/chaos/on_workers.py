"""Faults of workers: killed or stopped at a place, and in the middle of a rebalance."""

import signal
import subprocess
from collections.abc import Sequence
from typing import Final

from streams.failpoints import Failpoint
from tests.chaos.crew import SIGKILL, Member
from tests.chaos.groups import members
from tests.chaos.scene import NotFiredError, Scene
from tests.chaos.waiting import until

_FIRES_S: Final = 30.0
_MOVES_S: Final = 30.0
KILLED: Final = "worker killed"
STOPPED: Final = "worker stopped, its partitions moved, woken"

# Places that every worker passes again and again while there is something to read.
PASSED_OFTEN: Final = (
    Failpoint.LETTERS_PUBLISHED,
    Failpoint.LEDGER_INSERTED,
    Failpoint.BLOCKS_INSERTED,
    Failpoint.COMMITTED,
    Failpoint.EVALUATED,
    Failpoint.PUBLISHED,
    Failpoint.FRONTIER_ASKED,
)
# Those that it passes when partitions come and go: only the first time is sure to come.
PASSED_ONCE: Final = (Failpoint.RECOVERED, Failpoint.RELEASING)


def kill_at(scene: Scene, *, places: Sequence[Failpoint]) -> None:
    """One worker more for each place; each dies there."""
    armed = [scene.crew.start(_armed(scene, place), block_records=scene.block_records()) for place in places]
    for member in armed:
        died_at_its_place(scene, member)


def died_at_its_place(scene: Scene, member: Member) -> None:
    """Wait until a worker dies where it was armed to."""
    try:
        code = member.part.process.wait(_FIRES_S)
    except subprocess.TimeoutExpired:
        raise NotFiredError(f"{member.name} did not come to {member.armed}") from None
    if code != SIGKILL:
        raise AssertionError(f"{member.name} ended with {code}: {member.part.last_words()}")
    scene.prove(KILLED, member.place, f"{member.marked()}, exit code {code}")


def stop_at(scene: Scene, *, places: Sequence[Failpoint]) -> None:
    """One worker more for each place; each stops there until its partitions have moved, then goes on."""
    before = len(scene.crew.running)
    armed = [scene.crew.start(f"{_armed(scene, place)}:stop", block_records=scene.block_records()) for place in places]
    for member in armed:
        _fires(member)
    _wake_after_the_move(scene, armed, others=before)


def _fires(member: Member) -> None:
    def stopped_or_ended() -> bool:
        return (member.is_marked and member.is_stopped) or not member.part.is_running

    try:
        until(stopped_or_ended, within_s=_FIRES_S)
    except AssertionError:
        raise NotFiredError(f"{member.name} did not come to {member.armed}") from None
    assert member.part.is_running, f"{member.name} ended: {member.part.last_words()}"


def _wake_after_the_move(scene: Scene, stopped: Sequence[Member], *, others: int) -> None:
    until(lambda: len(members(scene.settings)) == others, within_s=_MOVES_S, named="the move of its partitions")
    for member in stopped:
        assert member.is_stopped, f"{member.name} went on by itself"
        member.send(signal.SIGCONT)
        scene.prove(STOPPED, member.place, f"{member.marked()}, state T until its group had {others} members left")


def _armed(scene: Scene, place: Failpoint) -> str:
    return f"{place}:{scene.chance.randint(1, 3) if place in PASSED_OFTEN else 1}"
