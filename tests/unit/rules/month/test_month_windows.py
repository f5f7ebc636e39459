"""X1-X5: what declared windows exclude over arrays, what of them is void, and what is listed."""

from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest

from schemas.declaration import Kind
from streams.rules.month.inputs import RefusedDeclaration
from streams.rules.month.span import DAY
from tests.unit.rules.month.spans import ZECTO, Span, ms

NIGHT: Final[Kind] = "scheduled_maintenance"
EMERGENCY: Final[Kind] = "emergency_maintenance"
TICK = 1 / 60_000
"""A millisecond in minutes."""


def down(minutes: int = 300) -> Span:
    """Every minute is bad. The usual hours are minutes 60 to 240."""
    return Span(minutes).requests(range(-9, minutes), platform=9)


def excluded(span: Span) -> list[int]:
    verdict = span.judged().services["sms"].verdict
    return [int(minute) for minute in range(span.frame.minutes) if verdict.kind[minute]]


def test_x1_two_days_notice_excludes_within_the_usual_hours() -> None:
    assert excluded(down().window(NIGHT, 0, 300, had=-2 * DAY)) == list(range(60, 240))
    assert excluded(down().window(NIGHT, 100, 102, had=100 - 2 * DAY)) == [100, 101]
    short = down().window(NIGHT, 100, 102, had=100 - 2 * DAY + TICK)
    assert excluded(short) == []
    assert short.listed() == [("excludes", 0), ("notice_too_short", 2)]


def test_x1_outside_the_usual_hours_it_is_void_or_excludes() -> None:
    night = down().window(NIGHT, 50, 250)
    assert night.listed() == [("excludes", 180), ("outside_usual_hours", 20)]
    night.policy = replace(ZECTO, outside_usual_hours="excludes")
    assert night.listed() == [("excludes", 200)]


def test_x1_beyond_what_was_declared_in_time_is_overrun() -> None:
    span = down().window(NIGHT, 100, 110).window(NIGHT, 100, 120, revision=1, had=90)
    assert excluded(span) == list(range(100, 110))
    assert span.listed() == [("excludes", 10), ("overrun", 10), ("revised", 20)]


def test_x1_a_revision_keeps_only_what_both_cover() -> None:
    span = down().window(NIGHT, 100, 120).window(NIGHT, 110, 130, revision=1, had=90)
    assert excluded(span) == list(range(110, 120))


def test_x1_a_revision_moved_long_before_needs_its_own_notice() -> None:
    span = down().window(NIGHT, 100, 110, had=-9 * DAY).window(NIGHT, 150, 160, revision=1, had=150 - 2 * DAY)
    assert excluded(span) == list(range(150, 160))


def test_x_a_retraction_since_undoes_what_was_had_before() -> None:
    span = down().window(NIGHT, 100, 110).window(NIGHT, 100, 110, revision=1, had=-DAY, retracted=True)
    assert excluded(span) == []
    assert span.listed() == [("retracted", 10)]
    again = span.window(NIGHT, 100, 110, revision=2, had=-DAY + 1)
    assert again.listed() == [("retracted", 10), ("excludes", 0), ("notice_too_short", 10)]


def test_x_another_kind_or_service_was_not_had_in_time() -> None:
    assert excluded(down().window(NIGHT, 100, 110).window("ddos", 100, 110, revision=1, had=90)) == []
    span = down().window("ddos", 100, 110, had=-9 * DAY).window(NIGHT, 100, 110, revision=1, had=90)
    assert excluded(span) == []
    of_voice = down().window(NIGHT, 100, 110, services=frozenset(["voice"])).window(NIGHT, 100, 110, revision=1, had=90)
    assert excluded(of_voice) == []


def test_x_of_two_records_of_a_revision_the_greater_counts() -> None:
    span = down().window(NIGHT, 100, 120, content=2).window(NIGHT, 110, 130, content=1)
    assert excluded(span) == list(range(100, 120)), "each was had at its own time, the first is current"


def test_t2_a_window_covers_whole_minutes_only() -> None:
    assert excluded(down().window("ddos", 9.5, 12.5)) == [10, 11]
    halves = down().window("ddos", 10, 10.5, declaration_id="a").window("ddos", 10.5, 11, declaration_id="b")
    assert excluded(halves) == []


