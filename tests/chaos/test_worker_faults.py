"""A worker that dies anywhere loses nothing, counts nothing twice and leaves nothing owed (idempotency zone).

produce -> [kill -9 at a place, proven by its marker] -> what stands in ClickHouse there -> restart -> the truth
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from streams.core.failpoints import Failpoint
from streams.stack.process import ChildProcess
from streams.stack.stack import EmbeddedStack
from tests.chaos.groups import committed
from tests.chaos.load import TOPIC, Load, counted, pending
from tests.chaos.waiting import drain, until

pytestmark = pytest.mark.stack

_SIGKILL = -9
_SEED = 20_261_117
# The broker gives away what a dead worker held after this; six seconds is the least that it allows.
_SOON = {"ZECTO_KAFKA_SESSION_TIMEOUT_S": "6"}
# Where one kill tells apart what had been written and what had not; the other places are met by tests.chaos at large.
_BETWEEN_WRITES = (
    Failpoint.LEDGER_INSERTED,
    Failpoint.BLOCKS_INSERTED,
    Failpoint.COMMITTED,
    Failpoint.EVALUATED,
    Failpoint.PUBLISHED,
)
Asking = Callable[[EmbeddedStack], Client]


def _start_armed(stack: EmbeddedStack, marker: Path, armed: str, **further: str) -> ChildProcess:
    return stack.start_worker(
        {**_SOON, "ZECTO_FAILPOINT": armed, "ZECTO_FAILPOINT_LOG": str(marker), **further},
    )


def _stored(client: Client, load: Load) -> int:
    """Distinct requests of a load in the ledger."""
    return int(
        client.query(
            "SELECT count() FROM ledger_requests FINAL"
            " WHERE minute >= {start:DateTime('UTC')} AND minute < {end:DateTime('UTC')}",
            parameters={"start": load.first_minute * 60, "end": (load.first_minute + load.minutes) * 60},
        ).first_row[0]
    )


def _in_blocks(client: Client) -> int:
    """Offsets of the topic that have their row in `blocks`."""
    return int(
        client.query(
            "SELECT sum(next - first) FROM blocks FINAL WHERE topic = {topic:String}", {"topic": TOPIC}
        ).first_row[0]
    )


def _check_place(place: Failpoint, before: dict[str, int], after: dict[str, int]) -> None:
    """Which writes had been made, and which had not, when it died there."""
    moved = {name for name in after if after[name] > before[name]}
    match place:
        case Failpoint.LEDGER_INSERTED:
            assert moved == {"ledger"}
        case Failpoint.BLOCKS_INSERTED:
            assert moved == {"ledger", "blocks", "owed"}
        case Failpoint.COMMITTED:
            assert moved == {"ledger", "blocks", "committed", "owed"}
        case Failpoint.EVALUATED | Failpoint.PUBLISHED:
            assert moved == {"ledger", "blocks", "committed", "owed", "minutes"}


@pytest.mark.parametrize("place", _BETWEEN_WRITES)
def test_killed_anywhere_and_restarted_a_worker_counts_each_request_once(
    stack: EmbeddedStack, asking: Asking, load: Load, tmp_path: Path, place: Failpoint
) -> None:
    client, marker = asking(stack), tmp_path / "marker"

    def state() -> dict[str, int]:
        return {
            "ledger": _stored(client, load),
            "blocks": _in_blocks(client),
            "committed": sum(committed(stack.settings(), TOPIC).values()),
            "owed": pending(client),
            "minutes": counted(client, load).total(),
        }

    before = state()
    load.send(stack.settings(), 3_000)
    worker = _start_armed(stack, marker, f"{place}:1")
    assert worker.process.wait(60) == _SIGKILL
    assert marker.read_text() == f"{place} {worker.process.pid}\n"
    _check_place(place, before, state())

    load.send(stack.settings(), 500)
    stack.restart(worker)
    drain(stack.settings())
    assert counted(client, load) == load.truth
    assert _stored(client, load) == load.truth.total()
    assert pending(client) == 0


def test_killed_repeatedly_under_load_a_worker_counts_each_request_once(
    stack: EmbeddedStack, asking: Asking, load: Load, tmp_path: Path
) -> None:
    client, chosen = asking(stack), random.Random(_SEED)
    for number in range(6):
        marker, place = tmp_path / f"marker-{number}", chosen.choice(_BETWEEN_WRITES)
        # A group of its own: nobody waits for the session of the one killed before; where to read on, the ledger says.
        group = {"ZECTO_KAFKA_GROUP": f"{tmp_path.name}-{number}"}
        worker = _start_armed(stack, marker, f"{place}:{chosen.randint(1, 3)}", **group)
        _send_until(marker.exists, stack, load)
        assert worker.process.wait(10) == _SIGKILL
        stack.workers.remove(worker)
    stack.start_worker({"ZECTO_KAFKA_GROUP": tmp_path.name})
    drain(stack.settings())
    assert counted(client, load) == load.truth
    assert pending(client) == 0


def _send_until(done: Callable[[], bool], stack: EmbeddedStack, load: Load) -> None:
    def done_or_more() -> bool:
        load.send(stack.settings(), 200)
        return done()

    until(done_or_more, within_s=240.0, named="the place to die at")
