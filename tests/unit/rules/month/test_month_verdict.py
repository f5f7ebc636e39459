"""V1-V5, C3, C5-C7: states of minutes over arrays."""

import pytest

from streams.rules.month.span import DAY
from streams.rules.month.states import STATES
from tests.unit.rules.month.spans import START, Span


@pytest.mark.parametrize(
    ("failed", "ok", "state"),
    [(4, 396, "good"), (4, 395, "down"), (3, 100, "good"), (3, 1, "good"), (1, 1, "good")],
)
def test_v1_above_one_percent_and_four_failures_is_bad(failed: int, ok: int, state: str) -> None:
    assert Span().requests(5, platform=failed, ok=ok).states(5) == [state]


def test_v1_failures_of_ten_minutes_are_summed() -> None:
    spread = Span().requests([0, 3, 6, 9], platform=1, ok=20)
    assert spread.states(0, 3, 6, 9, 10) == ["good", "good", "good", "down", "idle"]
    assert Span().requests([0, 3, 6, 10], platform=1, ok=20).states(10) == ["good"], "the first is eleven minutes ago"


def test_v1_the_sums_ratio_must_exceed_too() -> None:
    busy = Span().requests(4, ok=1000).requests(5, platform=4, ok=6)
    assert busy.states(5) == ["good"]
    assert Span().requests(4, ok=300).requests(5, platform=4, ok=6).states(5) == ["down"]


def test_v1_the_window_reaches_before_the_span() -> None:
    assert Span().requests(-9, platform=3, ok=0).requests(0, platform=1, ok=1).states(0) == ["down"]
    assert Span().requests(-10, platform=3, ok=0).requests(0, platform=1, ok=1).states(0) == ["good"]


def test_v1_all_failed_and_nothing_else_asked_is_bad() -> None:
    assert Span().requests(5, platform=1).states(5) == ["down"]
    assert Span().requests(4, ok=1).requests(5, platform=1).states(5) == ["good"]
    assert Span().requests(4, ok=1).requests(5, platform=2).states(5) == ["down"]
    assert Span().requests(4, ok=5, platform=1).requests(5, platform=1).states(5) == ["down"]


def test_v1_requests_and_messages_are_judged_apart() -> None:
    assert Span().requests(5, platform=2, ok=9).messages(5, platform=2, ok=9).states(5) == ["good"]
    assert Span().requests(5, ok=999).messages(5, platform=4, ok=9).states(5) == ["down"]


def test_v2_vantages_decide_where_nothing_is_valid() -> None:
    assert Span().probes(5, ok=1, failed=2).states(5) == ["down"]
    assert Span().probes(5, ok=1, failed=1).states(5) == ["idle"]
    assert Span().probes(5, ok=2, failed=1).states(5) == ["good"]
    assert Span().probes(5, failed=3).requests(5, ok=1).states(5) == ["good"]


def test_v2_one_failing_vantage_decides_at_worst_all_at_best() -> None:
    assert Span().probes(5, ok=2, failed=1).bounds(5) == [(0, 0, 1)]
    assert Span().probes(5, ok=1, failed=2).bounds(5) == [(0, 1, 1)]
    assert Span().probes(5, failed=1).bounds(5) == [(1, 1, 1)]


def test_v2_two_witnesses_outweigh_a_valid_record_at_worst() -> None:
    assert Span().requests(5, ok=1).probes(5, failed=1).bounds(5) == [(0, 0, 0)]
    assert Span().requests(5, ok=1).probes(5, failed=2).bounds(5) == [(0, 0, 1)]
    assert Span().requests(5, ok=1).probes(5, failed=2, ok=1).bounds(5) == [(0, 0, 0)]


def test_v3_pending_comes_before_everything() -> None:
    span = Span().requests([4, 5], platform=9).frontier(START + 6)
    assert span.states(4, 5) == ["down", "pending"]
    span.window("force_majeure", 4, 6)
    assert span.states(4, 5) == ["excluded force_majeure", "pending"]
    assert span.judged().services["sms"].verdict.totals.excluded == {"force_majeure": 1}


def test_v3_bad_with_what_is_missing_is_blind() -> None:
    assert Span().requests(5, ok=12).dead({5: 4}).states(5) == ["blind"]
    assert Span().requests(5, ok=12).dead({5: 3}).states(5) == ["good"]
    assert Span().requests(5, ok=396).dead({5: 4}).states(5) == ["good"]


