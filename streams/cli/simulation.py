"""Sending a plan: to Kafka or into files, as fast as possible or paced, with the truth computed on the way."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from schemas.reference import input_topics
from streams.cli.progress import progress_bar
from streams.core.clock import now_ms
from streams.core.output_files import make_output_directory, output_file
from streams.core.settings import Settings
from streams.kafka.producer import PATIENCE_S, Producer
from streams.simulate import MonthTruth, PlainAccounting, Plan, describe_month, month_of, records

_SHOW_EVERY: Final = 5_000
_DAY_MS: Final = 86_400_000
_PACE_S: Final = 0.05

# Takes topic, key, value; returns whether it could.
Send = Callable[[str, bytes | None, bytes | None], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """Records sent by topic, records that a file cannot hold, and the truth of the months touched."""

    sent: dict[str, int]
    left_out: int
    months: tuple[MonthTruth, ...]


def run(
    plan: Plan, *, directory: Path | None, rate: float | None, want_truth: bool, overwrite: bool = False
) -> SimulationResult:
    """Send all records of a plan; to Kafka where no directory is given.

    Raises:
        UsageError: the directory cannot be written, or a file in it exists and is not to be overwritten.
        ZectoError: no broker answers, a topic is missing, or a record is not taken.
    """
    accounting, sent, left_out = PlainAccounting(), Counter[str](), 0
    with ExitStack() as stack:
        send = stack.enter_context(_to_kafka() if directory is None else _to_files(directory, overwrite=overwrite))
        on_progress = stack.enter_context(progress_bar(f"seed {plan.seed}", plan.aimed_records))
        stack.enter_context(_without_garbage_collection())
        pace = _pacemaker(rate)
        for count, (topic, key, value) in enumerate(records(plan), start=1):
            pace(count)
            if not send(topic, key, value):
                left_out += 1
                continue
            sent[topic] += 1
            if want_truth:
                accounting.take(topic, value)
            if count % _SHOW_EVERY == 0:
                on_progress(min(count, plan.aimed_records), count)
    months = tuple(describe_month(accounting, month) for month in _months(plan)) if want_truth else ()
    return SimulationResult(sent=dict(sorted(sent.items())), left_out=left_out, months=months)


def _months(plan: Plan) -> list[str]:
    return sorted({month_of(at_ms) for at_ms in (*range(plan.start_ms, plan.end_ms, _DAY_MS), plan.end_ms - 1)})


@contextmanager
def _to_kafka() -> Iterator[Send]:
    with Producer(Settings(), patience_s=PATIENCE_S) as producer:
        producer.require(*(topic.name for topic in input_topics()))

        def send(topic: str, key: bytes | None, value: bytes | None) -> bool:
            producer.send(topic, value, key=key)
            return True

        yield send


@contextmanager
def _to_files(directory: Path, *, overwrite: bool) -> Iterator[Send]:
    """A file a topic, none for a topic without a record; a line holds neither a null nor an empty record."""
    make_output_directory(directory)
    paths = {topic.name: directory / f"{topic.name}.ndjson" for topic in input_topics()}
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {
            topic: stack.enter_context(output_file(path, overwrite=overwrite)) for topic, path in paths.items()
        }

        def send(topic: str, _key: bytes | None, value: bytes | None) -> bool:
            if not value:
                return False
            files[topic].write(value + b"\n")
            return True

        yield send
    for path in paths.values():
        if path.stat().st_size == 0:
            with suppress(OSError):
                path.unlink()


def _pacemaker(rate: float | None) -> Callable[[int], None]:
    """Waits before the n-th record until its turn has come."""
    if rate is None:
        return lambda _count: None
    began_ms = now_ms()

    def pace(count: int) -> None:
        ahead_s = count / rate - (now_ms() - began_ms) / 1000
        if ahead_s > _PACE_S:
            time.sleep(ahead_s)

    return pace


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """The reckoning keeps millions of objects, none of them in a cycle: looking for cycles would take half the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
