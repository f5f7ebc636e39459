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
from schemas.instants import format_instant
from schemas.minute_counts import MinuteCounts
from schemas.raw_value import WHOLE_BYTES
from schemas.violations import Reason
from streams.core.errors import Code, ZectoError
from streams.core.instants import to_ms
from streams.core.settings import Settings
from streams.core.waits import RecordPlace, Waits, concerning
from streams.kafka.errors import RecordRefusedError
from streams.kafka.large_value import HEAD_BYTES, LargeValue, large_value
from streams.kafka.producer import Headers as ProducerHeaders
from streams.kafka.producer import Producer

DEAD_LETTERS = "sla.dead-letters"
MINUTES = "sla.minutes"
_RETRY_S = 2.0
_WHAT = "broker"
_NOT_THERE = (Code.BROKER_UNREACHABLE, Code.RECORD_NOT_TAKEN)
# What the broker refuses for a while is heard of before it counts as stuck, and tried again.
_OPTIONS = {"message.timeout.ms": 20_000}
_NULL_HEADER = ("null", b"true")
_PARTS = ("requests", "messages", "probes", "vantages")

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
    """One producer behind both topics; it waits while the broker is down, logs each try, and drops nothing.

    A dead letter that the broker refuses for itself, whatever the reason, goes as its stand-in.
    """

    def __init__(self, settings: Settings, waits: Waits | None = None) -> None:
        """`waits` is told what is tried in vain."""
        self._settings = settings
        self._waits = waits or Waits()
        self._producer = Producer(settings, options=_OPTIONS)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outputs")

    async def publish_dead_letters(self, dead_letters: Sequence[DeadLetterRecord]) -> None:
        """Produce the dead letters to `sla.dead-letters`; returns once all are acknowledged."""
        try:
            await self._until_taken(self._send_dead_letters, dead_letters)
        except RecordRefusedError:
            # Which of them it was, nobody says.
            for dead_letter in dead_letters:
                with concerning(_place(dead_letter)):
                    await self._publish_one(dead_letter)

    async def publish_minutes(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Produce rows of the table `minutes` to `sla.minutes`; returns once all are acknowledged."""
        await self._until_taken(self._send_minutes, rows, refusable=False)

    def close(self) -> None:
        """Let the thread go; everything published is acknowledged already."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _publish_one(self, dead_letter: DeadLetterRecord) -> None:
        try:
            await self._until_taken(self._send_dead_letters, [dead_letter])
        except RecordRefusedError as error:
            place = {"topic": dead_letter.topic, "partition": dead_letter.partition, "offset": dead_letter.offset}
            _log.warning("a dead letter is refused, its stand-in is kept", **place, error=str(error))
            await self._until_taken(self._send_stand_in, [dead_letter], refusable=False)

    async def _until_taken(self, send: Callable[[Any], None], items: Sequence[Any], *, refusable: bool = True) -> None:
        # Twice is harmless: a dead letter counts by its bytes, a minute by its greatest version.
        while items:
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, send, items)
            except ZectoError as error:
                if refusable and isinstance(error, RecordRefusedError):
                    raise
                self._waits.failed(_WHAT, error)
                away = error.code in _NOT_THERE and not isinstance(error, RecordRefusedError)
                said = "waiting for the broker" if away else "the broker refuses what is written, trying again"
                _log.warning(said, error=str(error), code=error.code.value)
                await asyncio.sleep(_RETRY_S)
            else:
                break
        self._waits.ended(_WHAT)

    def _send_dead_letters(self, dead_letters: Iterable[DeadLetterRecord]) -> None:
        self._send(
            (DEAD_LETTERS, dead_letter_value(one), one.topic.encode(), dead_letter_headers(one)) for one in dead_letters
        )

    def _send_stand_in(self, dead_letters: Iterable[DeadLetterRecord]) -> None:
        self._send(
            (DEAD_LETTERS, (one.value or b"")[:HEAD_BYTES], one.topic.encode(), stand_in_headers(one))
            for one in dead_letters
        )

    def _send(self, records: Iterable[tuple[str, bytes, bytes, ProducerHeaders | None]]) -> None:
        try:
            for topic, value, key, headers in records:
                self._producer.send(topic, value, key=key, headers=headers)
            self._producer.flush()
        except ZectoError:
            # An idempotent producer that has met what it calls fatal never takes a record again.
            self._producer.abandon()
            self._producer = Producer(self._settings, options=_OPTIONS)
            raise

    def _send_minutes(self, rows: Iterable[Mapping[str, object]]) -> None:
        self._send(
            (MINUTES, msgspec.json.encode(counts), f"{counts.service}|{counts.minute}".encode(), None)
            for counts in map(minute_counts, rows)
        )


def _place(dead_letter: DeadLetterRecord) -> RecordPlace:
    return RecordPlace(dead_letter.topic, dead_letter.partition, dead_letter.offset)


def dead_letter_value(dead_letter: DeadLetterRecord) -> bytes:
    """The record's bytes, or the first of them if it is too large."""
    value = dead_letter.value or b""
    return value[:HEAD_BYTES] if _needs_stand_in(dead_letter) else value


def dead_letter_headers(dead_letter: DeadLetterRecord) -> ProducerHeaders:
    """The headers of a dead letter; `null` distinguishes a record without a value from an empty one."""
    return stand_in_headers(dead_letter) if _needs_stand_in(dead_letter) else _headers(dead_letter, None)


def stand_in_headers(dead_letter: DeadLetterRecord) -> ProducerHeaders:
    """The headers of its stand-in."""
    return _headers(dead_letter, dead_letter.large or large_value([dead_letter.value or b""]))


def _headers(dead_letter: DeadLetterRecord, large: LargeValue | None) -> ProducerHeaders:
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
