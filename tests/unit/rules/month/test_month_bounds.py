"""B4, B5, I4, V2: what minutes are at best and at worst, and what is still open."""

from dataclasses import replace

from streams.rules.month.span import DAY
from tests.unit.rules.month.spans import START, Span, ms


def test_b4_unknown_is_ours_at_worst_and_fine_at_best() -> None:
    assert Span().requests(5, ok=9, unknown=4).bounds(5) == [(0, 0, 1)]
    assert Span().requests(5, platform=4, ok=9).bounds(5) == [(1, 1, 1)]
    assert Span().requests(5, platform=4, ok=9, unknown=387).bounds(5) == [(0, 1, 1)]
    assert Span().requests(5, platform=4, ok=9, unknown=386).bounds(5) == [(1, 1, 1)]


def test_b4_pending_messages_are_unknown() -> None:
    span = Span().messages(5, ok=9, enroute=4).frontier(START + 8)
    assert span.bounds(5) == [(0, 0, 1)]
    assert span.lost_bound(5) == [0]


def test_b4_worst_sums_reach_over_ten_minutes() -> None:
    assert Span().requests([0, 3, 6, 9], ok=9, unknown=1).bounds(6, 9) == [(0, 0, 0), (0, 0, 1)]


def test_b4_a_correction_is_undone_at_worst() -> None:
    once = Span().requests(5, ok=10, corrected=4, corrected_settled=4, corrected_valid=4)
    assert once.bounds(5) == [(0, 0, 1)]
    assert once.lost_bound(5) == [0]
    assert once.judged().services["sms"].numbers.corrected_in_our_favour == 4


def test_b4_a_corrected_identity_is_not_valid_twice() -> None:
    # 4 of 396 are bad, 4 of 400 are not: k takes the corrected ones out of V before c brings them back.
    edge = Span().requests(5, ok=396, corrected=4, corrected_settled=4, corrected_valid=4)
    assert edge.bounds(5) == [(0, 0, 1)]
    assert Span().requests(5, ok=400, corrected=4, corrected_settled=4, corrected_valid=4).bounds(5) == [(0, 0, 0)]


def test_b4_what_is_newly_in_scope_is_not_valid() -> None:
    diluted = Span().requests(5, platform=4, ok=396)
    assert diluted.bounds(5) == [(0, 0, 0)]
    assert diluted.requests(5, corrected=1, corrected_valid=1).bounds(5) == [(0, 0, 1)]


def test_i4_a_corrected_claim_counts_once_vouched_for() -> None:
    span = Span().requests(5, ok=9, claimed=4, corrected=4, corrected_claimed=4)
    assert span.bounds(5) == [(0, 0, 1)]
    vouched = span.window("dns", 5, 6)
    assert vouched.bounds(5) == [(0, 0, 1)]
    assert vouched.lost_bound(5) == [0]


def test_i4_the_greater_count_of_a_manifest_counts_at_worst() -> None:
    lowered = Span().requests(5, ok=9).manifest({5: 9}, greatest={5: 13}, seen={5: 9})
    assert lowered.states(5) == ["good"]
    assert lowered.bounds(5) == [(0, 0, 1)]
    assert lowered.lost_bound(5) == [1]
    assert lowered.judged().services["sms"].numbers.corrected_in_our_favour == 1


def test_b4_a_gap_is_good_at_best_even_where_down() -> None:
    span = Span().requests([4, 5], platform=9).window("telemetry_gap", 5, 5.1)
    assert span.states(4, 5) == ["down", "down"]
    assert span.bounds(4, 5) == [(1, 1, 1), (0, 1, 1)]


def test_b1_a_gap_blinds_every_minute_it_touches() -> None:
    span = Span().requests(range(60), ok=9).window("telemetry_gap", 4.5, 5.1)
    assert span.states(3, 4, 5, 6) == ["good", "blind", "blind", "good"]
    assert span.bounds(4) == [(0, 0, 1)]
    assert span.states(4, service="voice") == ["idle"]


