"""The kinds of run: which faults strike, in which order, as the seed draws them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from tests.chaos import on_broker, on_engine, on_workers
from tests.chaos.scene import Scene

Act = Callable[[Scene], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`acts` draws the faults. `is_of_the_present`: its records are of today, so that losing some blinds their minutes.

    `disk_mb`: the engine works on a disk of its own, of this size.
    """

    name: str
    acts: Callable[[random.Random], Iterator[Act]]
    is_of_the_present: bool = False
    disk_mb: int = 0


def _begin(workers: int) -> Act:
    def begin(scene: Scene) -> None:
        for _ in range(workers):
            scene.crew.start(block_records=scene.block_records())

    return begin


def _workers_killed(chance: random.Random) -> Iterator[Act]:
    places = chance.sample(on_workers.PASSED_OFTEN, 4)
    yield _begin(1)
    yield partial(on_workers.kill_at, places=places[:2])
    yield partial(on_workers.kill_at, places=places[2:])


def _workers_stopped(chance: random.Random) -> Iterator[Act]:
    places = chance.sample(on_workers.PASSED_OFTEN, 3)
    yield _begin(1)
    yield partial(on_workers.stop_at, places=places[:2])
    yield partial(on_workers.kill_at, places=places[2:])


def _engine_killed(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_engine.kill_mid_insert
    yield chance.choice((on_engine.kill, on_engine.kill_mid_insert))
    yield partial(on_workers.kill_at, places=chance.sample(on_workers.PASSED_OFTEN, 1))


def _engine_stopped(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield chance.choice((on_engine.stop, on_engine.stop_mid_insert))
    yield on_engine.kill_mid_insert


def _broker_killed(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_broker.kill
    yield partial(on_workers.kill_at, places=chance.sample(on_workers.PASSED_OFTEN, 1))
    yield on_broker.kill


def _broker_stopped(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_broker.stop
    yield partial(on_workers.kill_at, places=chance.sample(on_workers.PASSED_OFTEN, 1))


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(name="workers-killed", acts=_workers_killed),
        Kind(name="workers-stopped", acts=_workers_stopped),
        Kind(name="engine-killed", acts=_engine_killed),
        Kind(name="engine-stopped", acts=_engine_stopped),
        Kind(name="broker-killed", acts=_broker_killed),
        Kind(name="broker-stopped", acts=_broker_stopped),
    )
}


def kind_of(seed: int) -> Kind:
    """Each in turn."""
    return [*KINDS.values()][seed % len(KINDS)]
