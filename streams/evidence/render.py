"""What a person reads once an evidence file is written: what it holds, why, and how to check it."""

from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import Final

from schemas.instants import MINUTE_MS, parse_instant_of_month
from streams.core.console import Piece, TextConsole
from streams.evidence.document import COMMAND
from streams.evidence.read import Findings
from streams.months.explanation import Explanation, OutcomeReason
from streams.months.minutes import format_minute
from streams.months.render import styled_state

_RUNS_SHOWN: Final = 12
_REASONS_SHOWN: Final = 3


def print_evidence(console: TextConsole, findings: Findings, *, file: str, sha256: str) -> None:
    """Minutes by state, runs of those listed with our most frequent failures, and the command that recomputes them."""
    window = findings.window
    counts = Counter(state for state, _ in findings.states)
    sentence = ", ".join(f"{number:,} {state}" for state, number in sorted(counts.items()))
    span = f"{format_minute(window.start)} to {format_minute(window.end)}"
    console.say(f"{window.service} {span}: {window.total_minutes:,} minutes, {sentence}")
    runs = _runs(findings.listed)
    for run in runs[:_RUNS_SHOWN]:
        console.say(*_sentence(run))
    if len(runs) > _RUNS_SHOWN:
        console.say(f"  and {len(runs) - _RUNS_SHOWN:,} more runs, in the file")
    console.say(f"{file}, sha256 {sha256}")
    command = COMMAND.replace("FILE", file)
    console.say(f"recompute it from archives of the records in DIR: {command}")


def _sentence(run: list[Explanation]) -> tuple[Piece, ...]:
    first = run[0]
    ours = ", ".join(f"{number:,} {reason}" for reason, number in _ours(run)[:_REASONS_SHOWN])
    minutes = f"{len(run):,} minute{'' if len(run) == 1 else 's'}"
    rules = f"{first.rule} ({', '.join(first.clauses)})"
    return f"  {first.minute}  {minutes}  ", *styled_state(first.state, first.kind), f"  {rules}: {ours}"


def _runs(listed: list[Explanation]) -> list[list[Explanation]]:
    """Listed minutes that follow one another without another between them, of one state, kind and rule."""
    places = {
        found.minute: parse_instant_of_month(found.minute) // MINUTE_MS - place for place, found in enumerate(listed)
    }
    grouped = groupby(listed, key=lambda found: (places[found.minute], found.state, found.kind, found.rule))
    return [list(run) for _, run in grouped]


def _ours(run: list[Explanation]) -> list[tuple[str, int]]:
    """What made them bad, by reason, the most frequent first: our failures (V1), or probes that failed (V2)."""
    counts: Counter[str] = Counter()
    for found in run:
        for reason in found.reasons:
            if reason.outcome == ("failed" if found.arithmetic.vantages_decide else "platform"):
                counts[_name(reason)] += reason.identities
    return sorted(counts.items(), key=itemgetter(1), reverse=True)


def _name(reason: OutcomeReason) -> str:
    return "failed probes" if reason.of == "probes" else reason.reason
