"""The consumer group as the broker keeps it: members, one assignment a generation, committed offsets (eager protocol).

A member that the coordinator has not heard of for the session's time is out, and its partitions go to others whether it
knows or not. Whoever comes late to a rebalance is out too.
"""

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from tests.simulation.log import Tp
from tests.simulation.loop import VirtualLoop
from tests.simulation.tracing import Trace

SESSION_S: Final = 2.0
REBALANCE_S: Final = 2.5
_LOOK_S: Final = 0.25


class Heard(StrEnum):
    """What the coordinator answers to a heartbeat."""

    STABLE = "stable"
    REBALANCING = "rebalancing"
    UNKNOWN = "unknown"


class Group:
    """The coordinator."""

    def __init__(self, dice: random.Random, loop: VirtualLoop, trace: Trace) -> None:
        self._dice = dice
        self._loop = loop
        self._trace = trace
        self._heard_s: dict[str, float] = {}
        self._joined: list[str] = []
        self._rebalancing_since_s: float | None = None
        self.generation = 0
        self.assignment: dict[str, list[Tp]] = {}
        self.committed: dict[Tp, int] = {}

    # -- what members say

    def join(self, member: str) -> int:
        """Take part in the next generation; returns the one that is over by that."""
        self._heard_s[member] = self._loop.time()
        if member not in self._joined:
            self._joined.append(member)
        self.rebalance()
        return self.generation

    def heartbeat(self, member: str, generation: int) -> Heard:
        """Still there; tells whether the member still belongs."""
        if member not in self._heard_s:
            return Heard.UNKNOWN
        self._heard_s[member] = self._loop.time()
        if self._rebalancing_since_s is not None:
            return Heard.REBALANCING
        return Heard.STABLE if generation == self.generation else Heard.UNKNOWN

    def commit(self, member: str, generation: int, positions: dict[Tp, int]) -> bool:
        """Whether the positions were taken: only from members of this generation, of what is theirs."""
        if generation != self.generation:
            return False
        if any(tp not in self.assignment.get(member, ()) for tp in positions):
            return False
        self.committed |= positions
        return True

    def rebalance(self) -> None:
        """Begin to share out anew, unless that is going on."""
        if self._rebalancing_since_s is None:
            self._rebalancing_since_s = self._loop.time()

    def owner(self, tp: Tp) -> str | None:
        """Whose a partition is, as the coordinator sees it."""
        return next((member for member, tps in self.assignment.items() if tp in tps), None)

    # -- what time does

    def look(self, tps: Sequence[Tp]) -> None:
        """Drop who is silent; share out once everybody has joined, or has had the time to."""
        now_s = self._loop.time()
        silent = [member for member, heard_s in self._heard_s.items() if now_s - heard_s > SESSION_S]
        for member in silent:
            self._drop(member)
            self.rebalance()
        if self._rebalancing_since_s is None or not self._joined:
            return
        everybody = all(member in self._joined for member in self._heard_s)
        if everybody or now_s - self._rebalancing_since_s > REBALANCE_S:
            for member in [member for member in self._heard_s if member not in self._joined]:
                self._drop(member)
            self._share_out(tps)

    def _drop(self, member: str) -> None:
        del self._heard_s[member]
        if member in self._joined:
            self._joined.remove(member)

    def _share_out(self, tps: Sequence[Tp]) -> None:
        self.generation += 1
        shuffled = list(tps)
        self._dice.shuffle(shuffled)
        members = self._joined
        self.assignment = {member: shuffled[at :: len(members)] for at, member in enumerate(members)}
        self._joined = []
        self._rebalancing_since_s = None
        self._trace.note("generation", self.generation, sorted(self.assignment.items()))
