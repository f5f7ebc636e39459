"""Broker and engine for several runs, one after the other, each on topics, a database and a group of its own."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.topics import ensure_topics
from streams.stack.stack import EmbeddedStack
from tests.conftest import delete_topics

_JOURNAL_MB: Final = 16


class Arena:
    """A stack without workers. `disk_mb`: the engine's data directory is a file system of its own, of this size.

    After each run its topics and its database are gone, so that nothing leaks into the next: topics made anew have
    other ids, and what the ledger knows of one run says nothing of another's. `keep` it to look at what happened.
    """

    def __init__(self, directory: Path, *, disk_mb: int) -> None:
        self.directory = directory
        self.disk_mb = disk_mb
        self.keep = False
        self.stack = EmbeddedStack(directory, worker=False)
        self._runs = 0

    @contextmanager
    def ground(self, seed: int) -> Iterator[Settings]:
        """Empty topics, an empty database, an unknown group; the database goes afterwards unless the run failed."""
        self._runs += 1
        name = f"chaos_{seed}_{self._runs}"
        settings = self.stack.settings().model_copy(
            update={"clickhouse_database": name, "kafka_group": name, "kafka_session_timeout_s": 6.0}
        )
        delete_topics(settings)
        ensure_topics(settings)
        migrate_database(settings)
        yield settings
        client = connect(settings, database="default")
        client.command(f"DROP DATABASE {name} SYNC")
        client.close()


@contextmanager
def open_arena(*, disk_mb: int = 0) -> Iterator[Arena]:
    """An arena in a directory of its own, removed afterwards unless it is to be kept.

    Raises:
        ZectoError: a disk of its own is wanted, and this process may not mount one.
    """
    directory = Path(tempfile.mkdtemp(prefix="zecto-chaos-"))
    arena = Arena(directory, disk_mb=disk_mb)
    with _disk(directory / "clickhouse", disk_mb, arena), arena.stack:
        yield arena
    if not arena.keep:
        shutil.rmtree(directory)


@contextmanager
def _disk(directory: Path, disk_mb: int, arena: Arena) -> Iterator[None]:
    """An ext4 in a file, as servers have: on a full tmpfs the engine oftener takes empty files for written ones."""
    if not disk_mb:
        yield
        return
    directory.mkdir(parents=True)
    image = directory.with_name("disk.img")
    with image.open("wb") as file:
        file.truncate((disk_mb + _JOURNAL_MB) << 20)
    _run("mkfs.ext4", "-q", "-F", "-m", "0", str(image))
    _run("mount", "-o", "loop", str(image), str(directory))
    try:
        yield
    finally:
        if arena.keep:  # what is mounted would go with its disk
            shutil.copytree(directory, directory.with_name("clickhouse-kept"), symlinks=True)
        _run("umount", str(directory))
        image.unlink()


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ZectoError(f"a disk to be filled needs {command[0]}") from error
    if done.returncode:
        raise ZectoError(f"a disk to be filled needs the right to mount one: {done.stderr.strip()}")
