"""`zecto-sla up`, `down`, `env`: the embedded stack of a data directory."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from streams.cli.parameters import WHOLE
from streams.cli.printing import print_json, print_line

Data = Annotated[Path, Parameter(help="data directory; every directory is a stack of its own")]
_DATA = Path(".zecto")
_PORT = Number(gte=0, lte=65535)


def register(app: App) -> None:
    """Add `up`, `down` and `env`."""
    app.command(up, group="On this machine")
    app.command(down, group="On this machine")
    app.command(env, group="On this machine")


def up(
    *,
    data: Data = _DATA,
    detach: Annotated[bool, Parameter(negative="", help="return when it is ready, leave it running")] = False,
    kafka_port: Annotated[int, WHOLE, Parameter(validator=_PORT, help="port of the broker; 0: any free one")] = 0,
    clickhouse_port: Annotated[
        int, WHOLE, Parameter(validator=_PORT, help="port of ClickHouse's HTTP interface; 0: any free one")
    ] = 0,
    web_port: Annotated[
        int, WHOLE, Parameter(validator=_PORT, help="port of the feed of credits; 0: any free one")
    ] = 0,
) -> None:
    """Start broker, ClickHouse engine, worker and feed of credits on this machine; keep them running until Ctrl-C.

    The first time it fetches the broker's jars (40 MB). Data stay in the directory; everything listens on the loopback
    interface only.

    .. code-block:: console

        $ zecto-sla up
        $ zecto-sla up --data other --detach && export $(zecto-sla env --data other)
    """
    from streams.operations.migrate import migrate
    from streams.stack.stack import EmbeddedStack
    from streams.stack.supervisor import start_detached, supervise

    with _fetch_progress() as progress:
        if detach:
            ports = {"kafka_port": kafka_port, "clickhouse_port": clickhouse_port, "web_port": web_port}
            variables = start_detached(data, **ports, progress=progress)
            _print_variables(variables)
            _print_status(f"it is up; end it with: zecto-sla down --data {data}")
            return
        _end_on_signals()
        stack = EmbeddedStack(
            data,
            prepare=migrate,
            web=True,
            kafka_port=kafka_port,
            clickhouse_port=clickhouse_port,
            web_port=web_port,
            on_status=_print_status,
            progress=progress,
        )
        try:
            with stack:
                _print_variables(stack.environment())
                _print_status(
                    f"it is up; in another terminal: export $(zecto-sla env --data {data}); end it with Ctrl-C"
                )
                supervise(stack, _print_status)
        except KeyboardInterrupt:
            _print_status(f"stopped; its data stay in {data}")


def down(*, data: Data = _DATA) -> None:
    """Stop exactly what `up` started on this data directory; its data stay.

    .. code-block:: console

        $ zecto-sla down --data other
    """
    from streams.stack.supervisor import stop_running

    stop_running(data)
    _print_status(f"stopped; its data stay in {data}")


def env(
    *,
    data: Data = _DATA,
    json: Annotated[bool, Parameter(negative="", help="one JSON object instead of lines")] = False,
) -> None:
    """Print where a running stack is reached, as lines `ZECTO_...=...`.

    .. code-block:: console

        $ export $(zecto-sla env)
        $ zecto-sla month 2026-09
    """
    from streams.stack.stack_file import StackFile

    variables = StackFile(data).running().environment
    if json:
        print_json(variables)
    else:
        _print_variables(variables)


def _print_variables(variables: dict[str, str]) -> None:
    for name, value in variables.items():
        print_line(f"{name}={value}")


def _print_status(message: str) -> None:
    print_line(f"zecto-sla: {message}", stderr=True)


def _end_on_signals() -> None:
    """SIGTERM and SIGHUP end the stack as Ctrl-C does; while it ends, further ones are not heard."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def _fetch_progress() -> AbstractContextManager[Callable[[int, int], None]]:
    """While the broker's jars come down."""
    from streams.cli.progress import fetch_bar

    return fetch_bar("fetching the Kafka broker, this once", _print_status)
