"""`zecto-sla restore`: a ledger once more, from archives."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

_FLAG = Parameter(negative=())


def register(app: App) -> None:
    """Add `restore`."""
    app.command(restore, group="In production")


def restore(
    *archives: Path,
    lost: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    json: Annotated[bool, _FLAG] = False,
) -> None:
    """Rebuild the ledger of an empty stack from archives (dump), as the records were known when they were read.

    Broker timestamps, partitions and offsets are those of the archives, so `month --as-of` and `close` say what
    they said before, to the byte. Needs the input topics' archives and, for what was closed, that of sla.statements.
    Those of sla.minutes and sla.dead-letters are not read: they are written anew. Running it again finishes what was
    cut off.

    .. code-block:: console

        $ zecto-sla up --data second --detach && export $(zecto-sla env --data second)
        $ zecto-sla restore archives/
        $ zecto-sla close 2026-09

    Args:
        archives: Files of `dump`, or directories of them.
        lost: A hole in the archives that retention made before anybody had read it: TOPIC@SINCE/UNTIL, the broker
            timestamps on its two sides, as `audit` takes it. Other holes are transaction markers.
        json: Print what was restored as one JSON object.
    """
    import asyncio

    from streams.audit.reading import read_lost
    from streams.cli.output import print_summary
    from streams.cli.progress import progress_bar
    from streams.clickhouse.session import open_session
    from streams.core.errors import UsageError
    from streams.core.logs import configure_logs
    from streams.core.settings import Settings
    from streams.operations.archives import ArchiveHole
    from streams.operations.restore import restore

    if not archives:
        raise UsageError("name at least one archive, or a directory of them")
    spans = [read_lost(text) for text in lost]
    holes = [ArchiveHole(span.topic, span.last_read_ms or 0, span.until_ms) for span in spans]
    settings = Settings()
    configure_logs(settings)
    with open_session(settings) as client, progress_bar("restoring", None) as on_progress:
        done = asyncio.run(restore(client, settings, archives, holes, lambda records: on_progress(records, records)))
    line = f"{sum(done.records.values()):,} records of {len(done.records)} topics and {done.closings} closings restored"
    print_summary(done, f"{line}; a month is complete here once a worker runs", json=json)
