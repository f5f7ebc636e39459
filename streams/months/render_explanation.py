"""An explanation for people: the state, the rule in a sentence, what the minute is made of, and where to look."""

from collections.abc import Iterator
from typing import Final

from streams.core.console import Piece, TextConsole, styled
from streams.months.explanation import ExplainedWindow, Explanation, MeasureSide, OutcomeReason
from streams.months.render import styled_state

_SHOWN: Final = 2


def print_explanation(console: TextConsole, found: Explanation) -> None:
    """One service-minute."""
    console.say(f"{found.service} {found.minute}  ", *styled_state(found.state, found.kind))
    clauses = f" ({', '.join(found.clauses)})" if found.clauses else ""
    console.say(f"rule {found.rule}{clauses}: {found.because}")
    console.say(f"policy {found.policy}, month {found.month}")
    for line in _compared(found):
        console.say(line)
    console.say(
        f"at best {'down' if found.down_at_best else 'not down'}, at worst "
        f"{'down' if found.down_at_worst else 'not down'} (B4); missing: {found.requests.missing} requests, "
        f"{found.messages.missing} messages (B3)",
    )
    if found.gaps:
        console.say(f"records are known to be lost: {', '.join(found.gaps)} (B1, B3)")
    for reason in found.reasons:
        for piece in _reason(reason):
            console.say(piece)
    for window in found.windows:
        console.say(_window(window))
    for topic in found.records:
        many = f"{topic.records:,} distinct record{'' if topic.records == 1 else 's'}"
        console.say(f"{topic.topic}: {many}, digest {topic.digest}")


def _compared(found: Explanation) -> list[str]:
    """The comparisons of V1 that there was anything to compare in."""
    numbers = found.arithmetic
    return [
        _comparison(of, side, numbers.numerator, numbers.denominator)
        for of, side in (("requests", numbers.requests), ("messages", numbers.messages))
        if side.failed
    ]


def _comparison(of: str, side: MeasureSide, numerator: int, denominator: int) -> str:
    sign = ">" if side.left > side.right else "≤"
    return (
        f"{of}: {side.failed:,} * {denominator} = {side.left:,} {sign} {side.right:,} = {side.valid:,} * {numerator}: "
        f"{'bad' if side.bad else 'not bad'} (V1)"
    )


def _reason(reason: OutcomeReason) -> Iterator[Piece]:
    """How many, of what, why; then a few of them: id, topic/partition@offset, broker timestamp, hash."""
    clause = f" ({reason.clause})" if reason.clause else ""
    yield f"{reason.identities:>7,} {reason.of}  {reason.outcome}  {reason.reason}{clause}"
    for sample in reason.samples[:_SHOWN]:
        place = f"{sample.topic}/{sample.partition}@{sample.offset}"
        yield styled(f"{'':>10}{sample.id}  {place}  {sample.timestamp}  {sample.content}", "dim")


def _window(window: ExplainedWindow) -> str:
    return (
        f"window {window.declaration_id} (revision {window.revision}, {window.kind}, {window.start} to {window.end}, "
        f"announced {window.announced_at}): {window.effect.replace('_', ' ')} ({window.rule})"
    )
