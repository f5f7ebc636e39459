"""A full disk under the engine: a file takes all the room there is, and later gives it back."""

import errno
import os
import time
from io import FileIO
from typing import Final

from tests.chaos.crew import Member
from tests.chaos.scene import NotFiredError, Scene

FILLED: Final = "disk of the engine filled, freed"

_PIECE: Final = bytes(1 << 16)
_REFUSED: Final = ("NOT_ENOUGH_SPACE", "No space left on device", "CANNOT_WRITE_TO_FILE_DESCRIPTOR")
_FIRES_S: Final = 30.0
_LOOK_S: Final = 0.01


def fill(scene: Scene) -> None:
    """Fill the disk under load until a worker hears that there is no room, then free it after a while."""
    filler = scene.stack.directory / "clickhouse" / "filler"
    time.sleep(scene.chance.uniform(0.5, 2.0))
    before = {member.name: len(member.said()) for member in scene.crew.members}

    def refused() -> str:
        return next((said for member in scene.crew.members if (said := _refusal(member, before))), "")

    with filler.open("wb", buffering=0) as file:
        deadline = time.monotonic() + _FIRES_S
        while not refused():
            if time.monotonic() > deadline:
                raise NotFiredError("no worker was told that the disk is full")
            # what the engine gives back by merging its parts is taken, too
            _fill_up(file)
            time.sleep(_LOOK_S)
        time.sleep(scene.chance.uniform(1.0, 4.0))
        size_mb = os.fstat(file.fileno()).st_size >> 20
    filler.unlink()
    scene.prove(FILLED, "under load", f"{size_mb} MB of zeros; {refused()}")


def _fill_up(file: FileIO) -> None:
    """Write until there is no room."""
    try:
        while True:
            file.write(_PIECE)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def _refusal(member: Member, before: dict[str, int]) -> str:
    """What a worker was told since, if it was of a full disk."""
    since = member.said()[before.get(member.name, 0) :]
    return next((line.strip() for line in since.splitlines() if any(word in line for word in _REFUSED)), "")
