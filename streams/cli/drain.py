"""`zecto-sla drain`: wait until what was produced so far counts."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.printing import print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.operations.drain import DrainProgress

_MOST_NAMED = 5


def register(app: App) -> None:
    """Add `drain`."""
    app.command(drain, name="drain", group="Records")


def drain(
    *,
    timeout: Annotated[float | None, Parameter(negative=())] = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Wait until everything produced before this call is stored and its minutes are evaluated.

    Takes the end of every partition of the input topics at the call, and returns when a worker is past all of them.
    It does not wait for the grace: the last minutes may still be pending afterwards.

    .. code-block:: console

        $ zecto-sla drain
        $ zecto-sla drain --timeout 120 && zecto-sla month 2026-09

    Args:
        timeout: Seconds to wait at most; then exit 1, naming the partitions that lag. Without it, as long as it takes.
        json: Print the partitions and how far they are as one JSON object.
    """
    from streams.clickhouse.session import open_session
    from streams.core.errors import UsageError
    from streams.core.settings import Settings
    from streams.kafka.admin import Admin
    from streams.operations.drain import take_targets, watch

    if timeout is not None and timeout < 0:
        raise UsageError("--timeout is a number of seconds, 0 or more")
    settings = Settings()
    targets = take_targets(Admin(settings))
    with open_session(settings) as client:
        last = follow(watch(client, targets, timeout_s=timeout))
    _report(last, json=json)


def follow(looks: "Iterator[DrainProgress]") -> "DrainProgress":
    """Show how far evaluation is, until the last look; returns that."""
    from streams.cli.progress import progress_bar

    first = next(looks)
    last = first
    with progress_bar("evaluated", first.offsets_left) as on_progress:
        for last in looks:
            done = first.offsets_left - last.offsets_left
            on_progress(done, done)
    return last


def _report(last: "DrainProgress", *, json: bool) -> None:
    from streams.core.errors import Code, ZectoError

    if json:
        partitions = [
            {"topic": target.topic, "partition": target.partition, "end": target.end, "evaluated_next": position}
            for target, position in sorted(last.evaluated.items())
        ]
        print_json({"drained": not last.lagging, "partitions": partitions})
    if last.lagging:
        raise ZectoError(
            f"not drained in time: {_lagging(last)}",
            hint="is a worker running, and what does zecto-sla doctor say?",
            code=Code.NOT_DRAINED,
        )
    if not json:
        print_line(f"drained: {len(last.evaluated)} partitions with records, all evaluated")


def _lagging(last: "DrainProgress") -> str:
    named = [
        f"{target.topic}/{target.partition} at {last.evaluated[target]:,} of {target.end:,}" for target in last.lagging
    ]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more
