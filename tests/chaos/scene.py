"""One run under way: its parts, its chance, what it sends, and the faults that are proven to have fired."""

import random
from dataclasses import dataclass, field
from typing import Final

from streams.clickhouse.client import connect
from streams.core.settings import Settings
from streams.stack.stack import EmbeddedStack
from tests.chaos.crew import Crew
from tests.chaos.lost import NOTHING_LOST, Lost
from tests.chaos.sending import Sending
from tests.chaos.traffic import Traffic
from tests.chaos.waiting import until

_FLOWS_S: Final = 40.0


class NotFiredError(AssertionError):
    """A fault did not come about: the run proves nothing, and does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A fault, the step at which it struck, and what proves it."""

    fault: str
    step: str
    proof: str


@dataclass(slots=True, kw_only=True)
class Scene:
    """What the faults of a run work with; all that they draw comes from `chance`."""

    chance: random.Random
    stack: EmbeddedStack
    settings: Settings
    traffic: Traffic
    crew: Crew
    sending: Sending
    fired: list[Fired] = field(default_factory=list)
    lost: Lost = NOTHING_LOST

    def prove(self, fault: str, step: str, proof: str) -> None:
        """Note that a fault has struck."""
        self.fired.append(Fired(fault=fault, step=step, proof=proof))

    def await_blocks(self) -> None:
        """Wait until some blocks are stored."""
        client = connect(self.settings)
        try:
            until(
                lambda: client.query("SELECT count() > 3 FROM blocks").first_row[0],
                within_s=_FLOWS_S,
                named="the first blocks",
            )
        finally:
            client.close()

    def block_records(self) -> int:
        """How much a block of the next worker holds at most."""
        return self.chance.choice((300, 900, 2_500, 10_000, 40_000))
