"""The judge at work: each month whose inputs changed is judged and stored, for a share of the time.

Any worker may do it, and several may at once: what is stored depends on what is known alone, and who saw less never
overwrites who saw more.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from clickhouse_connect.driver.client import Client

from schemas.policies import Policy
from streams.clickhouse.errors import Failure, classify, first_line
from streams.clickhouse.store import InThread
from streams.judge.changes import MonthChanges
from streams.judge.fingerprints import read_fingerprint
from streams.judge.judged_month import judge_seen
from streams.judge.kept_counts import KeptCounts, read_anew
from streams.judge.seen import look_at
from streams.judge.stored import look_of, store_judgement, store_look, stored_fingerprint
from streams.rules.policy import policy_of_month

_EVERY_S: Final = 0.5
_QUIET_S: Final = 2.0
"""How long the judge rests where nothing may have changed: a look costs the engine some 25 ms of CPU."""
_REST: Final = 1
"""How many times as long as it worked the judge rests."""
_MOST_S: Final = 1.5
"""Months that are left over after so long wait for the next round."""

_log = structlog.get_logger("judge")


@dataclass(slots=True)
class MonthJudge:
    """Judges months, one after the other."""

    client: Client
    policies: Sequence[Policy]
    now_ms: Callable[[], int]
    in_thread: InThread = asyncio.to_thread
    _changes: MonthChanges = field(init=False)
    _looks: dict[str, tuple[str, str]] = field(default_factory=dict)
    _kept: KeptCounts = field(default_factory=KeptCounts)
    _failing: bool = False

    def __post_init__(self) -> None:
        """Nothing is known to be judged yet."""
        self._changes = MonthChanges(policy=self.policies[0])

    async def run(self) -> None:
        """Judge what changed, until cancelled; while ClickHouse is away there is nothing to judge."""
        while True:
            began_s, taken = time.monotonic(), 0
            try:
                taken = await self.in_thread(self.judge_changed)
            except Failure as error:
                self._say_failing(error)
            else:
                self._failing = False
            least_s = _EVERY_S if taken else _QUIET_S
            await asyncio.sleep(max(least_s, _REST * (time.monotonic() - began_s)))

    def judge_changed(self) -> int:
        """Judge the months that may have changed, as many as there is time for; returns how many it looked at."""
        until_s = time.monotonic() + _MOST_S
        taken = 0
        self._changes.look(self.client)
        while (month := self._changes.take()) is not None:
            try:
                self.judge(month)
            except Failure:
                self._changes.put_back(month)
                raise
            taken += 1
            if time.monotonic() > until_s:
                break
        return taken

    def judge(self, month: str) -> bool:
        """Judge a month and store it, unless that is done already; tells whether it was done now."""
        choice = policy_of_month(month, self.policies)
        seen = look_at(self.client, choice)
        fingerprint = read_fingerprint(self.client, seen)
        look = look_of(seen, fingerprint)
        if self._looks.get(month) != (look.fingerprint, look.stamp):
            store_look(self.client, look, self.now_ms())
            self._looks[month] = (look.fingerprint, look.stamp)
        if stored_fingerprint(self.client, choice) == fingerprint.text:
            return False
        read_counts = self._kept.begin(fingerprint.days) if self._changes.is_running(month) else read_anew
        store_judgement(self.client, judge_seen(self.client, seen, fingerprint, read_counts), self.now_ms())
        return True

    def _say_failing(self, error: Exception) -> None:
        if not self._failing:
            self._failing = True
            _log.warning("months cannot be judged now", error=first_line(error), code=classify(error).value)
