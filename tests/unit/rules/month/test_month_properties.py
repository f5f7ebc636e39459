"""H1, V4, B4: what holds of every span, and of every change of one."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rules.month.judging import SpanJudgement, SpanVerdict
from streams.rules.month.states import code_of
from streams.rules.verdict import MinuteState
from tests.unit.rules.month.random_spans import (
    SpanChange,
    correct_failures,
    declare,
    lengthen_outage,
    lengthen_silence,
    random_span,
    remove_counted_records,
)
from tests.unit.rules.month.spans import Span

pytestmark = pytest.mark.examples

seeds = st.integers(min_value=0, max_value=2**32)


def verdicts(judged: SpanJudgement) -> Iterator[SpanVerdict]:
    yield from (one.verdict for one in judged.services.values())
    yield judged.platform


def lows(verdict: SpanVerdict) -> tuple[Fraction, Fraction]:
    """`uptime_low` and `credit_uptime`, unobserved being all."""
    found = verdict.uptime
    return (Fraction(1), Fraction(1)) if found is None else (found.uptime_low, found.credit_uptime)


def shares(verdict: SpanVerdict) -> tuple[Fraction, ...]:
    found = verdict.uptime
    if found is None:
        return (Fraction(1),) * 4
    return found.uptime_low, found.credit_uptime, found.uptime, found.uptime_high


def check_order(judged: SpanJudgement) -> None:
    for verdict in verdicts(judged):
        found = verdict.uptime
        assert sum(verdict.totals.by_state.values()) == verdict.totals.total
        if found is not None:
            assert found.uptime_low <= found.credit_uptime <= found.uptime <= found.uptime_high
            assert found.uptime_low <= found.uptime_low_lost <= found.credit_uptime
        down = verdict.state == code_of(MinuteState.DOWN)
        blind = verdict.state == code_of(MinuteState.BLIND)
        bounds = verdict.bounds
        assert not (bounds.bad_at_best & ~down).any()
        assert not ((down | blind) & ~bounds.bad_if_lost).any()
        assert not (bounds.bad_if_lost & ~bounds.bad_at_worst).any()
        assert not (bounds.bad_at_worst & bounds.excluded_at_worst).any()


def check_removal(change: SpanChange) -> None:
    """Neither the low bound nor credit uptime rises, of the service or of the platform."""
    before, after = change.before.judged(), change.after.judged()
    for was, now in zip(verdicts(before), verdicts(after), strict=True):
        assert all(new <= old for old, new in zip(lows(was), lows(now), strict=True))


def check_correction(change: SpanChange) -> None:
    """A correction does not raise the low bound, and is counted."""
    before, after = change.before.judged(), change.after.judged()
    for was, now in zip(verdicts(before), verdicts(after), strict=True):
        assert lows(now)[0] <= lows(was)[0]
    assert after.services["sms"].numbers.corrected_in_our_favour > 0


def check_declaration(change: SpanChange) -> None:
    """A declaration that raises a number is listed."""
    before, after = change.before.judged(), change.after.judged()
    declared = change.after.declarations[-1].declaration_id
    pairs = [
        pair
        for was, now in zip(verdicts(before), verdicts(after), strict=True)
        for pair in zip(shares(was), shares(now), strict=True)
    ]
    if any(new > old for old, new in pairs):
        assert declared in {row.declaration_id for row in after.listings}


def check_own_minutes(change: SpanChange) -> None:
    """No fewer of its own minutes are down or blind, or bad at worst."""

    def counts(span: Span) -> tuple[int, int]:
        verdict = span.judged().services[change.service].verdict
        lost = np.isin(verdict.state[change.minutes], [code_of(MinuteState.DOWN), code_of(MinuteState.BLIND)])
        return int(lost.sum()), int(verdict.bounds.bad_at_worst[change.minutes].sum())

    for was, now in zip(counts(change.before), counts(change.after), strict=True):
        assert now >= was


@given(seeds)
def test_h1_a_longer_outage_never_raises_its_own_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    change = lengthen_outage(random_span(rng), rng)
    if change is not None:
        check_own_minutes(change)


@given(seeds)
def test_h1_a_longer_silence_never_raises_its_own_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    change = lengthen_silence(random_span(rng), rng)
    if change is not None:
        check_own_minutes(change)


@given(seeds)
def test_h1_low_credit_headline_and_high_are_in_order(seed: int) -> None:
    check_order(random_span(np.random.default_rng(seed)).judged())


@given(seeds)
def test_h1_taking_counted_records_away_never_pays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    change = remove_counted_records(random_span(rng), rng)
    if change is not None:
        check_removal(change)


@given(seeds)
def test_h1_a_correction_never_raises_the_low_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    change = correct_failures(random_span(rng), rng)
    if change is not None:
        check_correction(change)


@given(seeds)
def test_h1_a_declaration_that_helps_is_listed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    change = declare(random_span(rng), rng)
    if change is not None:
        check_declaration(change)


def test_h1_a_span_can_be_drawn_with_every_state() -> None:
    states: set[int] = set()
    for seed in range(40):
        for verdict in verdicts(random_span(np.random.default_rng(seed)).judged()):
            states |= set(verdict.state.tolist())
    assert len(states) == len(MinuteState)
    assert Span().judged().platform.uptime is None
