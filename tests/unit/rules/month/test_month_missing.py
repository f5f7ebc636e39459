"""B3, I3, M2: missing records by manifests, holes, dead letters and lost offsets, and completeness."""

import numpy as np

from streams.rules.month.inputs import LostOffsets
from streams.rules.month.span import DAY
from tests.unit.rules.month.spans import START, TOPICS, Span, ms

HUGE = 2**53 - 1


def missing(span: Span, *minutes: int) -> list[int]:
    known = span.judged().services["sms"].reading.requests.known_missing
    return [int(known[minute]) for minute in minutes]


def estimated(span: Span, *minutes: int) -> list[int]:
    reading = span.judged().services["sms"].reading.requests
    return [int(reading.missing[minute] - reading.known_missing[minute]) for minute in minutes]


def steady(count: int = 7, *, last: int = 0, minutes: int = 60) -> dict[int, int]:
    """A count of each of so many minutes, up to and with the last."""
    return dict.fromkeys(range(last - minutes + 1, last + 1), count)


def test_b3_a_manifest_counts_what_nobody_saw() -> None:
    span = Span().manifest({5: 12, 6: 12, 7: 0}, seen={5: 8, 6: 13})
    assert missing(span, 5, 6, 7) == [4, 0, 0]
    span.manifest({5: 3}, source="other")
    assert missing(span, 5) == [7]
    assert span.judged().services["sms"].numbers.missing_records == 7


def test_b3_a_sources_dead_letters_are_part_of_its_shortfall() -> None:
    span = Span().manifest({5: 12}, seen={5: 8}).dead({5: 3, 6: 3}, source="lb")
    assert missing(span, 5, 6) == [4, 3]
    assert missing(span.dead({5: 2}, source="lb", service=None), 5) == [5]
    assert missing(span.dead({5: 2}), 5) == [7], "what names no source is beside it"


def test_b3_a_dead_letter_without_a_service_counts_for_all() -> None:
    judged = Span().dead({5: 4}, service=None).judged()
    assert {service: one.numbers.missing_records for service, one in judged.services.items()} == dict.fromkeys(
        ["sms", "voice", "whatsapp", "email"], 4
    )
    assert judged.platform.uptime is not None


def test_b3_dead_letters_of_receipts_are_missing_messages() -> None:
    reading = Span().dead({5: 4}, topic="carrier.receipts").judged().services["sms"].reading
    assert (reading.requests.missing[5], reading.messages.missing[5]) == (0, 4)


def test_i3_collisions_are_missing() -> None:
    span = Span().requests(5, ok=9, collisions=4)
    assert span.states(5) == ["blind"]
    assert span.judged().services["sms"].numbers.collisions == 4


def test_b3_a_hole_misses_the_days_greatest_count() -> None:
    counts = {**steady(7), -40: 9, 20: 7}
    span = Span(before=100).requests(range(60), ok=9).manifest(counts, seen={10: 5, 11: 20})
    assert estimated(span, 0, 1, 10, 11, 19, 20) == [0, 9, 4, 0, 9, 0]
    assert missing(span, 1) == [0]
    assert span.bounds(11, 20) == [(0, 0, 1), (0, 0, 1)], "and from 21 on there is another hole"
    assert [(hole.source, hole.minutes) for hole in span.judged().manifest_holes] == [("lb", 19 + 39)]


def test_b3_a_hole_needs_an_hour_of_manifests() -> None:
    assert estimated(Span(before=100).manifest({**steady(minutes=60), 20: 7}), 5) == [7]
    assert estimated(Span(before=100).manifest({**steady(minutes=59), 20: 7}), 5) == [0]
    spread = {-minute: 7 for minute in range(0, 2 * DAY, 25)}
    assert estimated(Span(before=3 * DAY).manifest({**spread, 20: 7}), 5) == [0], "58 in the day before it"


def test_b3_a_source_that_counted_nothing_leaves_no_hole() -> None:
    span = Span(before=100).requests(range(60), ok=9).manifest({**steady(0), 20: 0})
    assert span.bounds(5) == [(0, 0, 0)]
    lowered = Span(before=100).requests(range(60), ok=9).manifest({**steady(0), 20: 0}, greatest={-3: 5})
    assert lowered.bounds(5) == [(0, 0, 1)], "but it had counted something before it was corrected"


def test_b3_a_hole_after_the_last_manifest_reaches_the_frontier() -> None:
    span = Span(before=100).requests(range(60), ok=9).manifest(steady()).frontier(START + 30)
    assert span.judged().manifest_holes[0].minutes == 29
    ended = Span(before=100).requests(range(60), ok=9).manifest(steady(), final=[0])
    assert ended.judged().manifest_holes == ()


def test_b3_a_final_manifest_opens_no_hole_before_the_next() -> None:
    assert estimated(Span(before=100).manifest({**steady(), 20: 7}, final=[0, 20]), 5) == [0]


def test_b3_the_first_day_of_a_hole_counts() -> None:
    span = Span(DAY + 60, before=100).manifest(steady())
    assert estimated(span, 1, DAY, DAY + 1) == [7, 7, 0]
    between = Span(2 * DAY, before=100).manifest({**steady(), 2 * DAY - 1: 7}, final=[2 * DAY - 1])
    assert estimated(between, DAY, DAY + 1) == [7, 0]


