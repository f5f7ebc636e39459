"""`zecto-sla dump`: the raw archive of a topic."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumped:
    """What a call wrote; printed as it is with --json."""

    topic: str
    file: str
    records: int
    bytes: int
    partitions: list[dict[str, int]]
    seconds: float


def register(app: App) -> None:
    """Add `dump`."""
    app.command(dump, name="dump", group="Records")


def dump(
    topic: str,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Write what a topic holds now to a gzipped archive, a line a record, in order of partition and offset.

    A line is {topic, partition, offset, timestamp_ms, key, value, headers}. Key, value and header values are text
    where they are UTF-8, {"base64": "..."} where not, null where there is none; headers are [name, value] pairs. The
    same records give the same bytes. Records that come while it runs are left out. The file appears only when whole,
    and only its owner may read it (mode 0600).

    .. code-block:: console

        $ zecto-sla dump api.requests -o api.requests.ndjson.gz
        $ zecto-sla produce api.requests --from-dump api.requests.ndjson.gz

    Args:
        topic: A topic, of those read or of those written.
        output: The file to write (FILE.ndjson.gz); one that exists is refused.
        overwrite: Replace a file that exists.
        json: Print the summary as one JSON object.
    """
    from streams.cli.output import print_summary
    from streams.cli.progress import progress_bar
    from streams.core.clock import now_ms
    from streams.core.output_files import check_output
    from streams.core.settings import Settings
    from streams.kafka.archive import TopicArchive
    from streams.operations.topic_names import any_topic

    any_topic(topic)
    check_output(output, overwrite=overwrite)
    began_ms = now_ms()
    archive = TopicArchive(Settings(), topic)
    try:
        with progress_bar(f"from {topic}", archive.offsets) as on_progress:
            records, value_bytes = archive.write(output, on_progress, overwrite=overwrite)
    finally:
        archive.close()
    done = Dumped(
        topic=topic,
        file=str(output),
        records=records,
        bytes=value_bytes,
        partitions=[{"partition": s.partition, "first": s.first, "end": s.end} for s in archive.spans],
        seconds=(now_ms() - began_ms) / 1000,
    )
    print_summary(done, f"{records:,} records of {topic} to {output} in {done.seconds:.1f} s", json=json)