def test_b1_a_retracted_gap_is_none() -> None:
    span = Span().requests(range(60), ok=9).window("telemetry_gap", 4, 6)
    assert span.window("telemetry_gap", 4, 6, revision=1, retracted=True).states(4) == ["good"]


def test_b4_only_evidence_excludes_at_best_not_at_worst() -> None:
    span = Span().requests(5, platform=9).window("ddos", 5, 6)
    assert span.states(5) == ["excluded ddos"]
    assert span.bounds(5) == [(0, 0, 1)]


def test_b4_maintenance_with_proven_notice_excludes_at_worst() -> None:
    span = Span(240).requests(90, platform=9).window("scheduled_maintenance", 60, 120)
    assert span.states(90) == ["excluded scheduled_maintenance"]
    assert span.bounds(90) == [(0, 0, 0)]


def test_b4_unproven_notice_does_not_exclude_at_worst() -> None:
    span = Span(240, policy=replace(Span().policy, broker_time_from_ms=ms(61)))
    span.requests(90, platform=9).window("scheduled_maintenance", 60, 120, had=50, announced_at_ms=ms(-4 * DAY))
    assert span.states(90) == ["excluded scheduled_maintenance"]
    assert span.bounds(90) == [(0, 0, 1)]
    assert span.listed() == [("excludes", 1), ("notice_unproven", 1)]


def test_b4_maintenance_lifts_what_is_bad_only_at_worst() -> None:
    span = Span(240).requests(90, ok=1, unknown=9).window("scheduled_maintenance", 60, 120)
    assert span.states(90) == ["good"]
    assert span.bounds(90) == [(0, 0, 0)]
    assert span.listed() == [("excludes", 0), ("vouches", 1)]
    assert Span().requests(5, ok=9, unknown=9).window("ddos", 5, 6).bounds(5) == [(0, 0, 1)]


def test_b4_pending_minutes_are_bad_at_worst_once_over() -> None:
    span = Span().frontier(START + 6, as_of=START + 8)
    assert span.states(4, 5, 7, 8) == ["idle", "pending", "pending", "pending"]
    assert span.bounds(4, 5, 7, 8) == [(0, 0, 0), (0, 0, 1), (0, 0, 1), (0, 0, 0)]
    assert span.lost_bound(5, 8) == [1, 0]


def test_b4_what_was_lost_alone_has_its_own_bound() -> None:
    span = Span().requests([4, 20], ok=9).requests(4, unknown=9).dead({20: 3})
    assert (span.bounds(4, 20), span.lost_bound(4, 20)) == ([(0, 0, 1), (0, 0, 0)], [0, 0])
    assert span.dead({20: 1}).lost_bound(4, 20) == [0, 1]


def test_b5_the_grace_is_passed_at_least() -> None:
    span = Span().frontier(START + 7)
    assert span.states(5, 6) == ["idle", "pending"]
    assert Span().frontier(START + 6).states(5) == ["pending"]


def test_b5_the_least_frontier_decides_and_says_why() -> None:
    span = Span(60)
    assert span.judged().complete
    span.frontier(START + 61 + 3 * DAY, receipts=START + 61)
    assert [(one.code.value, one.topic) for one in span.judged().open_reasons] == [
        ("receipts_may_come", "carrier.receipts"),
        ("backlog_unread", "carrier.receipts"),
    ]
    span.frontier(START + 60)
    assert {one.code.value for one in span.judged().open_reasons} == {"before_month_end_and_grace"}
    span.partitions = (*span.partitions, replace(span.partitions[0], partition=1, frontier_ms=None))
    assert span.states(0) == ["pending"]
    assert ("not_read_yet", 1) in [(one.code.value, one.partition) for one in span.judged().open_reasons]


def test_c3_a_month_waits_for_final_receipts() -> None:
    assert Span().frontier(START + 60 + 3 * DAY).judged().complete
    assert not Span().frontier(START + 60 + 3 * DAY - 1).judged().complete
