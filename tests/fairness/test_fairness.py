"""H1: nobody gains unlisted, over random spans with one random change each; `python -m tests.fairness` tries more."""

from typing import Final

import numpy as np
import pytest

from streams.rules.verdict import MinuteState
from tests.fairness.changes import JudgedSpan, SpanChange
from tests.fairness.properties import UnfairError, check_removal, known_exception, verdicts
from tests.fairness.spans import random_span
from tests.fairness.trying import CHANGES, try_seeds
from tests.unit.rules.month.spans import Span

EVERY_DAY: Final = {"spans": 120, "young services": 60, "long silences": 30, "months": 1}
DEEP: Final = {"spans": 5_000, "young services": 500, "long silences": 300, "months": 20}


@pytest.mark.parametrize("kind", EVERY_DAY)
def test_h1_no_random_change_pays_unlisted(kind: str) -> None:
    tried = try_seeds(kind, range(EVERY_DAY[kind]))
    assert tried.broken == []
    assert kind != "spans" or set(tried.counts) == set(CHANGES)


@pytest.mark.deep
@pytest.mark.not_in_ci
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("kind", DEEP)
def test_h1_no_random_change_pays_over_thousands_of_spans(kind: str) -> None:
    assert try_seeds(kind, range(10_000, 10_000 + DEEP[kind])).broken == []


def test_h1_a_span_can_be_drawn_with_every_state() -> None:
    states: set[int] = set()
    for seed in range(20):
        judged = random_span(np.random.default_rng(seed)).judged()
        states |= {code for _, verdict in verdicts(judged) for code in verdict.state.tolist()}
    assert len(states) == len(MinuteState)


def fallen_silent(heard: int) -> JudgedSpan:
    """Half an hour of one request a minute, all counted, the first so many heard; then an hour of nothing."""
    counts = {minute: int(minute < 30) for minute in range(90)}
    span = Span(90).requests(range(heard), ok=1)
    return JudgedSpan(span=span.manifest(counts, seen=dict.fromkeys(range(heard), 1), final=[89]))


def fallen_silent_after_an_outage(failing: int) -> JudgedSpan:
    """Nine days of one request a minute, so many minutes that fail, and two days of nothing; all counted."""
    before, week = range(-9 * 1440, 0), range(3 * 1440)
    counts = {**dict.fromkeys(before, 1), **dict.fromkeys(range(10), 5), **dict.fromkeys(range(10, len(week)), 0)}
    span = Span(len(week), before=len(before)).requests(before, ok=1).requests(range(failing), platform=5)
    seen = {**dict.fromkeys(before, 1), **dict.fromkeys(range(failing), 5)}
    return JudgedSpan(span=span.manifest(counts, seen=seen, final=[len(week) - 1]))


def fallen_silent_once_known(claimed: int) -> JudgedSpan:
    """An hour of nothing after eight days of one request a minute; a week before these one that an operator failed."""
    first, week = -15 * 1440, range(-8 * 1440, 0)
    span = Span(60, before=-first).requests(week, ok=1).requests(range(first, first + claimed), claimed=1)
    counts = {**dict.fromkeys(range(first, 60), 0), **dict.fromkeys([first, *week], 1)}
    seen = dict.fromkeys([*range(first, first + claimed), *week], 1)
    return JudgedSpan(span=span.manifest(counts, seen=seen, final=[59]))


def with_a_dead_letter(failed: int) -> JudgedSpan:
    """A minute of a hundred requests by manifest, of which up to three failed, and a dead letter beside them."""
    span = Span().requests(30, ok=97, platform=failed).dead({30: 1}, source="lb")
    counts = {**dict.fromkeys(range(60), 0), 30: 100}
    return JudgedSpan(span=span.manifest(counts, seen={30: 97 + failed}, final=[59]))


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (fallen_silent(30), fallen_silent(10), "B2"),
        (fallen_silent_after_an_outage(10), fallen_silent_after_an_outage(0), "B2"),
        (fallen_silent_once_known(1), fallen_silent_once_known(0), "is a missing one (B2)"),
        (with_a_dead_letter(3), with_a_dead_letter(2), "B3"),
    ],
)
def test_h1_removals_that_pay_by_the_contracts_text_are_named(
    before: JudgedSpan, after: JudgedSpan, reason: str
) -> None:
    change = SpanChange(
        before=before, after=after, service="sms", taken=np.ones(before.span.frame.size, dtype=np.int64)
    )
    with pytest.raises(UnfairError):
        check_removal(change)
    assert reason in known_exception(change, check_removal)


def test_h1_a_removal_that_pays_otherwise_is_none() -> None:
    failing, fine = Span(30).requests(range(10), platform=5), Span(30).requests(range(10), ok=5)
    taken = np.ones(failing.frame.size, dtype=np.int64)
    change = SpanChange(before=JudgedSpan(span=failing), after=JudgedSpan(span=fine), service="sms", taken=taken)
    assert known_exception(change, check_removal) == ""
