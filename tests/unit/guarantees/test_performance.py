"""P1-P5: shares of a month from counts by edges."""

from typing import Any

import pytest

from schemas.reference import policies
from streams.guarantees.performance.shares import (
    BEYOND_MS,
    SUMS,
    TIMES,
    ShareView,
    quantile_ms,
    shares_of,
    templates_of,
    within,
)
from streams.rules.calendar import month_bounds

TERMS = policies()[0].commitments.performance
SPAN = month_bounds("2026-09", "Asia/Karachi")
HOUR_MS = 3_600_000
NOTHING: dict[str, Any] = {"of": "", **{name: {} for name in TIMES}, **dict.fromkeys(SUMS, 0)}


def views(service: str, *, complete: bool = True, **counts: Any) -> list[ShareView]:  # noqa: ANN401  any column
    return shares_of({**NOTHING, "service": service, **counts}, TERMS, complete=complete)


def shares(service: str, *, complete: bool = True, **counts: object) -> list[tuple[str, int, int, str, bool | None]]:
    view = views(service, complete=complete, **counts)
    return [(one.rule, one.within, one.counted, one.share, one.met) for one in view]


def test_p1_exactly_95_percent_meets_the_guarantee_one_less_misses() -> None:
    assert shares("sms", response_times={200: 95, 300: 5}) == [("P1", 95, 100, "95.0000", True)]
    # a display never reaches a target that the fraction misses
    assert shares("sms", response_times={200: 949_999, 300: 50_001}) == [("P1", 949_999, 1_000_000, "94.9999", False)]


@pytest.mark.parametrize(("service", "limit_ms"), [("sms", 200), ("voice", 300), ("whatsapp", 500), ("email", 300)])
def test_p1_each_service_has_its_limit(service: str, limit_ms: int) -> None:
    view = shares(service, response_times={limit_ms: 1, limit_ms + 1: 1})
    assert view == [("P1", 1, 2, "50.0000", False)]


def test_p1_failures_of_ours_are_never_within() -> None:
    assert shares("sms", response_times={200: 95}, response_failed=5) == [("P1", 95, 100, "95.0000", True)]
    assert shares("sms", response_times={200: 94}, response_failed=5) == [("P1", 94, 99, "94.9494", False)]


def test_p1_a_last_byte_in_time_proves_the_first() -> None:
    (view,) = views("sms", response_times={200: 90}, total_times={200: 9, 300: 1})
    assert (view.within, view.counted, view.unmeasured, view.met) == (99, 99, 1, True)


@pytest.mark.parametrize(("untimed", "met"), [(5, True), (6, None)])
def test_p1_too_much_unmeasured_is_neither_met_nor_missed(untimed: int, met: bool | None) -> None:
    (view,) = views("sms", response_times={200: 100 - untimed}, untimed=untimed)
    assert (view.unmeasured, view.met) == (untimed, met)


def test_p2_between_the_earliest_and_the_latest_nothing_is_proven() -> None:
    latest, earliest = {5_000: 95, 7_000: 3, 10_000: 2}, {5_000: 98, 7_000: 2}
    (view,) = views("sms", delivery_times=latest, delivery_earliest=earliest, unmeasured=1)
    assert (view.within, view.counted, view.unmeasured, view.met) == (95, 97, 4, True)
    (only,) = views("sms", unmeasured=7)
    assert (only.share, only.unmeasured, only.met) == ("", 7, None)


def test_p3_what_waited_too_long_is_ours_after_completion() -> None:
    counts = {"delivered": 999, "failed": 1, "accepted": 1}
    assert shares("sms", complete=False, **counts) == [("P3", 999, 1_000, "99.9000", True)]
    assert shares("sms", complete=True, **counts) == [("P3", 999, 1_001, "99.8001", False)]


@pytest.mark.parametrize("undecided", ["unknown", "claimed", "enroute"])
def test_p3_at_worst_what_nobody_knows_has_failed(undecided: str) -> None:
    (view,) = views("sms", delivered=999, failed=0, **{undecided: 1})  # type: ignore[arg-type]
    assert (view.share, view.at_worst, view.met) == ("100.0000", "99.9000", True)
    (view,) = views("sms", delivered=998, failed=0, **{undecided: 1})  # type: ignore[arg-type]
    assert (view.share, view.at_worst, view.met) == ("100.0000", "99.8998", None)


def test_p3_of_whatsapp_template_messages_alone_count() -> None:
    assert shares("whatsapp", delivered=10, failed=10, template_delivered=99, template_failed=1) == [
        ("P3", 99, 100, "99.0000", True)
    ]


def test_p4_calls_connect_within_ten_seconds_and_are_in_hd() -> None:
    view = shares("voice", connect_times={10_000: 99, 20_000: 1}, hd_us=979, call_us=1_000)
    assert view == [("P4", 99, 100, "99.0000", True), ("P4", 979, 1_000, "97.9000", False)]


def test_p4_calls_that_failed_by_us_never_connected() -> None:
    connected = {"connect_times": {10_000: 98}, "connect_failed": 1, "connect_accepted": 1, "connect_untold": 1}
    for complete, counted in ((False, 99), (True, 100)):
        (view,) = views("voice", complete=complete, **connected)
        assert (view.within, view.counted, view.unmeasured) == (98, counted, 1)


def test_p4_calls_that_tell_only_their_length_are_unmeasured() -> None:
    (view,) = views("voice", hd_us=98, call_us=98, call_untold_us=2)
    assert (view.share, view.unmeasured, view.met) == ("100.0000", 2, True)
    (view,) = views("voice", hd_us=97, call_us=97, call_untold_us=3)
    assert view.met is None


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
    assert within(times, 100) == 95
