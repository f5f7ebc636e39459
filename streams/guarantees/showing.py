"""Performance for people."""

from rich.console import Console
from rich.table import Table

from streams.guarantees.performance import PerformanceMonth, ToldShare

_MET = {True: "[green]met[/]", False: "[bold red]missed[/]", None: ""}


def print_performance(console: Console, told: PerformanceMonth) -> None:
    """A line a guarantee, those of one account, operator or region together."""
    state = "complete" if told.complete else "[cyan]provisional[/]"
    console.print(f"[bold]{told.month}[/] · policy {told.policy} · {state}")
    if not told.guarantees:
        console.print("nothing was counted")
        return
    table = Table(box=None, pad_edge=False)
    if told.by != "service":
        table.add_column(told.by.removesuffix("_id"))
    for name in ("service", "guarantee"):
        table.add_column(name, no_wrap=True)
    for name in ("share %", "target %", "within", "of", "unmeasured", "p50", "p95", "p99"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for one in told.guarantees:
        table.add_row(*([one.of or "(none)"] if told.by != "service" else []), *_cells(one))
    console.print(table)
    if told.pending_messages:
        console.print(f"{told.pending_messages:,} messages are on their way: they count as ours after their wait (C3)")


def _cells(one: ToldShare) -> list[str]:
    quantiles = [one.quantiles_ms.get(name) for name in ("p50", "p95", "p99")]
    return [
        one.service,
        f"{one.guarantee} ({one.rule})",
        one.share,
        one.target,
        f"{one.within:,}",
        f"{one.counted:,}",
        f"{one.unmeasured:,}" if one.unmeasured else "",
        *("" if value is None else f"{value:,} ms" for value in quantiles),
        _MET[one.met],
    ]
