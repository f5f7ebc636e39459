"""A case played on the running product: its steps, one by one, and each answer beside what the contract says."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from streams.core.clock import now_ms
from tests.cases.expectations import THIS_MONTH, Case, Expectation, Step
from tests.cases.paths import look_up
from tests.cases.world import Answer, World

_ZONE: Final = ZoneInfo("Asia/Karachi")
_SUCCEEDED: Final = Expectation(at="$exit", clause="events", equal=0)


@dataclass(frozen=True)
class Verdict:
    """One value that was asked for: by which command, what it should be, and what it is."""

    asked: str
    expectation: Expectation
    found: Any

    @property
    def is_met(self) -> bool:
        """Whether the product says what the contract says."""
        return self.expectation.is_met_by(self.found)


@dataclass(frozen=True)
class Played:
    """A case that was played, how long it took, and everything that was asked in it."""

    name: str
    case: Case
    verdicts: Sequence[Verdict]
    seconds: float

    @property
    def differing(self) -> list[Verdict]:
        """Where the product says something else than the contract."""
        return [verdict for verdict in self.verdicts if not verdict.is_met]


def play(world: World, name: str, case: Case, records: Path) -> Played:
    """Run the steps in topics and a database of the case's own; `records` is the folder of its files."""
    began = time.monotonic()
    with world.emptied():
        verdicts = [verdict for step in case.steps for verdict in _taken(world, step, records)]
    return Played(name, case, verdicts, time.monotonic() - began)


def _taken(world: World, step: Step, records: Path) -> list[Verdict]:
    answer = world.ask(_arguments(step, records))
    asked = " ".join(step.run)
    if not step.expect:
        told = answer.exit or 0
        return [] if told == 0 else [Verdict(asked, _SUCCEEDED, f"{told}: {answer.error.strip()[-300:]}")]
    return [Verdict(asked, each, _found(answer, each.at)) for each in step.expect]


def _arguments(step: Step, records: Path) -> list[str | Path]:
    """The command line, its files where they are, and `--json` if its output is looked into."""
    named = [
        records / each[1:] if each.startswith("@") else each.replace(THIS_MONTH, this_month()) for each in step.run
    ]
    return [*named, "--json"] if step.wants_json else named


def this_month() -> str:
    """The month that a record sent now falls into, in the zone of `zecto-1.0` (T3)."""
    return f"{datetime.fromtimestamp(now_ms() / 1000, _ZONE):%Y-%m}"


def _found(answer: Answer, at: str) -> Any:  # noqa: ANN401  any JSON
    match at:
        case "$exit":
            return answer.exit
        case "$out":
            return answer.out
        case "$error":
            return answer.error
        case _:
            return look_up(answer.parsed(), at)
