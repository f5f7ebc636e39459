"""Why a minute is what it is, and why it may have been better or worse (V1-V3, X1-X4, B1-B5, C3, C7)."""

from typing import Any

import pytest

from schemas.fields import Service
from streams.months.declared import effects_of
from streams.months.doubts import doubts_of, missing_of_sources, silences_of
from streams.months.grounds import ServiceGrounds, arithmetic, decided_by, gaps_at
from streams.rules.month.inputs import LostOffsets
from streams.rules.month.reading import SpanContext
from streams.rules.month.span import DAY, WEEK
from tests.unit.rules.month.spans import START, Span, ms


def grounds(span: Span, service: Service = "sms") -> ServiceGrounds:
    """A span's grounds."""
    context = SpanContext(inputs=span.inputs, policy=span.policy)
    return ServiceGrounds.of(service, span.judged().services[service], context)


def decided(span: Span, minute: int) -> tuple[str, str]:
    """The rule, and the same in words."""
    return decided_by(grounds(span), START + minute)


def doubts(span: Span, minute: int) -> dict[str, int]:
    """What is in doubt, by code, with its records."""
    return {one.code.value: one.records for one in doubts_of(grounds(span), START + minute)}


def effects(span: Span, minute: int) -> dict[str, str]:
    """What declarations do, by id."""
    return {one.revision.declaration_id: one.effect for one in effects_of(grounds(span), START + minute)}


def test_v1_the_sums_of_ten_minutes_are_told() -> None:
    span = Span().requests(range(-5, 10), ok=97, platform=1)
    for minute in (0, 9):
        side = arithmetic(grounds(span), START + minute).requests
        lately = min(minute + 6, 10)
        assert (side.failed, side.valid, side.failed_lately, side.valid_lately) == (1, 98, lately, 98 * lately)
        assert side.bad
    assert not arithmetic(grounds(Span().requests(range(-2, 1), ok=97, platform=1)), START).requests.bad


def test_v1_names_the_traffic_that_was_bad() -> None:
    span = Span().requests(7, ok=5, platform=5).messages(7, ok=500, platform=1)
    assert decided(span, 7) == ("V1", "5 of 10 valid requests failed by our fault, 5 of 10 in 10 minutes")


def test_v2_decides_where_nothing_valid_was_counted() -> None:
    assert decided(Span().probes(7, ok=1, failed=2), 7) == (
        "V2",
        "nothing valid was counted, and 2 of 3 vantages failed",
    )
    assert arithmetic(grounds(Span().probes(7, failed=1)), START + 7).vantages_decide
    assert not arithmetic(grounds(Span().requests(7, ok=1).probes(7, failed=1)), START + 7).vantages_decide


@pytest.mark.parametrize(("ok", "words"), [(1, "valid traffic was answered"), (0, "probes succeeded")])
def test_v3_good_says_by_what(ok: int, words: str) -> None:
    assert decided(Span().requests(7, ok=ok).probes(7, ok=1), 7) == ("V3", words)
    assert decided(Span(), 7) == ("V3", "nothing valid was asked of the service")


def test_b5_a_pending_minute_says_so() -> None:
    assert decided(Span().frontier(START + 8), 7)[0] == "B5"


def test_b1_b3_a_gap_names_what_was_lost() -> None:
    declared = Span().window("telemetry_gap", 7.5, 9)
    assert (gaps_at(grounds(declared), START + 7), decided(declared, 7)[0]) == (["telemetry_gap"], "B1")
    span = Span()
    for topic in ("api.requests", "probes", "telemetry.manifests"):
        span.lost.append(LostOffsets(topic=topic, frontier_ms=ms(7), last_read_ms=None, first_after_ms=ms(8)))
    both = ["lost_offsets:api.requests", "lost_offsets:probes"]
    assert (gaps_at(grounds(span), START + 7), decided(span, 7)[0]) == (both, "B3")
    assert gaps_at(grounds(span), START + 9) == []
    assert gaps_at(grounds(span.requests(7, ok=1)), START + 7) == both[:1], "probes are lost where nothing was valid"


def test_b3_what_is_missing_blinds_and_names_its_source() -> None:
    span = Span().requests(7, ok=1).manifest({7: 9}, seen={7: 1})
    assert decided(span, 7) == ("B3", "8 records are missing: it would be bad")
    [found] = missing_of_sources(grounds(span), START + 7)
    assert (found.of, found.source, found.counted, found.seen, found.missing) == ("requests", "lb", 9, 1, 8)
    assert doubts(span, 7) == {"missing": 8}


