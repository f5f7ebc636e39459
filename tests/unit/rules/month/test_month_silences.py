"""B2: silences, minutes in doubt, images, holidays and probes that stopped."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from streams.rules.month.span import DAY, WEEK
from tests.unit.rules.month.spans import START, Span

MONTH = 4 * WEEK + 100


def flags(span: Span, *minutes: int) -> list[str]:
    """`silent`, `doubt` or nothing, of some minutes."""
    reading = span.judged().services["sms"].reading
    return ["silent" if reading.silent[m] else "doubt" if reading.in_doubt[m] else "" for m in minutes]


def steady(count: int = 2, *, of: str = "requests", minutes: int = 300, weeks: Iterable[int] = (1, 2, 3, 4)) -> Span:
    """Records every minute until the span begins, and in these weeks around the same minutes; then nothing."""
    span = Span(minutes, before=MONTH)
    for week in weeks:
        getattr(span, of)(range(-week * WEEK - 60, -week * WEEK + minutes + 60), ok=count)
    return getattr(span, of)([-MONTH, *range(-50, 0)], ok=count)  # type: ignore[no-any-return]


def test_b2_what_was_busy_and_stops_is_silent() -> None:
    span = steady()
    assert flags(span, 0, 150, 299) == ["silent"] * 3
    assert span.states(0, 150, 299) == ["blind"] * 3
    assert span.bounds(0) == [(0, 0, 1)]


def test_b2_fifteen_expected_records_make_a_silence() -> None:
    assert flags(steady(1, minutes=15), 0, 14) == ["silent"] * 2
    assert flags(steady(1, minutes=14), 0, 13) == [""] * 2


def test_b2_the_second_greatest_week_says_what_was_expected() -> None:
    assert flags(steady(weeks=[1, 4]), 0) == ["silent"]
    assert flags(steady(weeks=[3]), 0) == [""]


def test_b2_two_busy_images_are_needed_else_doubt() -> None:
    span = steady(weeks=[1])
    span.requests(range(-2 * WEEK, -2 * WEEK + 300, 2), ok=9)
    assert flags(span, 0, 40, 150) == ["doubt"] * 3, "every other minute is 15 of 30"
    span.requests(range(-2 * WEEK - 30, -2 * WEEK + 330, 3), ok=9)
    assert flags(span, 150) == ["silent"], "and with every third more than 20"


def test_b2_busy_is_twenty_minutes_on_either_side() -> None:
    def found(before: int, after: int) -> list[str]:
        span = steady(weeks=[1], minutes=30)
        span.requests(range(-2 * WEEK - before, -2 * WEEK), ok=1)
        return flags(span.requests(range(-2 * WEEK, -2 * WEEK + after), ok=1), 0)

    assert found(20, 20) == ["silent"]
    assert found(19, 20) == ["doubt"]
    assert found(20, 19) == ["doubt"]


def test_b2_quiet_images_leave_no_doubt() -> None:
    span = Span(300, before=MONTH).requests(-MONTH, ok=1)
    for week in (1, 2, 3, 4):
        span.requests(-week * WEEK + 150, ok=99)
    assert flags(span, 0, 119, 120, 150, 180, 181) == ["", "", "", "", "", ""], "a burst is quiet before or after it"
    noisy = span.requests([-WEEK + 145], ok=1)
    assert flags(noisy, 120, 145, 146, 150, 151, 180) == ["", "", "doubt", "doubt", "", ""]


def test_b2_others_failures_and_manifests_do_not_end_a_silence() -> None:
    span = steady().requests(150, customer=9, unknown=3).beyond(151, ok=9).manifest({152: 0}, final=[152])
    assert flags(span, 149, 150, 151, 152, 153) == ["silent"] * 5


def test_b2_a_valid_record_ends_a_silence() -> None:
    span = steady().requests(150, ok=1)
    assert flags(span, 149, 150, 151) == ["silent", "", "silent"]
    assert flags(steady().requests(150, heard=1, customer=1), 150) == [""], "even one that does not count"


def test_b2_a_missing_record_does_not_end_a_silence() -> None:
    assert flags(steady().dead({150: 1}), 150) == ["silent"]


def test_b2_missing_records_were_to_be_expected() -> None:
    span = Span(60, before=MONTH).requests(-MONTH, ok=1)
    for week in (1, 2):
        span.dead(dict.fromkeys(range(-week * WEEK - 30, -week * WEEK + 90), 1))
    assert flags(span, 0, 59) == ["silent"] * 2


def test_b2_requests_can_be_silent_while_messages_flow() -> None:
    span = steady().messages(range(300), ok=9)
    assert flags(span, 100) == ["silent"]
    assert span.states(100) == ["blind"]


def test_b2_messages_alone_are_only_in_doubt() -> None:
    span = steady(of="messages").requests(range(300), ok=1)
    assert flags(span, 100) == ["doubt"]
    assert span.states(100) == ["good"]
    assert span.bounds(100) == [(0, 0, 1)]


def test_b2_messages_make_no_doubt_of_their_own() -> None:
    span = steady(of="messages", weeks=[1]).requests(range(300), ok=1)
    span.messages(range(-2 * WEEK, -2 * WEEK + 300, 5), ok=9)
    assert flags(span, 100) == [""]


def test_b2_both_together_can_be_silent() -> None:
    span = Span(300, before=MONTH).requests([-MONTH, -1], ok=1)
    for week in (1, 2):
        span.requests(range(-week * WEEK - 60, -week * WEEK + 360, 2), ok=1)
        span.messages(range(-week * WEEK - 59, -week * WEEK + 360, 2), ok=1)
    assert flags(span, 100) == ["silent"]


def test_b2_on_a_holiday_nobody_is_silent() -> None:
    span = steady(minutes=DAY)
    span.extra["holidays"] = [date(2027, 3, 10)]
    assert flags(span, 22 * 60 + 59, 23 * 60) == ["doubt", "silent"]


def test_b2_good_probes_end_blindness_but_not_at_worst() -> None:
    span = steady().probes(100, ok=2, failed=1).probes(101, ok=1, failed=1)
    assert span.states(100, 101) == ["good", "blind"]
    assert span.bounds(100) == [(0, 0, 1)]


def test_b2_only_minutes_before_the_frontier_are_silent() -> None:
    span = steady().frontier(START + 100)
    assert flags(span, 99, 100) == ["silent", ""]
    assert flags(steady(1).frontier(START + 14), 0) == [""]


def test_b2_a_silence_is_measured_as_a_whole() -> None:
    span = Span(10, before=MONTH + 300, after=10)
    for week in (1, 2):
        span.requests(range(-week * WEEK - 100, -week * WEEK + 100), ok=1)
    span.requests(-MONTH - 300, ok=1)
    assert flags(span, 0, 9) == ["silent"] * 2, "it began long before"
    short = Span(10, before=MONTH, after=5).requests([-MONTH, -1], ok=1)
    for week in (1, 2):
        short.requests(range(-week * WEEK - 30, -week * WEEK + 60), ok=1)
    assert flags(short, 0) == ["silent"], "ten minutes, and five after the span"
    assert flags(short.requests(13, ok=1), 0) == [""]


def young(age: int, *, minutes: int = 60) -> Span:
    """A service whose first record lies so many minutes before its silence."""
    span = Span(minutes, before=3 * WEEK)
    span.requests(-age, ok=1)
    return span.requests(range(max(-age, -60), 0), ok=1)


def test_b2_in_its_first_week_the_hour_before_is_expected() -> None:
    assert flags(young(3 * DAY), 0, 59) == ["doubt"] * 2
    few = Span(60, before=3 * WEEK).requests([-3 * DAY, *range(-14, 0)], ok=1)
    assert flags(few, 0) == [""]
    assert flags(few.requests(-60, ok=1), 0) == ["doubt"], "15 in an hour, for an hour"
    assert flags(Span(59, before=3 * WEEK).requests([-3 * DAY, *range(-15, 0)], ok=1), 0) == [""]


@pytest.mark.parametrize(("age", "found"), [(WEEK, ""), (WEEK + 60, "silent"), (2 * WEEK + 60, "doubt")])
def test_b2_one_busy_image_suffices_a_young_service(age: int, found: str) -> None:
    span = young(age)
    span.requests(range(-WEEK - (60 if age > WEEK else 0), -WEEK + 120), ok=1)
    if age > 2 * WEEK:
        span.requests(range(-2 * WEEK, -2 * WEEK + 60, 2), ok=1)
    assert flags(span, 0) == [found]


def test_b2_one_busy_image_suffices_for_a_day() -> None:
    span = young(WEEK + 60, minutes=2 * DAY).requests(range(-WEEK, -WEEK + 2 * DAY + 30), ok=1)
    assert flags(span, DAY - 1, DAY) == ["silent", "doubt"]


def test_b2_an_earlier_first_record_counts_though_not_given() -> None:
    span = young(WEEK + 60).requests(range(-WEEK - 60, -WEEK + 120), ok=1)
    assert flags(span, 0) == ["silent"]
    span.requests(range(-2 * WEEK, -2 * WEEK + 60, 2), ok=1)
    span.services["sms"] = replace(span.services["sms"], first_record=span.frame.first - 9 * WEEK)
    assert flags(span, 0) == ["doubt"]


def test_b2_probes_that_stop_leave_a_day_in_doubt() -> None:
    span = Span(2 * DAY, before=100).probes(range(-60, 0, 2), ok=1).requests(200, ok=1)
    span.services["sms"] = replace(span.services["sms"], first_record=START - 9 * WEEK)
    assert flags(span, 0, 199, 200, DAY - 2, DAY - 1) == ["doubt", "doubt", "", "doubt", ""]
    assert span.states(0) == ["idle"]
    assert span.bounds(0) == [(0, 0, 1)]
    assert flags(Span(60, before=100).probes(range(-60, -1, 2), ok=1).probes(-60, ok=1), 0) == ["doubt"]
    assert flags(Span(60, before=100).probes(range(-58, 0, 2), ok=1), 0) == [""], "29 of 60"


def test_b2_the_frontier_ends_what_probes_leave_in_doubt() -> None:
    assert flags(Span(60, before=100).probes(range(-60, 0), ok=1).frontier(START + 5), 4, 5) == ["doubt", ""]


def test_b2_messages_never_handed_over_are_valid() -> None:
    span = steady().messages(150, accepted=1)
    assert flags(span, 149) == ["silent"]
    by_both = Span(300, before=MONTH).messages(-MONTH, ok=1)
    for week in (1, 2):
        by_both.messages(range(-week * WEEK - 60, -week * WEEK + 360), ok=1)
    assert flags(by_both.messages(150, accepted=1), 149, 150) == ["silent", ""]
