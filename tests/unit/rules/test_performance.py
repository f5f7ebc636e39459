"""P1-P5: what counts, to the millisecond, and what is met."""

from fractions import Fraction

import pytest

from schemas.policies import Ratio
from streams.rules.classify import Outcome
from streams.rules.performance import (
    NOT_COUNTED,
    UNMEASURED,
    Counted,
    call_connection,
    call_quality,
    delivery_rate,
    delivery_time,
    is_impossible,
    response_time,
    share,
    template_answer,
)

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@pytest.mark.parametrize("limit_ms", [200, 300, 500])
def test_p1_a_response_at_the_limit_is_within_it(limit_ms: int) -> None:
    def found(duration_us: int) -> Counted:
        return response_time(Outcome.OK, duration_us, None, scope=True, limit_ms=limit_ms)

    assert [found(limit_ms * 1000 + more) for more in (-1, 0, 1)] == [Counted(1, 1), Counted(1, 1), Counted(0, 1)]


def test_p1_only_valid_requests_in_scope_are_counted() -> None:
    assert response_time(Outcome.OK, 1, None, scope=False, limit_ms=200) == NOT_COUNTED
    for outcome in set(Outcome) - {Outcome.OK, Outcome.PLATFORM}:
        assert response_time(outcome, 1, None, scope=True, limit_ms=200) == NOT_COUNTED


def test_p1_a_failure_of_ours_is_never_within() -> None:
    assert response_time(Outcome.PLATFORM, 1, 1, scope=True, limit_ms=200) == Counted(0, 1)


@pytest.mark.parametrize(("total_us", "counted"), [(200_000, Counted(1, 1)), (200_001, UNMEASURED), (None, UNMEASURED)])
def test_p1_without_duration_only_the_last_byte_proves(total_us: int | None, counted: Counted) -> None:
    assert response_time(Outcome.OK, None, total_us, scope=True, limit_ms=200) == counted


@pytest.mark.parametrize(
    ("taken_us", "resolution_us", "counted"),
    [
        (4_999_000, 1_000, Counted(1, 1)),
        (4_999_000, 1_001, UNMEASURED),
        (5_000_000, 1_000, UNMEASURED),
        (5_000_001, 1_000, Counted(0, 1)),
        (0, 5_000_000, Counted(1, 1)),
        (0, 60_000_000, UNMEASURED),
        (-1_000, 1_001, Counted(1, 1)),  # in the first microsecond, by a clock that was cut to the millisecond
        (-1_000, 1_000, UNMEASURED),  # before it was submitted
    ],
)
def test_p2_delivery_lies_between_time_and_resolution(taken_us: int, resolution_us: int, counted: Counted) -> None:
    found = delivery_time(taken_us=taken_us, resolution_us=resolution_us, delivered=True, scope=True, limit_ms=5_000)
    assert found == counted


@pytest.mark.parametrize(("taken_us", "impossible"), [(-1_001, True), (-1_000, True), (-999, False), (0, False)])
def test_p2_all_before_submission_is_impossible(taken_us: int, impossible: bool) -> None:
    assert is_impossible(taken_us=taken_us, resolution_us=1_000) is impossible


def test_p2_only_what_was_delivered_has_a_time() -> None:
    of = {"taken_us": 1, "resolution_us": 1, "limit_ms": 5_000}
    assert delivery_time(**of, delivered=False, scope=True) == NOT_COUNTED
    assert delivery_time(**of, delivered=True, scope=False) == NOT_COUNTED


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        (Outcome.OK, Counted(1, 1)),
        (Outcome.PLATFORM, Counted(0, 1)),
        (Outcome.OPERATOR, NOT_COUNTED),
        (Outcome.RECIPIENT, NOT_COUNTED),
        (Outcome.UNKNOWN, UNMEASURED),
        (Outcome.CLAIMED, UNMEASURED),
        (Outcome.ACCEPTED, UNMEASURED),
        (Outcome.ENROUTE, UNMEASURED),
    ],
)
def test_p3_others_failures_are_in_neither_the_unknown_beside(outcome: Outcome, counted: Counted) -> None:
    assert delivery_rate(outcome, service="sms", template=None, scope=True) == counted


def test_p3_of_whatsapp_template_messages_alone_count() -> None:
    assert delivery_rate(Outcome.OK, service="whatsapp", template=True, scope=True) == Counted(1, 1)
    assert delivery_rate(Outcome.OK, service="whatsapp", template=False, scope=True) == NOT_COUNTED
    assert delivery_rate(Outcome.UNKNOWN, service="whatsapp", template=None, scope=True) == NOT_COUNTED


@pytest.mark.parametrize(
    ("outcome", "connect_us", "counted"),
    [
        (Outcome.OK, 10_000_000, Counted(1, 1)),
        (Outcome.OK, 10_000_001, Counted(0, 1)),
        (Outcome.RECIPIENT, 1, Counted(1, 1)),
        (Outcome.PLATFORM, None, Counted(0, 1)),
        (Outcome.OK, None, UNMEASURED),
        (Outcome.RECIPIENT, None, NOT_COUNTED),
    ],
)
def test_p4_ten_seconds_to_connect(outcome: Outcome, connect_us: int | None, counted: Counted) -> None:
    assert call_connection(outcome, connect_us, scope=True, limit_ms=10_000) == counted
    assert call_connection(outcome, connect_us, scope=False, limit_ms=10_000) == NOT_COUNTED


def test_p4_quality_is_time_over_time() -> None:
    calls = [call_quality(98, 100, scope=True), call_quality(0, 0, scope=True), call_quality(5, None, scope=True)]
    assert share(calls, Ratio(98, 100)).value == Fraction(98, 100)
    assert share(calls, Ratio(98, 100)).is_met
    assert call_quality(120, 100, scope=True) == Counted(100, 100)
    assert call_quality(None, 50, scope=True) == Counted(0, 0, 50)


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


@pytest.mark.parametrize(("unmeasured", "met"), [(4, False), (5, False), (6, None)])
def test_more_unmeasured_than_spare_is_neither_met_nor_missed(unmeasured: int, met: bool | None) -> None:
    found = share([Counted(0, 100 - unmeasured, unmeasured)], Ratio(95, 100))
    assert found.is_met is met
    assert found.at_worst == 0


def test_at_worst_nothing_unmeasured_is_within() -> None:
    assert share([Counted(3, 4, 1)], Ratio(1, 2)).at_worst == Fraction(3, 5)
    assert share([], Ratio(1, 2)).at_worst is None
