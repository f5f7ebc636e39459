"""`zecto-sla produce`: NDJSON to an input topic, byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from streams.importing.keys import KeyReader
    from streams.kafka.producer import Producer

_SHOW_EVERY = 10_000


@dataclass(kw_only=True)
class Produced:
    """What a call did; printed as it stands with --json."""

    topic: str
    records: int = 0
    bytes: int = 0
    empty_lines: int = 0
    seconds: float = 0.0


def register(app: App) -> None:
    """Add `produce`."""
    app.command(produce, name="produce")


def produce(
    topic: str,
    /,
    *files: Annotated[str, Parameter(allow_leading_hyphen=True)],
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Send the lines of NDJSON files to an input topic, byte for byte.

    A record is a line without its final newline; a carriage return before it stays. An empty line is no record: it
    is skipped and counted. A broken line goes out too, as it stands: the worker sets it aside with its reason and
    counts it in the bounds. The record's key is the topic's key field, where the line has one.

    .. code-block:: console

        $ zecto-sla produce api.requests requests.ndjson more.ndjson.gz
        $ zcat old.ndjson.gz | zecto-sla produce carrier.receipts -

    Args:
        topic: An input topic, such as api.requests.
        files: Files of one JSON object a line; .gz is unpacked, - is standard input.
        json: Print the summary as one JSON object.
    """
    from streams.cli.output import print_summary
    from streams.clock import now_ms
    from streams.errors import UsageError
    from streams.importing.keys import key_reader
    from streams.importing.lines import check_files
    from streams.importing.topics import input_topic
    from streams.kafka.producer import Producer
    from streams.settings import Settings

    read_key = key_reader(input_topic(topic).key)
    if not files:
        raise UsageError("name at least one file, or - for standard input")
    total_bytes = check_files(files)
    began_ms = now_ms()
    done = Produced(topic=topic)
    with Producer(Settings()) as producer:
        producer.require(topic)
        _send_files(producer, read_key, files, total_bytes, done)
    done.seconds = (now_ms() - began_ms) / 1000
    print_summary(
        done,
        f"{done.records:,} records ({done.bytes:,} bytes) to {topic} in {done.seconds:.1f} s"
        + (f"; {done.empty_lines:,} empty lines skipped" if done.empty_lines else ""),
        json=json,
    )


def _send_files(
    producer: "Producer", read_key: "KeyReader", files: Iterable[str], total_bytes: int | None, done: Produced
) -> None:
    from streams.cli.progress import progress_bar
    from streams.importing.lines import LineFile

    topic, send = done.topic, producer.send
    read_before = 0
    with progress_bar(f"to {topic}", total_bytes) as advance:
        for name in files:
            with LineFile(name) as lines:
                for line in lines:
                    if not line:
                        done.empty_lines += 1
                        continue
                    send(topic, line, key=read_key(line))
                    done.records += 1
                    done.bytes += len(line)
                    if done.records % _SHOW_EVERY == 0:
                        advance(read_before + lines.read_bytes(), done.records)
                read_before += lines.read_bytes()
        advance(read_before, done.records)
        producer.flush()