def test_x2_it_must_be_had_before_the_minute_begins() -> None:
    span = down().window(EMERGENCY, 10, 20, had=12)
    assert excluded(span) == list(range(13, 20))
    assert span.listed() == [("declared_afterwards", 3), ("excludes", 7)]
    assert excluded(down().window(EMERGENCY, 10, 20, had=12 - TICK)) == list(range(12, 20))


def test_x2_the_first_sixty_minutes_of_a_month_excuse() -> None:
    span = down().window(EMERGENCY, 10, 100)
    assert excluded(span) == list(range(10, 70))
    assert span.listed() == [("emergency_budget_spent", 30), ("excludes", 60)]


def test_x2_the_budget_is_the_platforms_union() -> None:
    span = down().window(EMERGENCY, 10, 50, declaration_id="a").window(EMERGENCY, 30, 90, declaration_id="b")
    assert excluded(span) == list(range(10, 70))
    span = down().window(EMERGENCY, 10, 60, services=frozenset(["voice"])).window(EMERGENCY, 55, 90, declaration_id="b")
    assert excluded(span) == list(range(55, 70))


def test_x2_void_minutes_spend_the_budget_too() -> None:
    span = down().window(EMERGENCY, 0, 55, had=60, declaration_id="a").window(EMERGENCY, 100, 110, declaration_id="b")
    assert excluded(span) == list(range(100, 105))


@pytest.mark.parametrize(("had", "left"), [(30, 40), (10 + TICK, 59), (10, 60), (-1, 60)])
def test_x2_minutes_begun_before_a_retraction_are_spent(had: float, left: int) -> None:
    span = down().window(EMERGENCY, 10, 40).window(EMERGENCY, 10, 40, revision=1, had=had, retracted=True)
    span.window(EMERGENCY, 100, 200, declaration_id="b")
    assert excluded(span) == list(range(100, 100 + left))


def test_x2_the_budget_starts_with_the_local_month() -> None:
    april = 22 * DAY - 60
    span = Span(23 * DAY).requests(range(april - 50, april + 100), platform=9)
    span.window(EMERGENCY, april - 40, april + 90)
    assert excluded(span) == list(range(april - 40, april + 60))


def test_x2_minutes_before_the_span_spend_its_months_budget() -> None:
    span = down().window(EMERGENCY, -DAY, -DAY + 50, declaration_id="a").window(EMERGENCY, 0, 60, declaration_id="b")
    assert excluded(span) == list(range(10))


def test_x3_another_fault_is_declared_when_it_is_over() -> None:
    assert excluded(down().window("ddos", 10, 20)) == list(range(10, 20))
    early = down().window("ddos", 10, 20, had=15)
    assert excluded(early) == list(range(10, 15))
    assert early.listed() == [("excludes", 5), ("foretold", 5)]
    late = down().window("ddos", 10, 20, had=15 + 7 * DAY)
    assert excluded(late) == list(range(14, 20))
    assert late.listed() == [("declared_too_late", 4), ("excludes", 6)]


def test_x3_a_shutdown_may_be_known_beforehand() -> None:
    assert excluded(down().window("regulatory_shutdown", 10, 20, had=-DAY)) == list(range(10, 20))
    late = down().window("regulatory_shutdown", 10, 20, had=30 + 7 * DAY)
    assert late.listed() == [("declared_too_late", 10), ("excludes", 0)]


def test_x3_without_evidence_it_is_void() -> None:
    assert down().window("ddos", 10, 20, evidence=" \t").listed() == [("excludes", 0), ("no_evidence", 10)]


def test_x3_a_later_confirmation_makes_up_for_a_forecast() -> None:
    span = down().window("ddos", 10, 20, had=0).window("ddos", 10, 20, revision=1, had=20)
    assert excluded(span) == list(range(10, 20))
    assert span.listed() == [("excludes", 10)]


@pytest.mark.parametrize("kind", ["operator_outage", "internet_backbone", "dns"])
def test_x3_others_outages_excuse_only_what_probes_say(kind: Kind) -> None:
    assert excluded(down().window(kind, 10, 20)) == []
    assert excluded(Span().probes(12, failed=1).window(kind, 10, 20)) == [12]
    assert excluded(Span().probes(12, failed=1).dead({12: 1}).window(kind, 10, 20)) == []
    assert excluded(Span().dead({12: 9}).window(kind, 10, 20)) == [], "blind is no fault of theirs"


