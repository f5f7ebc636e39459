"""What the worker writes to the broker: dead letters, whole, and every change of a minute's counts.

Both return once the broker has acknowledged; the producer under them is idempotent and used from one thread only.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog

from schemas.dead_letter import DeadLetter as Headers
from schemas.decoding import WHOLE_BYTES
from schemas.instants import format_instant
from schemas.minute_counts import MinuteCounts
from schemas.violations import Reason
from streams.core.errors import ZectoError
from streams.core.instants import to_ms
from streams.core.settings import Settings
from streams.kafka.large_value import HEAD_BYTES, LargeValue, large_value
from streams.kafka.producer import Headers as ProducerHeaders
from streams.kafka.producer import Producer

DEAD_LETTERS = "sla.dead-letters"
MINUTES = "sla.minutes"
_RETRY_S = 2.0
_NULL_HEADER = ("null", b"true")
_PARTS = ("requests", "messages", "probes")

_log = structlog.get_logger("outputs")


class DeadLetterRecord(Protocol):
    """A record that could not count, with where it came from (streams.ingest.ports.RejectedRecord)."""

    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp_ms(self) -> int: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def large(self) -> LargeValue | None: ...  # noqa: D102


class KafkaPublisher:
    """One producer behind both topics; it waits while the broker is down, logs each try, and drops nothing."""

    def __init__(self, settings: Settings) -> None:
        self._producer = Producer(settings)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outputs")

    async def publish_dead_letters(self, dead_letters: Sequence[DeadLetterRecord]) -> None:
        """Produce the dead letters to `sla.dead-letters`; returns once all are acknowledged."""
        await self._until_taken(self._send_dead_letters, dead_letters)

    async def publish_minutes(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Produce rows of the table `minutes` to `sla.minutes`; returns once all are acknowledged."""
        await self._until_taken(self._send_minutes, rows)

    def close(self) -> None:
        """Let the thread go; everything published is acknowledged already."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _until_taken(self, send: Callable[[Any], None], items: Sequence[Any]) -> None:
        # Twice is harmless: a dead letter counts by its bytes, a minute by its greatest version.
        while items:
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, send, items)
            except ZectoError as error:
                _log.warning("waiting for the broker", error=str(error), code=error.code.value)
                await asyncio.sleep(_RETRY_S)
            else:
                return

    def _send_dead_letters(self, dead_letters: Iterable[DeadLetterRecord]) -> None:
        for dead_letter in dead_letters:
            value, headers = dead_letter_value(dead_letter), dead_letter_headers(dead_letter)
            self._producer.send(DEAD_LETTERS, value, key=dead_letter.topic.encode(), headers=headers)
        self._producer.flush()

    def _send_minutes(self, rows: Iterable[Mapping[str, object]]) -> None:
        for row in rows:
            counts = minute_counts(row)
            self._producer.send(MINUTES, msgspec.json.encode(counts), key=f"{counts.service}|{counts.minute}".encode())
        self._producer.flush()


def dead_letter_value(dead_letter: DeadLetterRecord) -> bytes:
    """The record's bytes, or the first of them if it is too large."""
    value = dead_letter.value or b""
    return value[:HEAD_BYTES] if _needs_stand_in(dead_letter) else value


def dead_letter_headers(dead_letter: DeadLetterRecord) -> ProducerHeaders:
    """The headers of a dead letter; `null` distinguishes a record without a value from an empty one."""
    large = dead_letter.large or (large_value([dead_letter.value or b""]) if _needs_stand_in(dead_letter) else None)
    headers = Headers(
        topic=dead_letter.topic,
        partition=dead_letter.partition,
        offset=dead_letter.offset,
        timestamp_ms=dead_letter.timestamp_ms,
        reason=Reason(dead_letter.reason),
        path=dead_letter.path,
        size=large.size if large else None,
        sha256=large.sha256.hex() if large else None,
    ).headers()
    return [*headers, _NULL_HEADER] if dead_letter.value is None else [*headers]


def _needs_stand_in(dead_letter: DeadLetterRecord) -> bool:
    return dead_letter.large is not None or len(dead_letter.value or b"") > WHOLE_BYTES


def minute_counts(row: Mapping[str, object]) -> MinuteCounts:
    """A row of the table `minutes` as its record: `requests_ok` becomes `requests.ok`, and so on."""
    record: dict[str, Any] = {part: {} for part in _PARTS}
    for name, value in row.items():
        part, _, field = name.partition("_")
        if part in _PARTS and field != "sources":
            record[part][field] = value
        else:
            record[name] = value
    return msgspec.convert(record | {"minute": _instant(row["minute"])}, MinuteCounts)


def _instant(minute: object) -> str:
    match minute:
        case datetime():
            return format_instant(to_ms(minute))
        case int():
            return format_instant(minute * 1000)
        case _:
            raise TypeError(f"a row of minutes carries {minute!r} as its minute")
