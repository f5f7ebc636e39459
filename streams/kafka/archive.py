"""Raw archives of topics: gzipped NDJSON, a line a record, from which every byte of the record comes back.

`{"topic", "partition", "offset", "timestamp_ms", "key", "value", "headers"}`: key, value and header values are text
where they are UTF-8, `{"base64": "..."}` where they are not or are larger than 8 MiB, and null where the record has
none; headers are a list of [name, value], in the record's order. The same records give the same file, byte for byte.
"""

import base64
import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import confluent_kafka
import msgspec

from schemas.raw_value import READ_BYTES
from streams.core.errors import Code, ZectoError
from streams.core.output_files import output_file
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from streams.kafka.errors import Heard, unanswered, unfit_connection

_REACH_TIMEOUT_S: Final = 6.0
_FETCH_RECORDS: Final = 10_000
_FETCH_TIMEOUT_S: Final = 0.2
_SILENT_FETCHES_MAX: Final = 150
_GZIP_LEVEL: Final = 6
_NO_CONSUMER_GROUP: Final = "zecto-sla-dump"
# The client unpacks all that one fetch brings, and a few kilobytes may unpack to a hundred megabytes: so a fetch brings
# little, or one batch, of which the client unpacks as much as it can at all.
_FETCH_BYTES: Final = 16 * 1024
_UNPACKED_BYTES: Final = 2_147_483_647
_AHEAD_KIB: Final = 16 * 1024
# Of values, held at once.
_HELD_BYTES: Final = 32 * 1024 * 1024

OnProgress = Callable[[int, int], None]


class Base64(msgspec.Struct, frozen=True):
    """Bytes that are no UTF-8, or many: as text, one of them may take six."""

    base64: str


class ArchivedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an archive; `bytes_of` gives back what its fields encode."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: str | Base64 | None
    value: str | Base64 | None
    headers: list[tuple[str, str | Base64 | None]]

    @property
    def value_size(self) -> int:
        """How many characters say its value."""
        return len(self.value.base64) if isinstance(self.value, Base64) else len(self.value or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetSpan:
    """The offsets [first, end) that a partition held at the call."""

    partition: int
    first: int
    end: int


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ArchivedRecord).decode


def text_of(content: bytes | None) -> str | Base64 | None:
    """Bytes as an archive says them."""
    if content is None:
        return None
    if len(content) > READ_BYTES:
        return Base64(base64.b64encode(content).decode())
    try:
        return content.decode()
    except UnicodeDecodeError:
        return Base64(base64.b64encode(content).decode())


def bytes_of(content: str | Base64 | None) -> bytes | None:
    """The bytes that a field of an archive encodes."""
    match content:
        case None:
            return None
        case str():
            return content.encode()
        case Base64():
            return base64.b64decode(content.base64, validate=True)


def format_line(record: ArchivedRecord) -> bytes:
    """A record as one line, without its newline."""
    return _encode(record)


def parse_line(line: bytes) -> ArchivedRecord:
    """The record of a line.

    Raises:
        ZectoError: the line is not one of an archive.
    """
    try:
        record = _decode(line)
        for content in (record.key, record.value, *(value for _, value in record.headers)):
            bytes_of(content)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ZectoError(f"not a line of an archive ({error})", code=Code.ARCHIVE_UNUSABLE) from error
    return record


def _consumer(config: Mapping[str, Any]) -> Any:  # noqa: ANN401  the client is untyped
    try:
        return confluent_kafka.Consumer(config)
    except confluent_kafka.KafkaException as error:
        raise unfit_connection(error) from error