def test_v3_what_is_bad_as_received_stays_down() -> None:
    assert Span().requests(5, platform=9).dead({5: 90}).states(5) == ["down"]


def test_v4_states_add_up_to_the_span() -> None:
    span = Span(120).requests(range(20), ok=9).requests(range(30, 40), platform=9).dead({50: 9})
    span.window("ddos", 35, 45).frontier(START + 100)
    for verdict in [*(one.verdict for one in span.judged().services.values()), span.judged().platform]:
        assert sum(verdict.totals.by_state.values()) == verdict.totals.total == 120


def test_v5_the_platform_is_what_one_service_is() -> None:
    span = Span().requests(range(60), ok=9).requests(range(60), ok=9, service="voice")
    span.requests([1, 2], platform=9, service="voice").dead({2: 9, 3: 9})
    span.requests(4, platform=9).window("ddos", 4, 5)
    found = span.judged().platform
    assert [STATES[code].value for code in found.state[:6]] == ["good", "down", "down", "blind", "excluded", "good"]
    assert found.bounds.bad_at_worst[:6].tolist() == [False, True, True, True, True, False]


def test_v5_unobserved_services_are_no_part_of_it() -> None:
    judged = Span().requests(range(60), ok=9).judged()
    assert judged.services["voice"].verdict.uptime is None
    assert judged.platform.totals == judged.services["sms"].verdict.totals
    assert Span().judged().platform.uptime is None


def test_c3_messages_without_a_receipt_are_ours_after_72_hours() -> None:
    span = Span().messages(5, accepted=1, enroute=1)
    assert span.frontier(START + 6 + 3 * DAY).states(5) == ["down"]
    assert span.frontier(START + 5 + 3 * DAY).states(5) == ["idle"]
    settled = span.frontier(START + 6 + 3 * DAY).judged().services["sms"].reading.messages.settled
    assert (settled.failed[5], settled.valid[5], settled.unknown[5], settled.pending[5]) == (1, 1, 1, 0)


def test_c3_only_the_frontier_of_receipts_ends_the_wait() -> None:
    span = Span().messages(5, accepted=1)
    assert span.frontier(START + 9 * DAY, receipts=START + 2 * DAY).states(5) == ["idle"]


def test_c3_missing_receipts_may_be_those_that_never_came() -> None:
    span = Span().messages(5, accepted=6)
    assert span.bounds(5) == [(1, 1, 1)]
    assert span.dead({5: 3}, topic="carrier.receipts").bounds(5) == [(0, 1, 1)]
    span = Span().messages(5, accepted=9).dead({5: 2}, topic="carrier.receipts")
    assert span.bounds(5) == [(1, 1, 1)], "seven of eleven are ours in any case"


def test_c5_out_of_scope_is_counted_apart() -> None:
    numbers = Span().requests(5, ok=9).beyond(5, ok=2, platform=5, claimed=1, customer=7).judged()
    found = numbers.services["sms"].numbers
    assert (found.out_of_scope_ok, found.out_of_scope_failed, found.out_of_scope_down_minutes) == (2, 6, 1)
    assert numbers.services["sms"].verdict.totals.down_at_worst == 0


def test_c5_pending_minutes_would_not_be_down() -> None:
    span = Span().beyond(5, platform=5).frontier(START + 6)
    assert span.judged().services["sms"].numbers.out_of_scope_down_minutes == 0


def test_c6_the_failures_of_others_are_not_valid() -> None:
    span = Span().requests(5, platform=4, operator=1000, customer=1000, content=1000, recipient=1000)
    assert span.states(5) == ["down"]


def test_c7_a_claimed_failure_needs_a_window_that_vouches() -> None:
    span = Span().requests(5, ok=9, claimed=4)
    assert span.bounds(5) == [(0, 0, 1)]
    assert span.judged().services["sms"].numbers.unknown_records == 4
    vouched = span.window("dns", 5, 6)
    assert vouched.bounds(5) == [(0, 0, 0)]
    assert vouched.judged().services["sms"].numbers.unknown_records == 0
    assert vouched.listed() == [("excludes", 0), ("vouches", 1)]


def test_c7_a_window_against_attacks_vouches_for_nothing() -> None:
    assert Span().requests(5, ok=9, claimed=4).window("ddos", 5, 6).bounds(5) == [(0, 0, 1)]
