"""Performance for people."""

from collections.abc import Mapping
from typing import Final

from rich.table import Table

from streams.core.console import Piece, TextConsole, styled
from streams.core.tables import table_of
from streams.guarantees.performance.shares import PerformanceView, ShareView

_WIDE: Final = 148
_FIGURES: Final = (">share %", ">target %", ">of", ">unmeasured")
_WIDE_FIGURES: Final = (">share %", ">at worst %", ">target %", ">within", *_FIGURES[2:], ">p50", ">p95", ">p99")
_MET: Final[Mapping[bool | None, Piece]] = {True: styled("met", "green"), False: styled("missed", "bold red"), None: ""}


def print_performance(console: TextConsole, view: PerformanceView) -> None:
    """A line a guarantee, those of one account, operator or region together."""
    state = styled("complete", "") if view.complete else styled("provisional", "cyan")
    console.say(styled(view.month, "bold"), f" · policy {view.policy} · ", state)
    if not view.guarantees:
        console.say("nothing was counted")
        return
    # A file or a pipe is as wide as the figures are; a narrow terminal gets fewer of them, never half of one.
    if not console.is_terminal:
        console.width = max(console.width, _WIDE)
    is_wide = console.width >= _WIDE
    console.print(_table(view, is_wide=is_wide))
    if not is_wide:
        console.say("latencies, what was within and at worst: in a wider terminal, or with --json", style="dim")
    if view.pending_messages:
        console.say(f"{view.pending_messages:,} messages are on their way: they are settled after their wait (C3)")
    for one in view.impossible_times:
        of = f" of {one.of}" if one.of else ""
        console.say(f"{one.service}{of}: {one.messages:,} messages delivered before they were submitted (P2)")


def _table(view: PerformanceView, *, is_wide: bool) -> Table:
    by = [] if view.by == "service" else [view.by.removesuffix("_id")]
    table = table_of(*by, "service", "guarantee", *(_WIDE_FIGURES if is_wide else _FIGURES), "", giving_way=0)
    for one in view.guarantees:
        of = [one.of or "(none)"] if by else []
        table.add_row(*of, one.service, f"{one.guarantee} ({one.rule})", *_figures(one, is_wide), _MET[one.met])
    return table


def _figures(one: ShareView, is_wide: bool) -> list[str]:
    unmeasured = f"{one.unmeasured:,}" if one.unmeasured else ""
    if not is_wide:
        return [one.share, one.target, f"{one.counted:,}", unmeasured]
    quantiles = [one.quantiles_ms.get(name) for name in ("p50", "p95", "p99")]
    return [
        one.share,
        one.at_worst,
        one.target,
        f"{one.within:,}",
        f"{one.counted:,}",
        unmeasured,
        *("" if value is None else f"{value:,} ms" for value in quantiles),
    ]
