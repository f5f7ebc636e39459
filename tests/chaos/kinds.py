"""The kinds of run: which faults strike, in which order, as the seed draws them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from streams.core.failpoints import Failpoint
from tests.chaos import on_broker, on_disk, on_engine, on_log, on_workers
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
        scene.await_blocks()

    return begin


def _die(chance: random.Random, workers: int = 1) -> Act:
    """One worker more for each of some places, which dies there."""
    return partial(on_workers.kill_at, places=chance.sample(on_workers.PASSED_OFTEN, workers))


def _stand(chance: random.Random, workers: int) -> Act:
    """The same, standing still there for longer than a session."""
    return partial(on_workers.stop_at, places=chance.sample(on_workers.PASSED_OFTEN, workers))


def _workers_killed(chance: random.Random) -> Iterator[Act]:
    yield _begin(1)
    yield _die(chance, 2)
    yield chance.choice((on_workers.die_on_arrival, _die(chance)))
    yield _die(chance, 2)


def _workers_stopped(chance: random.Random) -> Iterator[Act]:
    yield _begin(1)
    yield _stand(chance, 2)
    yield _die(chance)


def _rebalance(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield chance.choice((on_workers.kill_in_rebalance, on_workers.stop_in_rebalance))
    yield chance.choice((on_workers.die_on_release, on_workers.stop_on_release))


def _read_again(chance: random.Random) -> Iterator[Act]:
    yield _begin(1)
    yield on_workers.read_again_in_other_blocks
    yield on_workers.read_again_in_other_blocks
    yield _die(chance)


def _engine_killed(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_engine.kill_mid_insert
    yield chance.choice((on_engine.kill, on_engine.kill_mid_insert))
    yield _die(chance)


def _engine_stopped(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield chance.choice((on_engine.stop, on_engine.stop_mid_insert))
    yield on_engine.kill_mid_insert


def _broker_killed(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_broker.kill
    yield _die(chance)


def _broker_stopped(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_broker.stop
    yield _die(chance)


def _disk_full(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_disk.fill
    yield _die(chance)
    yield chance.choice((on_disk.fill, on_engine.kill_mid_insert))


def _offsets_changed(chance: random.Random) -> Iterator[Act]:
    first, second = chance.sample((on_log.reset_offsets, on_log.advance_offsets, on_log.forget_group), 2)
    yield _begin(2)
    yield first
    yield _die(chance)
    yield second


def _partitions_added(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield on_log.add_partitions
    yield _die(chance)


def _records_deleted(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield chance.choice((on_log.delete_while_down, on_log.delete_while_stopped))
    yield _die(chance)


def _topic_recreated(chance: random.Random) -> Iterator[Act]:
    yield _begin(2)
    yield chance.choice((on_log.recreate_while_down, on_log.recreate_while_reading))
    yield _die(chance)


_ALL: Final = (
    Kind(name="workers-killed", acts=_workers_killed),
    Kind(name="workers-stopped", acts=_workers_stopped),
    Kind(name="rebalance", acts=_rebalance),
    Kind(name="other-blocks", acts=_read_again),
    Kind(name="engine-killed", acts=_engine_killed),
    Kind(name="engine-stopped", acts=_engine_stopped),
    Kind(name="broker-killed", acts=_broker_killed),
    Kind(name="broker-stopped", acts=_broker_stopped),
    Kind(name="offsets-changed", acts=_offsets_changed),
    Kind(name="partitions-added", acts=_partitions_added),
    Kind(name="records-deleted", acts=_records_deleted, is_of_the_present=True),
    Kind(name="topic-recreated", acts=_topic_recreated, is_of_the_present=True),
    # Room for what tables keep for eight minutes after it was merged, however slow the machine, and the filler beside.
    Kind(name="disk-full", acts=_disk_full, disk_mb=256),
)
KINDS: Final = {kind.name: kind for kind in _ALL}


def control_kind(place: Failpoint) -> Kind:
    """Workers die one after the other at one place: what is wrong there must show."""

    def acts(_chance: random.Random) -> Iterator[Act]:
        yield _begin(1)
        for _ in range(3):
            yield partial(on_workers.kill_at, places=(place,))

    return Kind(name=f"killed at {place}", acts=acts)


def kind_of(seed: int) -> Kind:
    """Each in turn."""
    return _ALL[seed % len(_ALL)]
