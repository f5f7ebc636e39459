"""Spans and changes from a seed, each held against what H1 promises."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.random import Generator

from tests.fairness.changes import (
    Change,
    JudgedSpan,
    SpanChange,
    bring_into_scope,
    correct_failures,
    declare,
    name_another_source,
    remove_told_records,
    retract,
    revise_manifest,
    revise_probes,
)
from tests.fairness.longer import lengthen_outage, lengthen_silence
from tests.fairness.properties import (
    UnfairError,
    check_correction,
    check_counted,
    check_listed,
    check_order,
    check_own_minutes,
    check_removal,
    known_exception,
)
from tests.fairness.spans import long_silence, random_month, random_span, young_span
from tests.unit.rules.month.spans import Span

Check = Callable[[SpanChange], None]

CHANGES: Final[Mapping[str, tuple[Change, Check]]] = {
    "counted records removed": (remove_told_records, check_removal),
    "failures corrected": (correct_failures, check_correction),
    "brought into scope": (bring_into_scope, check_counted),
    "manifests revised": (revise_manifest, check_counted),
    "probes revised": (revise_probes, check_counted),
    "another source named": (name_another_source, check_counted),
    "another declaration": (declare, check_listed),
    "declaration revised or retracted": (retract, check_listed),
    "outage longer": (lengthen_outage, check_own_minutes),
    "silence longer": (lengthen_silence, check_own_minutes),
}
SPANS: Final[Mapping[str, Callable[[Generator], Span]]] = {
    "spans": random_span,
    "young services": young_span,
    "long silences": long_silence,
    "months": random_month,
}
_REMOVED: Final = "counted records removed"


@dataclass(slots=True)
class Tried:
    """What was tried, by kind; what the contract excepts; and what broke H1."""

    counts: Counter[str] = field(default_factory=Counter)
    exceptions: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, other: "Tried") -> None:
        """Take another's counts and findings in."""
        self.counts += other.counts
        self.exceptions += other.exceptions
        self.broken += other.broken


def try_seeds(kind: str, seeds: Iterable[int]) -> Tried:
    """One span and one change of each seed."""
    tried = Tried()
    for seed in seeds:
        try_one(kind, seed, tried)
    return tried


def try_one(kind: str, seed: int, tried: Tried) -> None:
    """One span of a kind, in which one thing is changed; the same for the same seed."""
    rng = np.random.default_rng((list(SPANS).index(kind), seed))
    drawn = JudgedSpan(span=SPANS[kind](rng))
    name = ""
    try:
        check_order(drawn.judged)
        for name in _order(kind, rng):
            make, check = CHANGES[name]
            change = make(drawn, rng)
            if change is not None:
                tried.counts[name] += 1
                _check(change, check, tried)
                return
    except UnfairError as error:
        tried.broken.append(f"--kind '{kind}' --first {seed} --count 1: {name}: {error}")


def _check(change: SpanChange, check: Check, tried: Tried) -> None:
    try:
        check(change)
    except UnfairError:
        reason = known_exception(change, check)
        if not reason:
            raise
        tried.exceptions[reason] += 1


def _order(kind: str, rng: Generator) -> list[str]:
    """Changes in the order in which they are tried until there is something to change."""
    order = [str(name) for name in rng.choice(list(CHANGES), len(CHANGES), replace=False, p=_WEIGHTS)]
    if kind in {"young services", "long silences"} and rng.random() < 0.8:
        return [_REMOVED, *order]
    return order


_WEIGHTS: Final = np.array([3, 2, 1, 1, 1, 0.5, 1.5, 1, 2, 2]) / 15
