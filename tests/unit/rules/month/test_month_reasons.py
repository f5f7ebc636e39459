"""What is told of a minute's missing records and silences adds up to what the rules counted (B2, B3)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rules.month.missing_reasons import MissingReason, collisions_of, missing_reasons
from streams.rules.month.reading import SpanContext, read_service
from streams.rules.month.silence_reasons import ImageSort, SilenceMeasure, silence_reasons
from streams.rules.month.span import DAY, WEEK
from tests.unit.rules.month.random_spans import random_span
from tests.unit.rules.month.spans import START, TOPICS, Span

MONTH = 4 * WEEK + 100


def context(span: Span) -> SpanContext:
    return SpanContext(inputs=span.inputs, policy=span.policy)


def missing(span: Span, minute: int) -> list[MissingReason]:
    return list(missing_reasons("api.requests", "sms", START + minute, context(span)))


@pytest.mark.examples
@given(st.integers(min_value=0, max_value=2**32))
def test_b3_the_reasons_add_up_to_what_is_missing(seed: int) -> None:
    span = random_span(np.random.default_rng(seed))
    of = context(span)
    for service in span.services:
        reading = read_service(service, of)
        for topic, traffic in zip(TOPICS, reading.traffic, strict=True):
            for minute in {0, span.frame.minutes // 2, *np.flatnonzero(traffic.missing_at_worst)[:5]}:
                at = of.first + int(minute)
                told, collisions = missing_reasons(topic, service, at, of), collisions_of(topic, service, at, of)
                assert sum(one.missing for one in told) + collisions == traffic.missing[minute]
                assert sum(one.missing_at_worst for one in told) + collisions == traffic.missing_at_worst[minute]


def test_b3_a_manifest_says_what_it_counts_and_what_came() -> None:
    [found] = missing(Span().manifest({5: 9}, greatest={5: 12}, seen={5: 7}), 5)
    assert (found.source, found.counted, found.greatest, found.seen) == ("lb", 9, 12, 7)
    assert (found.missing, found.missing_at_worst, found.estimate) == (2, 5, None)
    assert missing(Span().manifest({5: 9}, seen={5: 9}), 5) == []


def test_b3_of_a_source_the_greater_of_shortfall_and_letters() -> None:
    span = Span().manifest({5: 9}, seen={5: 7}).dead({5: 3}, source="lb").dead({5: 1}, service=None)
    assert [(one.source, one.dead_letters, one.missing) for one in missing(span, 5)] == [("", 1, 1), ("lb", 3, 3)]


def test_b3_a_hole_tells_its_estimate() -> None:
    span = Span(before=DAY).manifest(dict.fromkeys(range(-60, 0), 4), seen=dict.fromkeys(range(-60, 0), 4))
    [found] = missing(span, 0)
    assert (found.counted, found.estimate, found.missing) == (None, 4, 4)


def test_b2_a_silence_tells_its_run_and_its_images() -> None:
    span = Span(300, before=MONTH)
    for week in (1, 3):
        span.requests(range(-week * WEEK - 60, -week * WEEK + 360), ok=2)
    span.requests([-2 * WEEK, *range(-50, 0)], ok=1)
    requests, both = silence_reasons("sms", START + 10, context(span))
    assert (requests.measure, both.measure) == (SilenceMeasure.REQUESTS, SilenceMeasure.BOTH)
    assert (requests.start - START, requests.end - START) == (0, 300)
    assert [(one.weeks, one.sort) for one in requests.images] == [
        (1, ImageSort.BUSY),
        (2, ImageSort.QUIET),
        (3, ImageSort.BUSY),
        (4, ImageSort.BEFORE_FIRST_RECORD),
    ]
    first = requests.images[0]
    assert (first.minute, first.active_before, first.active_after) == (START + 10 - WEEK, 30, 30)
    assert [one.records for one in requests.images] == [600, 1, 600, 0]


def test_b2_a_minute_with_a_record_lies_in_no_silence() -> None:
    span = Span(60, before=MONTH)
    span.requests(range(-WEEK, -WEEK + 60), ok=2).requests([10, -1], ok=1)
    assert silence_reasons("sms", START + 10, context(span)) == ()
