"""The jars of the Kafka broker: pinned by coordinate and SHA-256 in `jars.lock`, fetched once into the user's cache.

jgo's Python resolver fetches them (no Maven needed), from the repositories of jgo's own configuration, Maven Central by
default. A download that fails is tried again a few times. A jar that exists is whole: it is checked before it is moved
to its place. `python -m streams.stack.jars` resolves the coordinates anew and writes the lock file.
"""

import fcntl
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests
import tenacity
from jgo.config import GlobalSettings
from jgo.maven import Dependency, MavenContext, PythonResolver

from streams.core.errors import Code, ZectoError

KAFKA_VERSION = "4.4.0"
_BROKER = ("org.apache.kafka", "kafka_2.13", KAFKA_VERSION)
_LOGGING = ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5")  # what the broker logs through; not in its POM
_LOCK_FILE = Path(__file__).with_name("jars.lock")
_AT_ONCE = 4
_TIMEOUT_S: Final = 30
_TRIES: Final = 5
_PATIENCE_S: Final = 60
_PAUSE: Final = tenacity.wait_exponential(multiplier=0.5)  # 0.5, 1, 2 and 4 s

# (jars fetched so far, jars in all)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Jar:
    """A jar by Maven coordinate, and the SHA-256 that its bytes must have."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the cache."""
        return f"{self.artifact}-{self.version}.jar"


def class_path(progress: Progress) -> list[Path]:
    """The broker's jars, fetched if they are not there yet.

    Raises:
        ZectoError: a jar cannot be fetched, is not the one that was pinned, or the cache cannot be written.
    """
    directory = cache_directory() / f"kafka-{KAFKA_VERSION}"
    jars = locked_jars()
    if not all((directory / jar.file_name).exists() for jar in jars):
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with (directory / "fetch.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts at once: one fetches, the other waits
                _fetch_missing(directory, jars, progress)
        except OSError as error:
            if isinstance(error, requests.RequestException):
                raise
            raise ZectoError(
                f"cannot keep the broker in {directory}: {error}", hint="set XDG_CACHE_HOME", code=Code.FILE_UNWRITABLE
            ) from None
    return [directory / jar.file_name for jar in jars]


def cache_directory() -> Path:
    """Where this program keeps what it fetched: `$XDG_CACHE_HOME/zecto-sla`, by default under `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zecto-sla"


def locked_jars() -> list[Jar]:
    """The lock file's lines `group:artifact:version sha256`."""
    jars = []
    for line in _LOCK_FILE.read_text().splitlines():
        coordinate, sha256 = line.split()
        group, artifact, version = coordinate.split(":")
        jars.append(Jar(group=group, artifact=artifact, version=version, sha256=sha256))
    return jars


def _fetch_missing(directory: Path, jars: list[Jar], progress: Progress) -> None:
    missing = [jar for jar in jars if not (directory / jar.file_name).exists()]
    done = len(jars) - len(missing)
    progress(done, len(jars))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        fetches = [pool.submit(_fetch, jar, directory) for jar in missing]
        try:
            for fetch in as_completed(fetches):
                fetch.result()
                done += 1
                progress(done, len(jars))
        except ZectoError:
            pool.shutdown(cancel_futures=True)
            raise


def _fetch(jar: Jar, directory: Path) -> None:
    """Fetch one jar: at most five tries, and no new one after a minute; the error is that of the last try."""
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(ZectoError),
        stop=tenacity.stop_after_attempt(_TRIES) | tenacity.stop_after_delay(_PATIENCE_S),
        wait=_PAUSE,
        reraise=True,
    )
    retrying(_try_to_fetch, jar, directory)


def _try_to_fetch(jar: Jar, directory: Path) -> None:
    # A directory of its own: jgo takes what an earlier try left behind for the whole jar.
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        path = _download(_context(Path(scratch)), jar)
        if _sha256(path) != jar.sha256:
            raise ZectoError(
                f"{jar.file_name} is not the jar that was pinned (SHA-256 differs); nothing was started",
                code=Code.DOWNLOAD_FAILED,
            )
        path.replace(directory / jar.file_name)


def _download(context: MavenContext, jar: Jar) -> Path:
    try:
        path: Path = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (requests.ConnectionError, requests.Timeout):
        raise ZectoError(
            f"cannot fetch {jar.file_name} of the Kafka broker: its repository does not answer",
            hint="connect to a network",
            code=Code.DOWNLOAD_FAILED,
        ) from None
    except (requests.RequestException, RuntimeError) as error:
        raise ZectoError(
            f"cannot fetch {jar.file_name} of the Kafka broker: {str(error).splitlines()[0]}",
            code=Code.DOWNLOAD_FAILED,
        ) from None
    return path


def _context(repo_cache: Path) -> MavenContext:
    repositories = GlobalSettings.load().repositories or None
    return MavenContext(resolver=PythonResolver(), repo_cache=repo_cache, remote_repos=repositories, timeout=_TIMEOUT_S)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_lock_file() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        context = _context(Path(scratch))
        broker, logging = (
            Dependency(context.project(group, name).at_version(version).artifact())
            for group, name, version in (_BROKER, _LOGGING)
        )
        inputs, transitive = context.resolver.resolve([broker])
        lines = {
            f"{each.groupId}:{each.artifactId}:{each.version} {_sha256(each.artifact.resolve())}\n"
            for each in (*inputs, *transitive, logging)
        }
    _LOCK_FILE.write_text("".join(sorted(lines)))


if __name__ == "__main__":
    _write_lock_file()
    sys.stdout.write(f"{_LOCK_FILE.name}: {len(locked_jars())} jars\n")
