"""P1-P5: shares of a month from counts by edges."""

from typing import Any

import pytest

from schemas.reference import policies
from streams.guarantees.performance.shares import BEYOND_MS, quantile_ms, shares_of, templates_of, within
from streams.rules.calendar import month_bounds

TERMS = policies()[0].commitments.performance
SPAN = month_bounds("2026-09", "Asia/Karachi")
HOUR_MS = 3_600_000
NOTHING: dict[str, Any] = {
    "of": "",
    "response_times": {},
    "delivery_times": {},
    "connect_times": {},
    **dict.fromkeys(("unmeasured", "delivered", "failed", "accepted", "hd_ms", "call_ms"), 0),
    **dict.fromkeys(("template_delivered", "template_failed", "template_accepted"), 0),
}


def shares(service: str, *, complete: bool = True, **counts: object) -> list[tuple[str, int, int, str, bool | None]]:
    view = shares_of({**NOTHING, "service": service, **counts}, TERMS, complete=complete)
    return [(one.rule, one.within, one.counted, one.share, one.met) for one in view]


def test_p1_exactly_95_percent_meets_the_guarantee_one_less_misses() -> None:
    assert shares("sms", response_times={200: 95, 300: 5}) == [("P1", 95, 100, "95.0000", True)]
    # a display never reaches a target that the fraction misses
    assert shares("sms", response_times={200: 949_999, 300: 50_001}) == [("P1", 949_999, 1_000_000, "94.9999", False)]


@pytest.mark.parametrize(("service", "limit_ms"), [("sms", 200), ("voice", 300), ("whatsapp", 500), ("email", 300)])
def test_p1_each_service_has_its_limit(service: str, limit_ms: int) -> None:
    view = shares(service, response_times={limit_ms: 1, limit_ms + 1: 1})
    assert view == [("P1", 1, 2, "50.0000", False)]


def test_p2_what_no_clock_can_prove_stands_beside_the_share() -> None:
    view = shares_of(
        {**NOTHING, "service": "sms", "delivery_times": {5_000: 19, 7_000: 1}, "unmeasured": 7}, TERMS, complete=True
    )
    assert [(one.within, one.counted, one.unmeasured, one.met) for one in view] == [(19, 20, 7, True)]
    only = shares_of({**NOTHING, "service": "sms", "unmeasured": 7}, TERMS, complete=True)
    assert [(one.share, one.unmeasured, one.met) for one in only] == [("", 7, None)]


def test_p3_what_waited_too_long_is_ours_after_completion() -> None:
    counts = {"delivered": 999, "failed": 1, "accepted": 1}
    assert shares("sms", complete=False, **counts) == [("P3", 999, 1_000, "99.9000", True)]
    assert shares("sms", complete=True, **counts) == [("P3", 999, 1_001, "99.8001", False)]


def test_p3_of_whatsapp_template_messages_alone_count() -> None:
    assert shares("whatsapp", delivered=10, failed=10, template_delivered=99, template_failed=1) == [
        ("P3", 99, 100, "99.0000", True)
    ]


def test_p4_calls_connect_within_ten_seconds_and_are_in_hd() -> None:
    view = shares("voice", connect_times={10_000: 99, 20_000: 1}, hd_ms=979, call_ms=1_000)
    assert view == [("P4", 99, 100, "99.0000", True), ("P4", 979, 1_000, "97.9000", False)]


def test_p5_a_template_is_answered_within_24_hours_of_submission() -> None:
    inside, before = SPAN.start_ms, SPAN.start_ms - 1
    events = [
        {"template_id": "t", "account_id": "a", "submitted": [before, inside], "answered": [inside + 24 * HOUR_MS]},
        {"template_id": "u", "account_id": "b", "submitted": [inside], "answered": [inside + 24 * HOUR_MS + 1]},
    ]
    (view,) = templates_of(events, TERMS, SPAN, "service", now_ms=SPAN.end_ms)
    assert (view.within, view.counted, view.met) == (1, 2, False)
    by_account = templates_of(events, TERMS, SPAN, "account_id", now_ms=SPAN.end_ms)
    assert [(one.of, one.within, one.met) for one in by_account] == [("a", 1, True), ("b", 0, False)]


def test_quantiles_are_the_edges_that_so_many_do_not_exceed() -> None:
    times = {10: 50, 100: 45, 1_000: 4, BEYOND_MS: 1}
    assert [quantile_ms(times, hundredths) for hundredths in (50, 51, 95, 99, 100)] == [10, 100, 100, 1_000, None]
    assert quantile_ms({}, 50) is None
    assert within(times, 100) == (95, 100, 0)
