"""Faults of the engine: killed or stopped, at any time or in the middle of an insert."""

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from streams.clickhouse.client import connect
from tests.chaos.crew import SIGKILL, is_stopped
from tests.chaos.scene import NotFiredError, Scene
from tests.chaos.waiting import until

KILLED: Final = "engine killed"
STOPPED: Final = "engine stopped, woken"
ANY_TIME: Final = "any time"
MID_INSERT: Final = "mid-insert"

_TABLES: Final = ("ledger_requests", "ledger_receipts", "blocks", "minutes")
_FIRES_S: Final = 30.0
_GLIMPSE_S: Final = 0.004
_WAITING: Final = "waiting for ClickHouse"
_BACK: Final = "ClickHouse is back"


def kill(scene: Scene) -> None:
    """SIGKILL, a while away, then started again on its data."""
    time.sleep(scene.chance.uniform(0.5, 2.5))
    _await_back(scene)
    _kill(scene, ANY_TIME, "")


def kill_mid_insert(scene: Scene) -> None:
    """SIGKILL while a part is being written: what it leaves of it on disk proves that."""
    _await_back(scene)
    part = _stopped_mid_insert(scene)
    _kill(scene, MID_INSERT, f"half a part on disk: {part}; ")


def stop(scene: Scene) -> None:
    """SIGSTOP for longer than a session of the workers, then SIGCONT."""
    time.sleep(scene.chance.uniform(0.5, 2.5))
    _process(scene).send_signal(signal.SIGSTOP)
    _hold(scene, ANY_TIME, "")


def stop_mid_insert(scene: Scene) -> None:
    """The same, while a part is being written."""
    part = _stopped_mid_insert(scene)
    _hold(scene, MID_INSERT, f"half a part on disk: {part}; ")


def _kill(scene: Scene, step: str, found: str) -> None:
    _waits_said = _said(scene)
    process = _process(scene)
    process.kill()
    code = process.wait()
    assert code == SIGKILL, f"the engine ended with {code}"
    until(lambda: _said(scene) > _waits_said, within_s=_FIRES_S, named="a worker's word that it waits")
    time.sleep(scene.chance.uniform(0.0, 2.0))
    scene.stack.restart_engine()
    scene.prove(KILLED, step, f"{found}exit code {code}, and a worker waited")


def _hold(scene: Scene, step: str, found: str) -> None:
    process, seconds = _process(scene), scene.chance.uniform(6.5, 9.0)
    until(lambda: is_stopped(process.pid), within_s=30, named="the engine's stop")
    time.sleep(seconds)
    assert is_stopped(process.pid), "the engine went on by itself"
    process.send_signal(signal.SIGCONT)
    scene.prove(STOPPED, step, f"{found}state T for {seconds:.1f} s")


def _stopped_mid_insert(scene: Scene) -> str:
    """Stop it again and again for a moment, until it stands in the middle of an insert; returns the part it writes."""
    folders = _folders(scene)
    process = _process(scene)
    deadline = time.monotonic() + _FIRES_S
    while time.monotonic() < deadline:
        process.send_signal(signal.SIGSTOP)
        until(lambda: is_stopped(process.pid), within_s=30, named="the engine's stop")
        for folder in folders:
            for part in folder.glob("tmp_insert_*"):
                return f"{folder.name}/{part.name}"
        process.send_signal(signal.SIGCONT)
        time.sleep(_GLIMPSE_S)
    raise NotFiredError("no insert was met in the middle")


def _folders(scene: Scene) -> Sequence[Path]:
    client = connect(scene.settings)
    try:
        found = client.query(
            "SELECT arrayJoin(data_paths) FROM system.tables WHERE database = currentDatabase()"
            " AND name IN {tables:Array(String)}",
            {"tables": list(_TABLES)},
        ).result_rows
    finally:
        client.close()
    return [Path(path) for (path,) in found]


def _await_back(scene: Scene) -> None:
    """A worker that waits already since an earlier fault would not say so again."""
    until(
        lambda: (
            not any(
                member.said().rfind(_WAITING) > member.said().rfind(_BACK)
                for member in scene.crew.running
                if not member.is_stopped
            )
        ),
        within_s=_FIRES_S,
        named="the engine, to every worker,",
    )


def _said(scene: Scene) -> int:
    return sum(member.said().count(_WAITING) for member in scene.crew.members)


def _process(scene: Scene) -> subprocess.Popen[bytes]:
    return scene.stack.engine.part.process