class TopicArchive:
    """What a topic holds at one moment, to be written to a file in order of partition and offset."""

    def __init__(self, settings: Settings, topic: str) -> None:
        """Ask the broker for the topic's partitions and their ends, now.

        Raises:
            ZectoError: no broker answers, or it has no such topic.
        """
        self._bootstrap = settings.kafka_bootstrap
        self._topic = topic
        heard = Heard()
        self._consumer: Any = _consumer(
            {
                **client_config(settings),
                "error_cb": heard,
                "client.id": "zecto-sla-dump",
                "group.id": _NO_CONSUMER_GROUP,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "fetch.message.max.bytes": _FETCH_BYTES,
                "receive.message.max.bytes": _UNPACKED_BYTES,
                "queued.max.messages.kbytes": _AHEAD_KIB,
                "log_level": 0,
            }
        )
        try:
            self.spans = self._ask_spans()
        except confluent_kafka.KafkaException as error:
            cause = heard.cause_of(error, self._consumer)
            self._consumer.close()
            raise unanswered(cause, self._bootstrap) from error

    @property
    def offsets(self) -> int:
        """Offsets between the first and the end of all partitions: at least as many as records."""
        return sum(span.end - span.first for span in self.spans)

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def write(self, path: Path, on_progress: OnProgress, *, overwrite: bool = False) -> tuple[int, int]:
        """Write the archive; it appears under its name only when it is whole. Returns records, bytes of their values.

        Raises:
            UsageError: the file's directory does not exist or may not be written, or its name is taken.
            ZectoError: the broker stops answering, or the file does not reach the disk.
        """
        with output_file(path, overwrite=overwrite) as raw:
            return self._write_records(raw, on_progress)

    def records(self) -> Iterator[ArchivedRecord]:
        """The records, partition after partition, each in offset order."""
        for span in self.spans:
            yield from self.records_of(span)

    def _write_records(self, raw: Any, on_progress: OnProgress) -> tuple[int, int]:  # noqa: ANN401  any binary file
        count = value_bytes = 0
        # neither name nor time in the gzip header, or the same records would not give the same file
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=_GZIP_LEVEL) as packed:
            for record in self.records():
                packed.write(format_line(record) + b"\n")
                count += 1
                value_bytes += len(bytes_of(record.value) or b"")
                if count % _FETCH_RECORDS == 0:
                    on_progress(count, count)
        on_progress(self.offsets, count)
        return count, value_bytes

    def _ask_spans(self) -> tuple[OffsetSpan, ...]:
        known = self._consumer.list_topics(timeout=_REACH_TIMEOUT_S).topics.get(self._topic)
        if known is None:
            self._consumer.close()
            raise ZectoError(
                f"the broker at {self._bootstrap} has no topic {self._topic}",
                hint="run zecto-sla migrate",
                code=Code.TOPIC_MISSING,
            )
        spans = []
        for partition in sorted(known.partitions):
            first, end = self._consumer.get_watermark_offsets(
                confluent_kafka.TopicPartition(self._topic, partition), timeout=_REACH_TIMEOUT_S
            )
            spans.append(OffsetSpan(partition=partition, first=first, end=end))
        return tuple(spans)

    def records_of(self, span: OffsetSpan) -> Iterator[ArchivedRecord]:
        """The records of a span, in offset order.

        Raises:
            ZectoError: the broker stops answering.
        """
        if span.first >= span.end:
            return
        self._consumer.assign([confluent_kafka.TopicPartition(self._topic, span.partition, span.first)])
        silent, position, room = 0, span.first, _FETCH_RECORDS
        while silent < _SILENT_FETCHES_MAX:
            # never more than can be left, or the call would wait for what does not come
            messages = self._consumer.consume(min(room, span.end - position), _FETCH_TIMEOUT_S)
            silent, room = (0, _room(messages)) if messages else (silent + 1, room)
            for message in messages:
                error = message.error()
                if error is None:
                    if message.offset() >= span.end:
                        return
                    yield _record(self._topic, message)
                    position = message.offset() + 1
                    if position == span.end:
                        return
                elif error.code() == confluent_kafka.KafkaError._PARTITION_EOF:  # noqa: SLF001  its public name
                    return
                else:
                    raise ZectoError(
                        f"{self._topic} partition {span.partition} cannot be read: {error.str()}",
                        code=Code.TOPIC_UNREADABLE,
                    )
        raise ZectoError(
            f"the broker at {self._bootstrap} sent nothing of {self._topic} partition {span.partition} for "
            f"{_SILENT_FETCHES_MAX * _FETCH_TIMEOUT_S:.0f} s",
            code=Code.TOPIC_UNREADABLE,
        )


def _room(messages: Sequence[confluent_kafka.Message]) -> int:
    """How many records to take next: of those as large as the largest of these, as many as may be held."""
    return max(1, min(_FETCH_RECORDS, _HELD_BYTES // max(1, *map(len, messages), 1)))


def _record(topic: str, message: confluent_kafka.Message) -> ArchivedRecord:
    return ArchivedRecord(
        topic=topic,
        partition=message.partition(),
        offset=message.offset(),
        timestamp_ms=message.timestamp()[1],
        key=text_of(message.key()),
        value=text_of(message.value()),
        headers=[(name, text_of(value)) for name, value in message.headers() or ()],
    )
