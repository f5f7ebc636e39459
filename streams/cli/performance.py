"""`zecto-sla performance`: how fast and how surely a month was served, held against what was promised."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from streams.cli.printing import print_json


def register(app: App) -> None:
    """Add `performance`."""
    app.command(performance, group="Credits")


def performance(
    month: str,
    /,
    *,
    by: Literal["service", "account", "operator", "region"] = "service",
    policy: str | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Show a month's performance guarantees (§3, P1-P5): counts over counts, met or missed, with latency quantiles.

    Days that are over and were not counted yet, or got records since, are counted first; what is counted outlives the
    ledger's rows.

    .. code-block:: console

        $ zecto-sla performance 2026-09
        $ zecto-sla performance 2026-09 --by operator --json

    Args:
        month: YYYY-MM, in the policy's zone.
        by: Also by whom: a line for each account, operator or region.
        policy: Policy id; default: the one effective at the start of the month.
        json: Print everything as one JSON object.
    """
    from streams.cli.choices import choose_policy, known_policies
    from streams.clickhouse.session import open_session
    from streams.core.clock import now_ms
    from streams.core.console import TextConsole, status
    from streams.core.settings import Settings
    from streams.guarantees.performance.month import performance_of
    from streams.guarantees.performance.render import print_performance

    choice = choose_policy(month, policy)
    with open_session(Settings()) as client, status(f"performance of {month}") as on_status:
        view = performance_of(client, choice, known_policies(), by=by, now_ms=now_ms(), on_status=on_status)
    if json:
        print_json(view)
    else:
        print_performance(TextConsole(), view)