def test_b2_a_silent_minute_shows_its_images() -> None:
    span = Span(300, before=4 * WEEK + 100)
    for week in (1, 2):
        span.requests(range(-week * WEEK - 60, -week * WEEK + 360), ok=2)
    span.requests([-4 * WEEK, *range(-50, 0)], ok=1)
    assert decided(span, 10)[0] == "B2"
    assert "silent" in doubts(span, 10)
    requests, both = silences_of(grounds(span), START + 10)
    assert (requests.start, requests.end) == ("2027-03-09T20:00:00Z", "2027-03-10T01:00:00Z")
    assert [image.sort.value for image in both.images] == ["busy", "busy", "quiet", "quiet"]


def test_b4_every_doubt_of_a_minute_is_told() -> None:
    counts: dict[str, Any] = {"ok": 5, "unknown": 1, "claimed": 2, "corrected": 3, "corrected_settled": 3}
    span = Span().requests(7, **counts).messages(7, ok=5, accepted=4).probes(7, failed=1)
    span.frontier(START + 60)
    assert doubts(span, 7) == {"unknown": 1, "claimed": 2, "corrected": 3, "pending": 4, "vantages": 0}
    assert doubts(span.frontier(START + 4 * DAY), 7)["never_handed_over"] == 4


def test_c7_a_window_that_vouches_takes_claims_out_of_doubt() -> None:
    span = Span().requests(7, ok=5, claimed=2).window("dns", 5, 9)
    assert doubts(span, 7) == {"vouched_for": 2}
    assert doubts(span, 9 + 1) == {}


def test_b4_unproven_and_lifted_windows_are_told() -> None:
    assert doubts(Span().requests(range(5, 9), platform=9).window("ddos", 7, 8), 7) == {"unproven_window": 0}
    at_night = Span(240).requests(70, ok=1, unknown=9).window("scheduled_maintenance", 60, 120)
    assert doubts(at_night, 70) == {"unknown": 9, "lifted": 0}


def test_x1_to_x4_every_declaration_says_what_it_does() -> None:
    span = Span(180).requests(range(60, 90), platform=9)
    span.window("scheduled_maintenance", 61, 100, had=0, declaration_id="late")
    span.window("scheduled_maintenance", 70.5, 100, declaration_id="partly")
    span.window("scheduled_maintenance", 30, 100, declaration_id="noticed")
    span.window("operator_outage", 61, 100, declaration_id="theirs")
    span.window("ddos", 61, 100, evidence=" ", declaration_id="bare")
    span.window("ddos", 61, 100, retracted=True, declaration_id="taken_back")
    span.window("telemetry_gap", 61, 70.5, declaration_id="gap")
    span.window("force_majeure", 90, 100, declaration_id="elsewhere")
    span.window("ddos", 61, 100, services=frozenset(["voice"]), declaration_id="of_voice")
    assert effects(span, 70) == {
        "bare": "no_evidence",
        "gap": "blinds",
        "late": "notice_too_short",
        "noticed": "covers",
        "partly": "covers_part_of_the_minute",
        "taken_back": "retracted",
        "theirs": "excuses_no_failure_of_ours",
    }
    assert decided(span, 70)[0] == "V1, X1"
    assert decided(span, 70)[1].endswith("; excused by scheduled maintenance")


def test_x1_outside_the_usual_hours_a_window_is_void() -> None:
    assert effects(Span().window("scheduled_maintenance", 50, 70), 55) == {"d": "outside_usual_hours"}
    assert effects(Span(120).window("scheduled_maintenance", 50, 70), 60) == {"d": "covers"}


def test_x3_an_outage_of_others_excuses_what_probes_alone_tell() -> None:
    span = Span().probes(7, failed=1).window("operator_outage", 5, 9)
    assert effects(span, 7) == {"d": "covers"}
    assert decided(span, 7)[0] == "V2, X3"
    assert effects(span.dead({7: 1}), 7) == {"d": "excuses_no_failure_of_ours"}


def test_v3_an_unknown_minute_is_excused_by_its_rule() -> None:
    span = Span().window("telemetry_gap", 7, 9, declaration_id="gap").window("ddos", 6, 9, declaration_id="flood")
    assert decided(span, 7)[0] == "B1, X3"
