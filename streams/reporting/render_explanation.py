"""An explanation for people: the state, the rule in a sentence, what the minute is made of, and where to look."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.reporting.explanation import Explanation, Side, Window
from streams.reporting.render import styled_state

_SHOWN: Final = 2


def print_explanation(console: Console, found: Explanation) -> None:
    """One service-minute."""
    console.print(f"{found.service} {found.minute}  {styled_state(found.state, found.kind)}")
    clauses = f" ({', '.join(found.clauses)})" if found.clauses else ""
    _say(console, f"rule {found.rule}{clauses}: {found.because}")
    _say(console, f"policy {found.policy}, month {found.month}")
    for line in _compared(found):
        _say(console, line)
    _say(
        console,
        f"at best {'down' if found.down_at_best else 'not down'}, at worst "
        f"{'down' if found.down_at_worst else 'not down'} (B4); missing: {found.requests.missing} requests, "
        f"{found.messages.missing} messages (B3)",
    )
    if found.gaps:
        _say(console, f"records are known to be lost: {', '.join(found.gaps)} (B1, B3)")
    if found.reasons:
        console.print(_reasons(found))
    for window in found.windows:
        _say(console, _window(window))
    for topic in found.records:
        _say(console, f"{topic.topic}: {topic.records:,} distinct records, digest {topic.digest}")


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def _compared(found: Explanation) -> list[str]:
    """The comparisons of V1 that there was anything to compare in."""
    numbers = found.arithmetic
    return [
        _comparison(of, side, numbers.numerator, numbers.denominator)
        for of, side in (("requests", numbers.requests), ("messages", numbers.messages))
        if side.failed
    ]


def _comparison(of: str, side: Side, numerator: int, denominator: int) -> str:
    sign = ">" if side.left > side.right else "≤"
    return (
        f"{of}: {side.failed:,} * {denominator} = {side.left:,} {sign} {side.right:,} = {side.valid:,} * {numerator}: "
        f"{'bad' if side.bad else 'not bad'} (V1)"
    )


def _reasons(found: Explanation) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("of", "outcome", "reason", "clause"):
        table.add_column(column, no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("for example (topic/partition@offset, hash)", overflow="fold")
    for reason in found.reasons:
        samples = ", ".join(
            f"{sample.id} ({sample.topic}/{sample.partition}@{sample.offset}, {sample.content})"
            for sample in reason.samples[:_SHOWN]
        )
        table.add_row(
            reason.of, reason.outcome, reason.reason, reason.clause or "", f"{reason.identities:,}", Text(samples)
        )
    return table


def _window(window: Window) -> str:
    return (
        f"window {window.declaration_id} (revision {window.revision}, {window.kind}, {window.start} to {window.end}, "
        f"announced {window.announced_at}): {window.effect.replace('_', ' ')} ({window.rule})"
    )
