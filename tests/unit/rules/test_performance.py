"""P1-P5: what counts, to the millisecond, and what is met."""

from fractions import Fraction

import pytest

from schemas.policies import Ratio
from streams.rules.classify import Outcome
from streams.rules.performance import (
    NOT_COUNTED,
    Counted,
    call_connection,
    call_quality,
    delivery_rate,
    delivery_time,
    response_time,
    share,
    template_answer,
)

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@pytest.mark.parametrize("limit_ms", [200, 300, 500])
def test_p1_a_response_at_the_limit_is_within_it(limit_ms: int) -> None:
    assert response_time(limit_ms, scope=True, limit_ms=limit_ms) == Counted(1, 1)
    assert response_time(limit_ms + 1, scope=True, limit_ms=limit_ms) == Counted(0, 1)


def test_p1_out_of_scope_or_without_duration_is_not_counted() -> None:
    assert response_time(1, scope=False, limit_ms=200) == NOT_COUNTED
    assert response_time(None, scope=True, limit_ms=200) == NOT_COUNTED


@pytest.mark.parametrize(
    ("taken_ms", "resolution_ms", "counted"),
    [
        (5_000, 1, Counted(1, 1)),
        (5_001, 1, Counted(0, 1)),
        (5_000, 1_000, Counted(1, 1)),
        (0, 1_001, Counted(0, 0, 1)),
        (60_000, 60_000, Counted(0, 0, 1)),
        (-1, 1, Counted(1, 1)),  # a carrier's clock that is behind
    ],
)
def test_p2_five_seconds_and_clocks_too_coarse_to_prove_them(
    taken_ms: int, resolution_ms: int, counted: Counted
) -> None:
    found = delivery_time(taken_ms=taken_ms, resolution_ms=resolution_ms, delivered=True, scope=True, limit_ms=5_000)
    assert found == counted


def test_p2_only_what_was_delivered_has_a_time() -> None:
    of = {"taken_ms": 1, "resolution_ms": 1, "limit_ms": 5_000}
    assert delivery_time(**of, delivered=False, scope=True) == NOT_COUNTED
    assert delivery_time(**of, delivered=True, scope=False) == NOT_COUNTED


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        (Outcome.OK, Counted(1, 1)),
        (Outcome.PLATFORM, Counted(0, 1)),
        (Outcome.OPERATOR, NOT_COUNTED),
        (Outcome.RECIPIENT, NOT_COUNTED),
    ],
)
def test_p3_failures_of_others_are_in_neither(outcome: Outcome, counted: Counted) -> None:
    assert delivery_rate(outcome, service="sms", template=None, scope=True) == counted


def test_p3_of_whatsapp_template_messages_alone_count() -> None:
    assert delivery_rate(Outcome.OK, service="whatsapp", template=True, scope=True) == Counted(1, 1)
    assert delivery_rate(Outcome.OK, service="whatsapp", template=False, scope=True) == NOT_COUNTED
    assert delivery_rate(Outcome.OK, service="whatsapp", template=None, scope=True) == NOT_COUNTED


def test_p4_ten_seconds_to_connect() -> None:
    assert call_connection(10_000, scope=True, limit_ms=10_000) == Counted(1, 1)
    assert call_connection(10_001, scope=True, limit_ms=10_000) == Counted(0, 1)
    assert call_connection(None, scope=True, limit_ms=10_000) == NOT_COUNTED


def test_p4_quality_is_milliseconds_over_milliseconds() -> None:
    calls = [call_quality(98, 100, scope=True), call_quality(0, 0, scope=True), call_quality(None, 50, scope=True)]
    assert share(calls, Ratio(98, 100)).value == Fraction(98, 100)
    assert share(calls, Ratio(98, 100)).is_met
    assert call_quality(120, 100, scope=True) == Counted(100, 100)


def test_p5_the_first_answer_within_24_hours_to_the_millisecond() -> None:
    for answered_ms, counted in ((_DAY_MS, Counted(1, 1)), (_DAY_MS + 1, Counted(0, 1))):
        assert template_answer(0, [answered_ms + 5, answered_ms, -7], limit_ms=_DAY_MS, now_ms=10 * _DAY_MS) == counted


def test_p5_an_answer_that_never_came_is_missed_eventually() -> None:
    assert template_answer(0, [], limit_ms=_DAY_MS, now_ms=_DAY_MS) == NOT_COUNTED
    assert template_answer(0, [], limit_ms=_DAY_MS, now_ms=_DAY_MS + 1) == Counted(0, 1)


def test_a_target_is_met_exactly_at_it() -> None:
    target = Ratio(95, 100)
    assert share([Counted(95, 100)], target).is_met is True
    assert share([Counted(949, 1_000)], target).is_met is False
    assert share([], target).is_met is None
    assert share([Counted(0, 0, 3)], target).unmeasured == 3
