"""One run of one side, or of this pipeline: wall time, processor time, memory, and whether its results are right."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.clickhouse.client import connect
from streams.clickhouse.migrate import migrate_database
from streams.core.errors import ZectoError
from streams.kafka.admin import Admin
from streams.stack.process import ChildProcess
from streams.stack.stack import EmbeddedStack
from tests.bench.backlogs import BY_REQUEST, Backlog
from tests.bench.measuring import measure, wrong_minutes
from tests.bench.results import Results
from tests.bench.sides import PIPELINE, Side
from tests.bench.usage import cpu_s, rss_mib

_LOOK_EVERY_S = 0.05
# results carry the time of their minutes, long past: the broker would soon delete them as too old
_KEPT = {"retention.ms": "-1"}
_LAST_WORDS_S = 5.0  # what a side wrote before it ended may still be on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run took from the start of its process until its results were complete."""

    side: str
    backlog: str
    records: int
    wall_s: float
    cpu_s: float  # of the side's own processes
    engine_cpu_s: float  # of ClickHouse, which only the pipeline uses
    broker_cpu_s: float
    peak_mib: float
    wrong: tuple[str, ...]


def run_side(
    stack: EmbeddedStack,
    backlog: Backlog,
    side: Side,
    command: Sequence[str],
    *,
    place: str,
    log: Path,
    timeout_s: float,
) -> Run:
    """Start a side on the backlog and watch its results until they are complete; then stop it.

    Raises:
        ZectoError: it ends before its results are complete, or is not done in time.
    """
    results_topic = f"bench.results.{place}"
    Admin(stack.settings()).create(results_topic, partitions=1, replication_factor=1, config=_KEPT)
    results = Results(stack.settings(), results_topic)
    broker_before_s = cpu_s(stack.broker.part.process.pid)
    started = time.monotonic()
    part = ChildProcess(
        side.name, command, log=log, environment=_environment(stack, backlog, side, place, results_topic)
    )
    try:
        used = _Watch(part, results, _expected(backlog, side), timeout_s, started).until_done()
        broker_cpu_s = cpu_s(stack.broker.part.process.pid) - broker_before_s
    finally:
        part.stop()
        results.close()
    return Run(
        side=side.name,
        backlog=backlog.name,
        records=backlog.records,
        wall_s=used.wall_s,
        cpu_s=used.cpu_s,
        engine_cpu_s=0.0,
        broker_cpu_s=broker_cpu_s,
        peak_mib=used.peak_mib,
        wrong=tuple(results.wrong(backlog.truth, backlog.records)),
    )


def run_pipeline(stack: EmbeddedStack, backlog: Backlog, place: str, timeout_s: float) -> Run:
    """One worker of this pipeline on the backlog, with a database and a consumer group of its own.

    Raises:
        ZectoError: it ends, or is not done in time.
    """
    database = place.replace("-", "_")
    settings = stack.settings().model_copy(update={"clickhouse_database": database, "kafka_group": place})
    migrate_database(settings)
    client = connect(settings)
    environment = {"ZECTO_CLICKHOUSE_DATABASE": database, "ZECTO_KAFKA_GROUP": place}
    broker_before_s = cpu_s(stack.broker.part.process.pid)
    try:
        used = measure(stack, client, backlog.records, timeout_s, _nothing, environment=environment)
        broker_cpu_s = cpu_s(stack.broker.part.process.pid) - broker_before_s
        wrong = wrong_minutes(client, backlog.truth)
    finally:
        stack.workers.pop().stop()
        client.command(f"DROP DATABASE {database}")
        client.close()
    return Run(
        side=PIPELINE,
        backlog=backlog.name,
        records=backlog.records,
        wall_s=used.drained_s,
        cpu_s=used.cpu_s,
        engine_cpu_s=used.engine_cpu_s,
        broker_cpu_s=broker_cpu_s,
        peak_mib=used.peak_rss_mib,
        wrong=tuple(wrong),
    )


def _nothing(_stored: int, _evaluated: int) -> None:
    """Say nothing: progress bars take processor time that the sides need."""


def _expected(backlog: Backlog, side: Side) -> int:
    return backlog.truth.minutes.total() if side.counts else backlog.records


def _environment(
    stack: EmbeddedStack, backlog: Backlog, side: Side, place: str, results_topic: str
) -> Mapping[str, str]:
    state = stack.directory / "sides" / place
    state.mkdir(parents=True)
    return {
        "BENCH_BOOTSTRAP": stack.broker.bootstrap,
        "BENCH_TOPIC": backlog.by_service if side.counts else BY_REQUEST,
        "BENCH_RECORDS": str(backlog.records),
        "BENCH_RESULTS": results_topic,
        "BENCH_GROUP": place,
        "BENCH_STATE": str(state),
    }


@dataclass(slots=True)
class _Used:
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0


class _Watch:
    """Looks at a side and its results until they are complete."""

    def __init__(self, part: ChildProcess, results: Results, expected: int, timeout_s: float, started: float) -> None:
        self._part = part
        self._results = results
        self._expected = expected
        self._timeout_s = timeout_s
        self._started = started
        self._used = _Used()

    def until_done(self) -> _Used:
        """What it took."""
        while not self._is_done_after(_LOOK_EVERY_S):
            if not self._part.is_running and not self._is_done_after(_LAST_WORDS_S):
                raise ZectoError(f"{self._part.name} ended: {self._part.last_words()}; {self._so_far()}")
            if self._used.wall_s > self._timeout_s:
                raise ZectoError(f"{self._part.name} is not done after {self._timeout_s:g} s: {self._so_far()}")
        return self._used

    def _is_done_after(self, seconds: float) -> bool:
        self._results.read(seconds)
        self._used.wall_s = time.monotonic() - self._started
        self._used.cpu_s = max(self._used.cpu_s, cpu_s(self._part.process.pid))
        self._used.peak_mib = max(self._used.peak_mib, rss_mib(self._part.process.pid))
        return self._results.to_record() >= self._expected

    def _so_far(self) -> str:
        return f"its results speak of {self._results.to_record():,} of {self._expected:,} records"
