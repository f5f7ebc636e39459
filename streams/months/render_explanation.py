"""An explanation for people: the state, the rule in a sentence, what the minute is made of, and where to look."""

from collections.abc import Iterator, Mapping
from typing import Final

from streams.core.console import Piece, TextConsole, styled
from streams.months.explanation import (
    DoubtCode,
    ExplainedSilence,
    ExplainedWindow,
    Explanation,
    MeasureSide,
    MinuteDoubt,
    MissingSource,
    Oddities,
    OutcomeReason,
)
from streams.months.render import styled_state

_SHOWN: Final = 2
_MOST_PAIRS: Final = 5

DOUBT_WORDS: Final[Mapping[DoubtCode, str]] = {
    DoubtCode.UNKNOWN: "that nobody can be blamed for: failures at worst (B4)",
    DoubtCode.CLAIMED: "failed at an operator by our own word alone: failures at worst (C7)",
    DoubtCode.VOUCHED_FOR: "failed at an operator, which a declared window vouches for (C7)",
    DoubtCode.PENDING: "still open: failures at worst (C3)",
    DoubtCode.MISSING: "missing: failures at worst (B3)",
    DoubtCode.CORRECTED: "corrected in our favour: as before at worst (I4)",
    DoubtCode.NEVER_HANDED_OVER: "never handed over: at best as many as are missing were (C3)",
    DoubtCode.GAP: "records are known to be lost: bad at worst, good at best (B1, B3)",
    DoubtCode.HOLE: "a source that counts every minute sent no manifest: bad at worst (B3)",
    DoubtCode.SILENT: "silent where traffic was to be expected: bad at worst (B2)",
    DoubtCode.IN_DOUBT: "silent, and nobody can tell whether anything was to be expected: bad at worst (B2)",
    DoubtCode.VANTAGES: "vantages failed: where nothing valid was counted one suffices at worst (V2)",
    DoubtCode.UNPROVEN_WINDOW: "only a window without proven notice excuses it: bad at worst (B4)",
    DoubtCode.LIFTED: "maintenance with proven notice covers it: what is bad only at worst is excluded (B4)",
    DoubtCode.OVER: "over, and not all of it is read: bad at worst (B4)",
}
"""What a doubt means, for people."""


def print_explanation(console: TextConsole, found: Explanation) -> None:
    """One service-minute."""
    console.say(f"{found.service} {found.minute}  ", *styled_state(found.state, found.kind))
    clauses = f" ({', '.join(found.clauses)})" if found.clauses else ""
    console.say(f"rule {found.rule}{clauses}: {found.because}")
    console.say(f"policy {found.policy}, month {found.month}")
    for line in (*_compared(found), *_bounds(found), *map(_missing, found.missing), *map(_silence, found.silences)):
        console.say(line)
    if found.gaps:
        console.say(f"lost: {', '.join(found.gaps)} (B1, B3)")
    for reason in found.reasons:
        for piece in _reason(reason):
            console.say(piece)
    for line in (*map(_window, found.windows), *_odd(found.oddities)):
        console.say(line)
    for topic in found.records:
        many = f"{topic.records:,} distinct record{'' if topic.records == 1 else 's'}"
        console.say(f"{topic.topic}: {many}, digest {topic.digest}")


def _compared(found: Explanation) -> list[str]:
    """The comparisons of V1 that there was anything to compare in."""
    numbers = found.arithmetic
    return [
        _comparison(of, side, found)
        for of, side in (("requests", numbers.requests), ("messages", numbers.messages))
        if side.failed
    ]


def _comparison(of: str, side: MeasureSide, found: Explanation) -> str:
    """F/V > r by cross-multiplying, of the minute and of the window that ends with it."""
    numbers = found.arithmetic
    return (
        f"{of}: {_crossed(side.failed, side.valid, found)}; in {numbers.window_minutes} minutes "
        f"{_crossed(side.failed_lately, side.valid_lately, found)}, at least {numbers.failures_at_least} needed: "
        f"{'bad' if side.bad else 'not bad'} (V1)"
    )


def _crossed(failed: int, valid: int, found: Explanation) -> str:
    numerator, denominator = found.arithmetic.numerator, found.arithmetic.denominator
    sign = ">" if failed * denominator > valid * numerator else "≤"
    return f"{failed:,} * {denominator} {sign} {valid:,} * {numerator}"


def _bounds(found: Explanation) -> Iterator[str]:
    at_best, at_worst = ("down" if down else "not down" for down in (found.down_at_best, found.down_at_worst))
    yield f"at best {at_best}, at worst {at_worst} (B4)"
    for doubt in found.doubts:
        yield f"  {_doubt(doubt)}"


def _doubt(doubt: MinuteDoubt) -> str:
    return f"{doubt.records:,} {doubt.of} {DOUBT_WORDS[doubt.code]}" if doubt.of else DOUBT_WORDS[doubt.code]


def _missing(found: MissingSource) -> str:
    parts = []
    if found.counted is not None:
        parts.append(f"counts {found.counted:,} {found.of}")
        if found.greatest is not None and found.greatest != found.counted:
            parts.append(f"counted {found.greatest:,} in an earlier revision")
    if found.estimate is not None:
        parts.append(f"sent no manifest, and {found.estimate:,} {found.of} are taken for granted")
    parts.append(f"{found.seen:,} seen")
    if found.dead_letters:
        parts.append(f"{found.dead_letters:,} dead letters")
    worst = f", {found.missing_at_worst:,} at worst" if found.missing_at_worst != found.missing else ""
    return f"source {found.source or '(unnamed)'}: {', '.join(parts)}: {found.missing:,} missing{worst} (B3)"


def _silence(found: ExplainedSilence) -> str:
    images = "; ".join(
        f"{image.weeks} week{'' if image.weeks == 1 else 's'} earlier {image.sort.value.replace('_', ' ')} "
        f"({image.active_before} + {image.active_after} active minutes, {image.records:,} records in its run)"
        for image in found.images
    )
    return f"no valid {found.measure.value.replace('_', ' ')} from {found.start} to {found.end}: {images} (B2)"


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


def _odd(found: Oddities) -> Iterator[str]:
    for code in found.unknown_codes:
        yield f"code {code.code!r} of {code.records:,} records stands in no row of {code.table} (C4)"
    if found.impossible_times:
        yield f"{found.impossible_times:,} receipts tell of an instant before their message was submitted (P2)"
    if found.ahead_of_clock:
        yield f"{found.ahead_of_clock:,} records are more than 5 minutes ahead of the broker's clock"
    for pair in found.like_ids[:_MOST_PAIRS]:
        yield (
            f"message {pair.id!r} is {pair.state}, {pair.other_id!r} in {pair.other_minute} is {pair.other_state}: "
            f"{pair.difference.replace('_', ' ')} of one message? (I1)"
        )
    if len(found.like_ids) > _MOST_PAIRS:
        yield f"and {len(found.like_ids) - _MOST_PAIRS:,} more messages with like ids"
