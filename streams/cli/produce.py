"""`zecto-sla produce`: NDJSON to an input topic, byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from streams.kafka.producer import Producer
    from streams.operations.produce import RecordReader

_EMPTY = (b"", b"\r")
_SHOW_EVERY = 10_000


@dataclass(kw_only=True)
class Produced:
    """What a call did; printed as it is with --json."""

    topic: str
    records: int = 0
    bytes: int = 0
    empty_lines: int = 0
    seconds: float = 0.0


def register(app: App) -> None:
    """Add `produce`."""
    app.command(produce, name="produce", group="Records")


def produce(
    topic: str,
    /,
    *files: Annotated[str, Parameter(allow_leading_hyphen=True)],
    from_dump: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Send the lines of NDJSON files to an input topic, byte for byte.

    A record is a line without its final newline; a carriage return before it stays. An empty line is no record: it
    is skipped and counted. A broken line is sent too, unchanged: the worker sets it aside with its reason and
    counts it in the bounds. The record's key is the topic's key field, where the line has one.

    .. code-block:: console

        $ zecto-sla produce api.requests requests.ndjson more.ndjson.gz
        $ zcat old.ndjson.gz | zecto-sla produce carrier.receipts -
        $ zecto-sla produce api.requests --from-dump archive.ndjson.gz

    Args:
        topic: An input topic, such as api.requests.
        files: Files of one JSON object a line; .gz is unpacked, - is standard input.
        from_dump: The files are archives of `zecto-sla dump`: send the records in them, keys and headers too.
        json: Print the summary as one JSON object.
    """
    from streams.cli.output import print_summary
    from streams.core.clock import now_ms
    from streams.core.errors import UsageError
    from streams.core.settings import Settings
    from streams.kafka.producer import PATIENCE_S, Producer
    from streams.operations.line_files import check_files
    from streams.operations.produce import archived_record, line_reader
    from streams.operations.topic_names import input_topic

    key_field = input_topic(topic).key
    if not files:
        raise UsageError("name at least one file, or - for standard input")
    total_bytes = check_files(files)
    read_record = archived_record if from_dump else line_reader(key_field)
    began_ms = now_ms()
    done = Produced(topic=topic)
    with Producer(Settings(), patience_s=PATIENCE_S) as producer:
        producer.require(topic)
        _send_files(producer, read_record, files, total_bytes, done)
    done.seconds = (now_ms() - began_ms) / 1000
    print_summary(
        done,
        f"{done.records:,} records ({done.bytes:,} bytes) to {topic} in {done.seconds:.1f} s"
        + (f"; {done.empty_lines:,} empty lines skipped" if done.empty_lines else ""),
        json=json,
    )


def _send_files(
    producer: "Producer", read_record: "RecordReader", files: Iterable[str], total_bytes: int | None, done: Produced
) -> None:
    from streams.cli.progress import progress_bar
    from streams.core.errors import ZectoError
    from streams.operations.line_files import LineFile

    topic, send = done.topic, producer.send
    read_before = 0
    with progress_bar(f"to {topic}", total_bytes) as on_progress:
        for name in files:
            with LineFile(name) as lines:
                for line in lines:
                    if line in _EMPTY:
                        done.empty_lines += 1
                        continue
                    try:
                        key, value, headers = read_record(line)
                    except ZectoError as error:
                        at = f"{lines.shown}:{lines.number}: {error.message}"
                        raise ZectoError(at, hint=error.hint, code=error.code) from error
                    send(topic, value, key=key, headers=headers)
                    done.records += 1
                    done.bytes += len(value or b"")
                    if done.records % _SHOW_EVERY == 0:
                        on_progress(read_before + lines.read_bytes(), done.records)
                read_before += lines.read_bytes()
        on_progress(read_before, done.records)
        producer.flush()