def test_b3_dead_letters_in_a_hole_count_beside_the_estimate() -> None:
    span = Span(before=100).manifest({**steady(), 20: 7}, final=[20]).dead({5: 2}, source="lb")
    assert (missing(span, 5), estimated(span, 5)) == ([2], [7])


def test_b3_lost_offsets_blind_every_service() -> None:
    span = Span().requests(range(60), ok=9)
    span.lost.append(LostOffsets(topic="api.requests", frontier_ms=ms(12), last_read_ms=ms(16), first_after_ms=ms(20)))
    assert span.states(10, 11, 20, 21) == ["good", "blind", "blind", "good"]
    assert span.states(11, service="email") == ["blind"]
    earlier = Span().requests(range(60), ok=9)
    earlier.lost.append(LostOffsets(topic="api.requests", frontier_ms=ms(9), last_read_ms=None, first_after_ms=ms(9)))
    assert earlier.states(8, 9, 10) == ["good", "blind", "good"]


def test_b3_a_hole_before_the_first_record_blinds_until_it() -> None:
    span = Span(20)
    span.lost.append(LostOffsets(topic="api.requests", frontier_ms=None, last_read_ms=None, first_after_ms=ms(9)))
    assert span.states(0, 9, 10) == ["blind", "blind", "idle"]


def test_b3_lost_probes_blind_minutes_without_a_valid_record() -> None:
    span = Span().requests(range(13), ok=9).requests(13, unknown=9)
    span.lost.append(LostOffsets(topic="probes", frontier_ms=ms(12), last_read_ms=None, first_after_ms=ms(20)))
    assert span.states(12, 13, 20, 21) == ["good", "blind", "blind", "idle"]


def test_b3_completeness_needs_every_manifest_of_both_topics() -> None:
    def complete(change: int = 0, *, unsourced: int = 0, lost: bool = False) -> bool:
        span = Span(60)
        for topic in TOPICS:
            span.manifest(dict.fromkeys(range(60 - change), 0), topic=topic, seen={3: 1})
        span.services["sms"].unsourced[30] += unsourced
        if lost:
            span.lost.append(
                LostOffsets(topic="telemetry.manifests", frontier_ms=ms(0), last_read_ms=None, first_after_ms=ms(1))
            )
        return span.judged().services["sms"].numbers.proven_complete

    assert complete()
    assert not complete(1)
    assert not complete(unsourced=1)
    assert not complete(lost=True)
    assert not Span().judged().services["sms"].numbers.proven_complete


def test_b3_late_manifests_are_counted() -> None:
    day_ms = DAY * 60_000
    assert Span().manifest({5: 1}, late_ms=day_ms).judged().services["sms"].numbers.late_manifests == 0
    assert Span().manifest({5: 1}, late_ms=day_ms + 1).judged().services["sms"].numbers.late_manifests == 1


def test_b3_what_manifests_count_does_not_wrap() -> None:
    span = Span()
    for number in range(2000):
        span.manifest({5: HUGE, 6: HUGE}, source=str(number), final=[6])
    assert missing(span, 5) == [2000 * HUGE]
    assert span.judged().services["sms"].numbers.missing_records == 4000 * HUGE
    assert span.states(4, 5, 7) == ["idle", "blind", "idle"]
    assert span.bounds(5) == [(0, 0, 1)]


def test_b3_python_integers_and_64_bits_agree() -> None:
    def verdict(extra: int) -> tuple[object, ...]:
        span = Span(120, before=100).requests(range(120), ok=9, unknown=1).requests([7, 8], platform=3)
        span.manifest({**steady(), 20: 7, 21: 9}, final=[21]).dead({90: 7})
        if extra:
            span.manifest({119: extra}, source="huge", final=[119])
        found = span.judged().services["sms"]
        bounds = found.verdict.bounds
        arrays = (found.verdict.state, bounds.bad_at_best, bounds.bad_at_worst, bounds.bad_if_lost)
        return (found.reading.requests.missing.dtype == object, [array[:110].tolist() for array in arrays])

    plain, exact = verdict(0), verdict(HUGE)
    assert (plain[0], exact[0]) == (False, True)
    assert plain[1] == exact[1]


def test_m2_nothing_at_all_is_unobserved() -> None:
    def observed(span: Span) -> bool:
        return span.judged().services["sms"].verdict.uptime is not None

    assert not observed(Span())
    assert observed(Span().requests(5, customer=1))
    assert observed(Span().beyond(5, ok=1))
    assert observed(Span().probes(5, failed=1))
    assert observed(Span().manifest({5: 0}, final=[5]))
    assert observed(Span().dead({5: 1}))
    assert not observed(Span().dead({-5: 1}))
    assert observed(Span().window("telemetry_gap", 5, 6))
    assert not observed(Span().requests(-1, ok=1).window("ddos", 5, 6))
    assert not np.any(Span().inputs.services["sms"].vantages_ok)
