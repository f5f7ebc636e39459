"""`zecto-sla import`: real access logs to `api.requests`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from schemas.fields import Service

if TYPE_CHECKING:
    from streams.kafka.producer import Producer

_TOPIC = "api.requests"
_SHOW_EVERY = 10_000
_EMPTY = (b"", b"\r")
_ACCOUNT_CHARACTERS = 64


@dataclass(kw_only=True)
class Imported:
    """What a call did; printed as it is with --json. `records` + `unparsed` + `empty_lines` = lines."""

    topic: str
    service: str
    records: int = 0
    unparsed: int = 0
    empty_lines: int = 0
    seconds: float = 0.0


def register(app: App) -> None:
    """Add `import`."""
    app.command(import_logs, name="import", group="Records")


def import_logs(
    *files: Annotated[str, Parameter(allow_leading_hyphen=True)],
    service: Service,
    format: Literal["combined"] = "combined",  # noqa: A002, ARG001  the option's name; one value so far
    account: str = "import",
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Send access logs (Combined or Common Log Format) to api.requests, a line a request.

    Importing a file again counts nothing twice: a line's id is a hash of the line and of its ordinal among identical
    lines of its file. Identical lines of two files count once; import such files as one, through standard input,
    where they are two requests. A line that does not parse is sent unchanged: the worker sets it aside with its
    reason, and it counts as missing in the bounds; if none of the first lines does, nothing is sent. A status of -,
    0 or 000 says nothing of what was sent: its outcome is unknown. Empty lines are skipped.

    .. code-block:: console

        $ zecto-sla import --service sms access.log access.log.1.gz
        $ zcat access.log.*.gz | zecto-sla import --service email --account acme -

    Args:
        files: Log files; .gz is unpacked, - is standard input.
        service: The service that the logged requests belong to.
        format: The log's format.
        account: The account that the requests are put down to.
        json: Print the summary as one JSON object.
    """
    from streams.cli.output import print_summary
    from streams.core.clock import now_ms
    from streams.core.errors import UsageError
    from streams.core.settings import Settings
    from streams.kafka.producer import PATIENCE_S, Producer
    from streams.operations.line_files import check_files

    if not files:
        raise UsageError("name at least one log file, or - for standard input")
    if not 1 <= len(account) <= _ACCOUNT_CHARACTERS:
        raise UsageError(f"--account takes 1 to {_ACCOUNT_CHARACTERS} characters")
    check_files(files)
    began_ms = now_ms()
    done = Imported(topic=_TOPIC, service=service)
    with Producer(Settings(), patience_s=PATIENCE_S) as producer:
        producer.require(_TOPIC)
        for name in files:
            _send_file(producer, name, account, done)
    done.seconds = (now_ms() - began_ms) / 1000
    print_summary(
        done,
        f"{done.records:,} requests of {service} to {_TOPIC} in {done.seconds:.1f} s"
        + (f"; {done.unparsed:,} lines that do not parse sent as they stand" if done.unparsed else "")
        + (f"; {done.empty_lines:,} empty lines skipped" if done.empty_lines else ""),
        json=json,
    )


def _send_file(producer: "Producer", name: str, account: str, done: Imported) -> None:
    from streams.cli.progress import progress_bar
    from streams.core.errors import UsageError
    from streams.operations.import_logs.combined import records
    from streams.operations.import_logs.first_lines import checked_lines
    from streams.operations.line_files import LineFile, check_files

    with LineFile(name) as lines, progress_bar(f"{lines.shown} to {_TOPIC}", check_files([name])) as on_progress:

        def counted() -> Iterator[bytes]:
            for line in lines:
                done.empty_lines += line in _EMPTY
                yield line

        try:
            for key, value in records(checked_lines(counted()), service=done.service, account_id=account):
                producer.send(_TOPIC, value, key=key)
                if key is None:
                    done.unparsed += 1
                else:
                    done.records += 1
                if (done.records + done.unparsed) % _SHOW_EVERY == 0:
                    on_progress(lines.read_bytes(), done.records)
        except UsageError as error:
            raise UsageError(f"{lines.shown}: {error}") from error
        producer.flush()