def test_v3_what_nothing_is_known_of_can_be_excused() -> None:
    span = Span().dead({12: 9}).window("ddos", 10, 20)
    assert span.states(12, 13) == ["excluded ddos", "idle"]
    assert span.bounds(12) == [(0, 0, 1)]


def test_x4_the_first_kind_in_order_excludes() -> None:
    span = down().window("ddos", 100, 120).window("force_majeure", 110, 130, declaration_id="b")
    span.window(NIGHT, 115, 118, declaration_id="c")
    assert [span.states(minute)[0] for minute in (109, 110, 115, 118, 130)] == [
        "excluded ddos",
        "excluded force_majeure",
        "excluded scheduled_maintenance",
        "excluded force_majeure",
        "down",
    ]


def test_x4_each_of_several_windows_counts_a_minute() -> None:
    span = down().window("ddos", 10, 20).window("ddos", 15, 25, declaration_id="e")
    assert span.listed() == [("excludes", 10), ("excludes", 10)]


def test_x4_excluded_minutes_are_summed_void_ones_are_not() -> None:
    both = frozenset(["sms", "voice"])
    span = down().requests(range(300), platform=9, service="voice")
    span.window(NIGHT, 50, 70, services=both)
    assert span.listed() == [("excludes", 20), ("outside_usual_hours", 10)]


def test_x4_only_what_overlaps_the_span_is_listed() -> None:
    assert down().window("ddos", -5, 0).listed() == []
    assert down().window("ddos", -5, TICK).listed() == [("excludes", 0)]
    assert down().window("ddos", 300, 301).listed() == []
    assert down().window("ddos", -5, 3).listed() == [("excludes", 3)], "minutes before the span are not its own"


def test_x4_gaps_and_refused_declarations_are_listed() -> None:
    span = Span().window("telemetry_gap", 4.5, 6)
    assert span.listed() == [("telemetry_gap", 2)]
    span.refused += [RefusedDeclaration(declaration_id=str(at), recorded_at_ms=ms(at)) for at in (-1, 0, 60)]
    assert [(row.declaration_id, row.reason.value, row.kind) for row in span.judged().listings] == [
        ("0", "refused", None),
        ("d", "telemetry_gap", "telemetry_gap"),
    ]


def test_x4_a_retracted_revision_is_listed_with_its_own_minutes() -> None:
    span = Span().window("ddos", 4, 9).window("ddos", 4, 9, revision=1, had=10, retracted=True)
    assert span.listed() == [("retracted", 5)]


@pytest.mark.parametrize("ends", [(6, 9), (9, 6)])
def test_x4_contradicting_records_of_a_revision_are_listed_in_order(ends: tuple[int, int]) -> None:
    span = Span()
    for end in ends:
        span.window("ddos", 4, end, retracted=True)
    assert span.window("ddos", 4, 9, revision=1).listed()[:2] == [("retracted", 2), ("retracted", 5)]


def test_x4_a_moved_window_is_listed_in_both_months() -> None:
    moved = down().window("ddos", 10, 20).window("ddos", 1000, 1010, revision=1)
    assert moved.listed() == [("revised", 10)]


def test_x5_excluded_minutes_count_as_up_or_not_at_all() -> None:
    span = Span(100).requests(range(40), platform=9).requests(range(40, 100), ok=9).window("ddos", 0, 20)
    assert shares(span) == (Fraction(80, 100), Fraction(60, 100), Fraction(80, 100))
    span.policy = replace(ZECTO, excluded="removed")
    assert shares(span) == (Fraction(60, 80), Fraction(60, 100), Fraction(60, 80))


def shares(span: Span) -> tuple[Fraction, Fraction, Fraction]:
    uptime = span.judged().services["sms"].verdict.uptime
    assert uptime is not None
    return uptime.uptime, uptime.uptime_low, uptime.uptime_high


def test_b4_only_maintenance_lifts_and_vouches_for_it() -> None:
    span = Span(300).requests(range(-9, 300), ok=9).requests(100, unknown=9)
    span.window(EMERGENCY, 90, 110).window("regulatory_shutdown", 90, 110, declaration_id="e")
    assert span.bounds(100) == [(0, 0, 0)]
    rows = [(row.declaration_id, row.reason.value, row.minutes) for row in span.judged().listings]
    assert rows == [("d", "excludes", 0), ("d", "vouches", 1), ("e", "excludes", 0)]
