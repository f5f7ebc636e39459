"""What `minutes` tells of a judged span, minute by minute (C1, C3, C5, C7, B3, I4, V2, V3)."""

from typing import Any

import msgspec
import pytest

from schemas.fields import Service
from streams.months.minutes import MinuteVerdict, minute_columns, minute_verdicts
from streams.rules.month.reading import SpanContext
from streams.rules.month.span import DAY
from tests.unit.rules.month.spans import START, Span


def told(span: Span, *minutes: int, service: Service = "sms") -> list[MinuteVerdict]:
    """What is told of some minutes of a span."""
    context = SpanContext(inputs=span.inputs, policy=span.policy)
    columns = minute_columns(service, span.judged().services[service], context)
    return [one for at in minutes for one in minute_verdicts(columns, START, START + at, START + at + 1)]


def test_c1_every_outcome_is_told_apart() -> None:
    outcomes = ("ok", "platform", "operator", "customer", "content", "recipient", "unknown", "claimed")
    counts: dict[str, Any] = {name: number for number, name in enumerate(outcomes, 1)}
    [found] = told(Span().requests(7, **counts).messages(7, **counts), 7)
    for traffic in (found.requests, found.messages):
        assert {name: getattr(traffic, name) for name in outcomes} == counts
    assert found.minute == "2027-03-09T20:07:00Z"


@pytest.mark.parametrize(("waited", "numbers"), [(False, (5, 0, 0)), (True, (0, 3, 2))])
def test_c3_messages_turn_once_their_time_has_passed(waited: bool, numbers: tuple[int, int, int]) -> None:
    span = Span().messages(7, accepted=3, enroute=2)
    span.frontier(START + 60, receipts=START + 8 + 3 * DAY - (not waited))
    [found] = told(span, 7)
    assert (found.messages.pending, found.messages.platform, found.messages.unknown) == numbers


def test_b3_missing_holds_manifests_letters_collisions_and_holes() -> None:
    span = Span(before=DAY).manifest(dict.fromkeys(range(-60, 0), 4), seen=dict.fromkeys(range(-60, 0), 4))
    span.dead({7: 2}, source="other").requests(7, collisions=1)
    assert told(span, 7)[0].requests.missing == 4 + 2 + 1


def test_i4_c5_corrected_and_out_of_scope_are_told() -> None:
    [found] = told(Span().requests(7, ok=5, corrected=3).beyond(7, ok=1, platform=2, customer=4), 7)
    assert (found.requests.corrected, found.requests.out_of_scope) == (3, 7)


def test_v3_an_excluded_minute_names_its_kind() -> None:
    span = Span().requests(range(5, 9), platform=9).window("scheduled_maintenance", 60, 70)
    span.window("ddos", 6, 8)
    found = told(span, 5, 6, 9)
    assert [(one.state, one.kind) for one in found] == [("down", None), ("excluded", "ddos"), ("idle", None)]


def test_v2_vantages_are_told() -> None:
    [found] = told(Span().probes(7, ok=1, failed=2), 7)
    assert msgspec.to_builtins(found.vantages) == {"ok": 1, "failed": 2}
    assert found.state == "down"
