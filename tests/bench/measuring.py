"""What one worker took to work off a backlog: wall time, processor time, memory."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psutil
from clickhouse_connect.driver.client import Client

from streams.core.errors import ZectoError
from streams.stack.stack import EmbeddedStack
from tests.bench.traffic import DAY, Truth

_LOOK_EVERY_S = 0.25
_MIB = 1 << 20

_OFFSETS = """
SELECT
    ifNull((SELECT sum(records) FROM blocks FINAL WHERE topic = 'api.requests'), 0) AS stored,
    ifNull((SELECT sum(reached) FROM (
        SELECT max(evaluated_next) AS reached FROM frontiers WHERE topic = 'api.requests' GROUP BY topic_id, partition
    )), 0) AS evaluated
"""


@dataclass(slots=True, kw_only=True)
class Measured:
    """Seconds since the worker was started; how many records were stored when first some were; memory at its peak."""

    first_stored_s: float = 0.0
    first_stored: int = 0
    stored_s: float = 0.0
    drained_s: float = 0.0
    cpu_s: float = 0.0
    engine_cpu_s: float = 0.0
    peak_rss_mib: float = 0.0


def measure(
    stack: EmbeddedStack,
    client: Client,
    offsets: int,
    timeout_s: float,
    tell: Callable[[int, int], None],
    *,
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Start a worker on the backlog and watch it until every offset lies in an evaluated block.

    `environment` is given to the worker beside the stack's own; `client` must look where it then writes.

    Raises:
        ZectoError: the worker ended, or is not done in time.
    """
    measured = Measured()
    engine_before_s = _cpu_s(stack.engine.part.process.pid)
    started = time.monotonic()
    worker = stack.start_worker(environment)
    process = psutil.Process(worker.process.pid)
    while measured.drained_s == 0.0:
        time.sleep(_LOOK_EVERY_S)
        if not worker.is_running:
            raise ZectoError(f"the worker ended: {worker.last_words()}")
        measured.cpu_s = _cpu_s(process.pid)
        measured.peak_rss_mib = max(measured.peak_rss_mib, process.memory_info().rss / _MIB)
        stored, evaluated = (int(cell) for cell in client.query(_OFFSETS).result_rows[0])
        passed_s = time.monotonic() - started
        tell(stored, evaluated)
        if stored and not measured.first_stored_s:
            measured.first_stored_s, measured.first_stored = passed_s, stored
        if stored >= offsets and not measured.stored_s:
            measured.stored_s = passed_s
        if evaluated >= offsets:
            measured.drained_s = passed_s
        if passed_s > timeout_s:
            raise ZectoError(f"{stored:,} of {offsets:,} records stored, {evaluated:,} evaluated after {timeout_s:g} s")
    measured.engine_cpu_s = _cpu_s(stack.engine.part.process.pid) - engine_before_s
    return measured


def wrong_minutes(client: Client, truth: Truth) -> list[str]:
    """Each count of a service-minute that is not what was produced, in one line; at most ten of them."""
    columns = sorted({column for _, _, column in truth.minutes})
    query = (
        f"SELECT service, dateDiff('minute', toDateTime('{DAY} 00:00:00', 'UTC'), minute), {', '.join(columns)}"
        " FROM minutes FINAL"
    )
    found = {
        (service, minute, column): count
        for service, minute, *counts in client.query(query).result_rows
        for column, count in zip(columns, counts, strict=True)
        if count
    }
    dead_letters = client.query("SELECT count() FROM dead_letters FINAL").first_row[0]
    wrong = [
        f"{place}: {found.get(place, 0)} instead of {truth.minutes[place]}"
        for place in sorted(found.keys() | truth.minutes.keys())
        if found.get(place, 0) != truth.minutes[place]
    ]
    if dead_letters != truth.broken:
        wrong.append(f"dead letters: {dead_letters} instead of {truth.broken}")
    return wrong[:10]


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
