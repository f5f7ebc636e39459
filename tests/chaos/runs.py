"""A run from its seed to its verdict."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.chaos.arena import Arena
from tests.chaos.crew import Crew
from tests.chaos.judging import judge
from tests.chaos.kinds import Kind
from tests.chaos.scene import Scene
from tests.chaos.sending import Sending
from tests.chaos.traffic import past_traffic, present_traffic

Tell = Callable[[str], None]


class Run:
    """Produce, break, heal, drain, judge; what it came to is in its fields, however it ends."""

    def __init__(self, arena: Arena, seed: int, kind: Kind, *, control: str = "", tell: Tell) -> None:
        """`control` names a fault of the program itself (tests.chaos.controls)."""
        self.scene: Scene | None = None
        self.records = 0
        self.seconds = 0.0
        self._arena = arena
        self._seed = seed
        self._kind = kind
        self._control = control
        self._tell = tell

    def play(self) -> None:
        """The whole run.

        Raises:
            NotFiredError: a fault did not come about.
            AssertionError, ZectoError: what is wrong.
        """
        began = time.monotonic()
        try:
            traffic = present_traffic(self._seed) if self._kind.is_of_the_present else past_traffic(self._seed)
            with self._arena.ground(self._seed) as settings, ExitStack() as parts:
                directory = self._arena.directory / "workers" / settings.clickhouse_database
                crew = Crew(settings, directory, control=self._control)
                parts.callback(crew.end)
                self.scene = Scene(
                    chance=random.Random(f"{self._seed}/faults"),
                    stack=self._arena.stack,
                    settings=settings,
                    traffic=traffic,
                    crew=crew,
                    sending=parts.enter_context(Sending(settings, traffic.records)),
                )
                self._break(self.scene)
                self.scene.sending.finish()
                if not crew.running:
                    crew.start()
                self._tell("healed; draining")
                self.records = judge(settings, traffic, self.scene.lost)
        finally:
            self.seconds = time.monotonic() - began

    def _break(self, scene: Scene) -> None:
        for act in self._kind.acts(scene.chance):
            told = len(scene.fired)
            act(scene)
            for fired in scene.fired[told:]:
                self._tell(f"{fired.fault}: {fired.step}")
