"""X1-X4, B1: which minutes a declared window excuses, and what is listed."""

from dataclasses import replace

import pytest

from schemas.declaration import Kind
from schemas.instants import MINUTE_MS, parse_instant
from schemas.reference import policies
from streams.rules.calendar import month_bounds
from streams.rules.exclusions import (
    Exclusions,
    Listed,
    ListingReason,
    Window,
    gap_minutes,
    is_outside_usual_hours,
    judge_windows,
)

ZECTO = policies()[0]
SPAN = month_bounds("2026-09", ZECTO.zone)
M = MINUTE_MS
HOUR = 60 * M
START = parse_instant("2026-09-10T02:00:00+05:00")


def window(kind: Kind = "scheduled_maintenance", start_ms: int = START, minutes: int = 60, **changes: object) -> Window:
    """A window that is announced, known and evidenced in good time unless told otherwise."""
    plain = Window(
        declaration_id="w",
        revision=0,
        kind=kind,
        services=frozenset({"sms"}),
        start_ms=start_ms,
        end_ms=start_ms + minutes * M,
        announced_at_ms=start_ms - 100 * HOUR,
        recorded_at_ms=start_ms - 100 * HOUR,
        evidence="seen",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def judged(*windows: Window) -> Exclusions:
    return judge_windows(windows, SPAN, ZECTO)


def excused(exclusions: Exclusions, service: str = "sms") -> int:
    return sum(bool(exclusions.kinds(service, minute)) for minute in SPAN.minutes())


def listing(reason: ListingReason, minutes: int, kind: Kind, declaration_id: str = "w") -> Listed:
    return Listed(declaration_id=declaration_id, revision=0, kind=kind, reason=reason, minutes=minutes)


def test_x1_48_hours_to_the_millisecond() -> None:
    in_time = window(announced_at_ms=START - 48 * HOUR)
    assert excused(judged(in_time)) == 60
    assert judged(in_time).listed({}) == ()
    late = replace(in_time, announced_at_ms=START - 48 * HOUR + 1)
    assert excused(judged(late)) == 0
    assert judged(late).listed({}) == (listing(ListingReason.NOTICE_TOO_SHORT, 60, "scheduled_maintenance"),)


def test_x1_a_late_notice_excludes_and_is_listed() -> None:
    proven = window(recorded_at_ms=START - 48 * HOUR)
    assert judged(proven).listed({("sms", START): "scheduled_maintenance"}) == ()
    unproven = replace(proven, recorded_at_ms=START - 48 * HOUR + 1)
    assert excused(judged(unproven)) == 60
    down = {("sms", START): "scheduled_maintenance", ("sms", START + M): "scheduled_maintenance"}
    elsewhere = {("voice", START): "scheduled_maintenance", ("sms", START + 2 * M): "ddos"}
    assert judged(unproven).listed({**down, **elsewhere}) == (  # type: ignore[dict-item]
        listing(ListingReason.NOTICE_UNPROVEN, 2, "scheduled_maintenance"),
    )


def test_x1_the_policy_can_void_what_is_unproven() -> None:
    strict = replace(ZECTO, unproven_notice="void")
    exclusions = judge_windows([window(recorded_at_ms=START)], SPAN, strict)
    assert excused(exclusions) == 0
    assert exclusions.listed({}) == (listing(ListingReason.NOTICE_UNPROVEN, 60, "scheduled_maintenance"),)


@pytest.mark.parametrize(
    ("start", "minutes", "outside"),
    [
        ("2026-09-10T02:00:00+05:00", 180, False),
        ("2026-09-10T01:59:59.999+05:00", 10, True),
        ("2026-09-10T02:00:00+05:00", 181, True),
        ("2026-09-10T02:00:00+05:00", 1440, True),
        ("2026-09-10T02:00:00Z", 10, True),
        ("2026-09-09T21:00:00Z", 180, False),
    ],
)
def test_x1_outside_usual_hours_it_excludes_with_a_warning(start: str, minutes: int, outside: bool) -> None:
    declared = window(start_ms=parse_instant(start), minutes=minutes)
    assert is_outside_usual_hours(declared, ZECTO) is outside
    assert excused(judged(declared)) in (minutes, minutes - 1)


def test_x2_the_60th_emergency_minute_excludes_the_61st_does_not() -> None:
    exclusions = judged(window("emergency_maintenance", minutes=61))
    assert exclusions.kinds("sms", START + 59 * M) == {"emergency_maintenance"}
    assert exclusions.kinds("sms", START + 60 * M) == frozenset()
    assert exclusions.listed({}) == (listing(ListingReason.EMERGENCY_BUDGET_SPENT, 1, "emergency_maintenance"),)


def test_x2_the_budget_is_the_platforms_union_in_time_order() -> None:
    first = window("emergency_maintenance", minutes=40, declaration_id="z-first")
    second = window(
        "emergency_maintenance", START + 20 * M, 60, declaration_id="a-second", services=frozenset({"voice"})
    )
    exclusions = judged(second, first)
    assert excused(exclusions, "sms") == 40
    assert excused(exclusions, "voice") == 40, "20 shared minutes count once, so 60 reach to the 40th of the second"
    assert exclusions.listed({}) == (
        listing(ListingReason.EMERGENCY_BUDGET_SPENT, 20, "emergency_maintenance", "a-second"),
    )


def test_x2_the_budget_starts_anew_with_karachis_month() -> None:
    astride = window("emergency_maintenance", SPAN.start_ms - 60 * M, 120)
    assert excused(judged(astride)) == 60
    assert judged(astride).listed({}) == ()
    august = judge_windows([astride], month_bounds("2026-08", ZECTO.zone), ZECTO)
    assert august.kinds("sms", SPAN.start_ms - 60 * M) == {"emergency_maintenance"}


def test_x2_two_windows_of_half_a_minute_spend_nothing() -> None:
    half = M // 2
    first = window("emergency_maintenance", declaration_id="a", end_ms=START + half)
    second = window("emergency_maintenance", declaration_id="b", start_ms=START + half, end_ms=START + 61 * M)
    assert judged(first, second).kinds("sms", START) == frozenset()
    assert excused(judged(first, second)) == 60


@pytest.mark.parametrize(("known_after_ms", "is_listed"), [(0, False), (1, True)])
def test_x2_x3_declared_after_the_start_is_listed(known_after_ms: int, is_listed: bool) -> None:
    kinds: list[Kind] = ["emergency_maintenance", "ddos", "operator_outage"]
    for kind in kinds:
        exclusions = judged(window(kind, recorded_at_ms=START + known_after_ms))
        expected = listing(ListingReason.DECLARED_AFTERWARDS, 1, kind)
        assert exclusions.listed({("sms", START): kind}) == ((expected,) if is_listed else ())
        assert excused(exclusions) == 60


@pytest.mark.parametrize(
    "kind", ["operator_outage", "internet_backbone", "dns", "force_majeure", "ddos", "regulatory_shutdown"]
)
def test_x3_without_evidence_it_is_void(kind: Kind) -> None:
    exclusions = judged(window(kind, evidence=""))
    assert excused(exclusions) == 0
    assert exclusions.listed({}) == (listing(ListingReason.NO_EVIDENCE, 60, kind),)


def test_x4_a_retracted_declaration_never_was() -> None:
    exclusions = judged(window(retracted=True, announced_at_ms=START))
    assert excused(exclusions) == 0
    assert exclusions.listed({}) == ()


def test_x4_a_minute_knows_all_kinds_that_cover_it() -> None:
    exclusions = judged(window("ddos", declaration_id="a"), window("dns", START + M, 1, declaration_id="b"))
    assert exclusions.kinds("sms", START) == {"ddos"}
    assert exclusions.kinds("sms", START + M) == {"ddos", "dns"}
    assert exclusions.kinds("voice", START) == frozenset()


def test_t2_a_window_of_half_a_minute_does_not_excuse() -> None:
    ragged = window("ddos", start_ms=START + M // 2, minutes=2)
    assert excused(judged(ragged)) == 1
    assert judged(ragged).kinds("sms", START + M) == {"ddos"}


def test_x4_only_declarations_that_overlap_the_month_are_listed() -> None:
    before = window("ddos", start_ms=SPAN.start_ms - 60 * M, evidence="")
    assert judged(before).listed({}) == ()
    touching = window("ddos", start_ms=SPAN.start_ms - 60 * M + 1, evidence="")
    assert judged(touching).listed({}) == (listing(ListingReason.NO_EVIDENCE, 0, "ddos"),)


def test_b1_a_telemetry_gap_touches_minutes_and_excuses_none() -> None:
    gap = window("telemetry_gap", start_ms=START + 1, minutes=1)
    assert list(gap_minutes([gap], "sms")) == [START, START + M]
    assert list(gap_minutes([gap], "voice")) == []
    assert list(gap_minutes([replace(gap, retracted=True)], "sms")) == []
    assert excused(judged(gap)) == 0
    assert judged(gap).listed({}) == ()
