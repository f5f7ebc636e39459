"""`zecto-sla demo`: the whole system in one command, on real parts; what `make run` calls."""

import os
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from streams.cli.parameters import WHOLE

if TYPE_CHECKING:
    from streams.core.console import Piece, TextConsole
    from streams.months.month import MonthSummary, PlatformSummary
    from streams.simulate import MonthTruth, PlatformTruth
    from streams.stack.stack import EmbeddedStack

_DRAIN_S = 600.0
_HINTS = """\
It keeps serving until Ctrl-C. In another terminal, in this directory:

  export {variables}
  .venv/bin/zecto-sla month {month}
  .venv/bin/zecto-sla explain {service} {minute}
  .venv/bin/zecto-sla import --format combined --service sms ACCESS_LOG && .venv/bin/zecto-sla drain

or ask it in SQL, from any ClickHouse client over HTTP:

  curl "$ZECTO_CLICKHOUSE_URL/?database=zecto" --data-binary "SELECT service, state, count() AS minutes
    FROM verdicts WHERE month = '{month}' AND policy = '{policy}' AND is_current
    GROUP BY service, state ORDER BY service, state"
"""


def register(app: App) -> None:
    """Add `demo`."""
    app.command(demo, group="On this machine")


def demo(
    *,
    seed: Annotated[int, WHOLE] = 7,
    records: Annotated[int, WHOLE, Parameter(validator=Number(gte=1))] = 400_000,
    data: Path | None = None,
    stay: Annotated[bool, Parameter(negative="no-stay")] = True,
) -> None:
    """Start a stack, send a simulated month through it, show it beside the truth, and keep serving until Ctrl-C.

    .. code-block:: console

        $ zecto-sla demo
        $ zecto-sla demo --seed 42 --records 1000000 --data demo-data

    Args:
        seed: Decides the month's traffic.
        records: About how many records.
        data: Keep the data in this directory; by default they go when it ends.
        stay: Keep serving until Ctrl-C.
    """
    from streams.cli.stack import _end_on_signals, _fetch_progress, _print_status
    from streams.core.console import TextConsole
    from streams.operations.migrate import migrate
    from streams.stack.stack import EmbeddedStack
    from streams.stack.supervisor import supervise

    console = TextConsole()
    _end_on_signals()
    place = tempfile.TemporaryDirectory(prefix="zecto-sla-") if data is None else nullcontext(str(data))
    try:
        with place as directory, _fetch_progress() as progress:
            stack = EmbeddedStack(Path(directory), prepare=migrate, on_status=_print_status, progress=progress)
            with stack:
                os.environ.update(stack.environment())
                _show(console, stack, seed=seed, records=records)
                if stay:
                    supervise(stack, _print_status)
    except KeyboardInterrupt:
        _print_status("stopped" if data is None else f"stopped; its data stay in {data}")


def _show(console: "TextConsole", stack: "EmbeddedStack", *, seed: int, records: int) -> None:
    """Simulate, drain, and print the month beside the truth."""
    from streams.cli.choices import choose_policy
    from streams.cli.drain import follow
    from streams.cli.simulate import span
    from streams.cli.simulation import run
    from streams.clickhouse.session import open_session
    from streams.core.clock import now_ms
    from streams.kafka.admin import Admin
    from streams.months.notes import month_notes
    from streams.months.page import print_month, read_month_at
    from streams.operations.drain import take_targets, watch
    from streams.simulate import plan

    settings = stack.settings()
    start_ms, minutes = span(None, None, None, now_ms=now_ms())
    outcome = run(
        plan(seed, start_ms=start_ms, minutes=minutes, records=records), directory=None, rate=None, want_truth=True
    )
    console.say(f"sent {sum(outcome.sent.values()):,} records of a simulated month, seed {seed}")
    console.say()
    targets = take_targets(Admin(settings))
    (truth,) = outcome.months
    choice = choose_policy(truth.month, None)
    with open_session(settings) as client:
        follow(watch(client, targets, timeout_s=_DRAIN_S))
        month = read_month_at(client, choice, None)
        notes = month_notes(client, choice)
    print_month(console, month, choice.policy, notes)
    _print_beside(console, month, truth)
    _print_hints(console, stack, month, truth)


def _print_beside(console: "TextConsole", month: "MonthSummary", truth: "MonthTruth") -> None:
    """Minutes that the simulator planted; where those measured differ they are shown beside them, in red."""
    from streams.core.tables import table_of

    console.say()
    console.say("what the simulator planted, in minutes", style="bold")
    table = table_of("service", ">good", ">down", ">at best", ">at worst", ">lost", ">excl.", ">blind", ">idle")
    agree = True
    rows = [(service, month.services[service], planted) for service, planted in truth.services.items()]
    for service, measured, planted in (*rows, ("platform", month.platform, truth.platform)):
        pairs = list(zip(_minutes(measured), _minutes(planted), strict=True))
        agree = agree and all(found == one for found, one in pairs)
        table.add_row(
            service,
            *(_beside(one, found) for found, one in pairs),
        )
    console.print(table)
    said = "measured: every minute as planted" if agree else "measured otherwise"
    console.say(said, style="green" if agree else "red")


def _beside(planted: int, measured: int) -> "Piece":
    from streams.core.console import styled

    return f"{planted:,}" if measured == planted else styled(f"{planted:,}, not {measured:,}", "red")


def _minutes(of: "PlatformSummary | PlatformTruth") -> tuple[int, ...]:
    return (
        of.good_minutes,
        of.down_minutes,
        of.down_minutes_low,
        of.down_minutes_high,
        of.down_minutes_high_lost,
        sum(of.excluded_minutes.values()),
        of.blind_minutes,
        of.idle_minutes,
    )


def _print_hints(console: "TextConsole", stack: "EmbeddedStack", month: "MonthSummary", truth: "MonthTruth") -> None:
    from streams.months.minutes import format_minute

    bad = (at for at, (state, _) in truth.states.items() if state == "down")
    service, minute = min(bad, default=("sms", 0), key=lambda at: at[1])
    hints = _HINTS.format(
        variables=" ".join(f"{name}={value}" for name, value in stack.environment().items()),
        month=month.month,
        policy=month.policy,
        service=service,
        minute=format_minute(minute),
    )
    for line in hints.splitlines():
        console.say(line)
